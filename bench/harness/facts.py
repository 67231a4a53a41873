"""Measurements without a baseline: start-up, idle memory, memory that does not grow.
Each returns plain data: name, unit, the measured values, and the limit that is the goal."""

import time

from harness.chunk_store import chunk_store
from harness.cluster import Cluster
from harness.compare import progress, scratch_folder
from harness.latency import latency
from harness.process import fact, memory_mb

STARTUP_TEXT_BYTES = 20_000
IDLE_SETTLE_S = 2
WAITING_JOB_S = 5
LISTED_TIMES = 10
STALL_MS = 3000


def startup(setting, runs, folder):
    """`leat local` on a small file, from exec to exit with the result written."""
    text = setting.text(STARTUP_TEXT_BYTES)
    values = []
    for number in range(runs * 2 + 1):
        progress(f"startup: run {number + 1} of {runs * 2 + 1}")
        with scratch_folder(folder) as scratch:
            command = [setting.leat, "local", "--slots", 2, "-p", 2, "--mode", "batch",
                       setting.job("word_count"), "--input", text, "--output", scratch / "result"]
            values.append(setting.runner.run(command, scratch).wall_s * 1000)
    progress("")
    return [fact("`leat local` on a small file, exec to exit", "ms", values[1:], limit=100)]


def idle(setting, runs, folder):
    """Resident memory and CPU use of daemons that have nothing to do."""
    del runs
    with scratch_folder(folder) as scratch:
        with Cluster(setting.leat, scratch / "cluster", task_managers=2, slots=1) as cluster:
            time.sleep(IDLE_SETTLE_S)
            before = sum(cluster.cpu_s())
            time.sleep(IDLE_SETTLE_S)
            used = sum(cluster.cpu_s()) - before
            managers = [memory_mb(daemon.pid) for daemon in cluster.task_managers]
            waiting = cpu_of_waiting_job(setting, cluster, scratch)
            return [
                fact("idle JobManager, resident", "MB", [memory_mb(cluster.job_manager.pid)], 50),
                fact("idle TaskManager, resident", "MB", managers, 50),
                fact("CPU used by an idle JobManager and two TaskManagers", "% of a core",
                     [100 * used / IDLE_SETTLE_S], 5),
                fact("CPU used by the same with a job of ten records a second", "% of a core",
                     [100 * waiting / WAITING_JOB_S], 5),
            ]


def cpu_of_waiting_job(setting, cluster, scratch):
    """CPU time of all daemons while a job runs that mostly waits; deploying it is in it."""
    command = [setting.leat, "run", "-m", cluster.address, "-p", 2, "--mode", "streaming",
               setting.programs / "bench_latency.so", "--rate", 10, "--seconds", WAITING_JOB_S,
               "--subtasks", 2, "--keys", 10, "--output", scratch / "result"]
    before = sum(cluster.cpu_s())
    setting.runner.run(command, scratch)
    return sum(cluster.cpu_s()) - before


def bounded_memory(setting, runs, folder):
    """Peak memory of word count with the text once and listed ten times: it must not grow with the
    input. Files are read, not mapped, so that the page cache does not count."""
    del runs
    text = setting.text(200_000_000)
    peaks = []
    for times in (1, LISTED_TIMES):
        progress(f"memory: the text listed {times} times")
        with scratch_folder(folder) as scratch:
            command = [setting.leat, "local", "--slots", 2, "-p", 2, "--mode", "batch",
                       setting.job("word_count"), "--input", *[text] * times,
                       "--output", scratch / "result"]
            peaks.append(setting.runner.run(command, scratch).peak_rss_mb)
    progress("")
    return [
        fact("peak memory, word count of the text", "MB", peaks[:1], digits=0),
        fact(f"peak memory, the text listed {LISTED_TIMES} times", "MB", peaks[1:], digits=0),
        fact("growth", "times", [peaks[1] / peaks[0]], limit=1.25, digits=2),
    ]


def stalled_sink(setting, runs, folder):
    """Peak memory while a sink stands still and its source could go on at full speed."""
    del runs
    peaks, walls = [], []
    for stall_ms in (0, STALL_MS):
        progress(f"stalled sink: {stall_ms} ms")
        with scratch_folder(folder) as scratch:
            command = [setting.leat, "local", "--slots", 2, "-p", 2, "--mode", "streaming",
                       setting.programs / "bench_stalled_sink.so", "--count", setting.size(40_000_000),
                       "--keys", 1000, "--stall-ms", stall_ms]
            sample = setting.runner.run(command, scratch)
            peaks.append(sample.peak_rss_mb)
            walls.append(sample.wall_s)
    progress("")
    return [
        fact("peak memory, the sink takes all", "MB", peaks[:1], digits=0),
        fact(f"peak memory, the sink stands still for {STALL_MS / 1000:.0f} s", "MB", peaks[1:], digits=0),
        fact("growth", "times", [peaks[1] / peaks[0]], limit=1.25, digits=2),
        fact("the run took longer by", "s", [walls[1] - walls[0]]),
    ]


FACTS = {"startup": startup, "idle": idle, "bounded_memory": bounded_memory,
         "stalled_sink": stalled_sink, "latency": latency,
         "chunk_store": chunk_store}
