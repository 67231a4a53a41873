"""`--profile NAME[/CONTESTANT]`: where one contestant of a workload spends its time."""

from harness import flame_graph, perf
from harness.compare import scratch_folder
from harness.contestants import ClusterEngine
from harness.process import BenchError
from harness.workloads import WORKLOADS

HOTTEST = 20


def profile(wanted, setting, folder):
    """Writes an SVG below `folder` and prints the functions that took most."""
    workload, contestant = find(wanted, setting)
    perf.check_available()
    stem = f"flame-{workload.name}-{contestant.name}".replace(" ", "-")
    graph = folder / f"{stem}.svg"
    with scratch_folder(folder) as scratch:
        recording = perf.Recording(scratch)
        record(contestant, scratch, recording, setting.runner)
        stacks = recording.stacks([contestant.job] if contestant.is_engine else [])
    if not stacks:
        raise BenchError("perf recorded no samples; was the run shorter than some milliseconds?")
    title = f"{workload.name}, {contestant.name}: {sum(stacks.values())} samples of CPU time"
    graph.write_text(flame_graph.draw(stacks, title))
    print(title)
    for share, frame in perf.hottest(stacks, HOTTEST):
        print(f"  {100 * share:5.1f} %  {frame}")
    print(f"\nThe flame graph is {graph}")


def find(wanted, setting):
    """The workload and the contestant; the first of the engine's unless one is named."""
    name, _, part = wanted.partition("/")
    if name not in WORKLOADS:
        raise BenchError(f"no workload {name!r}; there are: {', '.join(WORKLOADS)}")
    workload = WORKLOADS[name](setting)
    workload.name = name
    for contestant in workload.contestants:
        if contestant.name == part or (not part and contestant.is_engine):
            return workload, contestant
    names = ", ".join(repr(contestant.name) for contestant in workload.contestants)
    raise BenchError(f"{name} has no contestant {part!r}; there are: {names}")


def record(contestant, scratch, recording, runner):
    if not isinstance(contestant, ClusterEngine):
        runner.run(recording.command(contestant.command(scratch)), scratch)
        return
    attached = []
    contestant.on_start = lambda cluster: attached.append(
        recording.attach([daemon.pid for daemon in cluster.task_managers]))
    try:
        contestant.run(scratch, runner)
    finally:
        for process in attached:
            recording.detach(process)
