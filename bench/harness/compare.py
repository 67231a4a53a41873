"""Runs contestants against each other: interleaved rounds in one run, so that what disturbs the
machine disturbs all of them, and ratios within a round."""

import contextlib
import hashlib
import pathlib
import shutil
import statistics
import sys

from harness.process import BenchError


@contextlib.contextmanager
def scratch_folder(parent):
    """An empty folder that is gone afterwards."""
    folder = pathlib.Path(parent) / "scratch"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def result_digest(path):
    """Equal for equal sets of lines, however they are spread over files."""
    path = pathlib.Path(path)
    if not path.exists():
        return None
    files = [path] if path.is_file() else [
        f for f in sorted(path.rglob("*")) if f.is_file() and not f.name.startswith(".")]
    lines = [line for file in files for line in file.read_bytes().splitlines()]
    lines.sort()
    return hashlib.sha256(b"\n".join(lines)).hexdigest()


def check_results(workload, folder, runner):
    """One round that does not count: warms caches up and compares the contestants' results."""
    digests = {}
    for contestant in workload.contestants:
        with scratch_folder(folder) as scratch:
            contestant.run(scratch, runner)
            digests[contestant.name] = result_digest(contestant.result(scratch))
    expected = digests[workload.baseline.name]
    wrong = [name for name, digest in digests.items() if digest not in (None, expected)]
    if wrong:
        raise BenchError(f"{workload.name}: {', '.join(wrong)} and {workload.baseline.name} "
                         "do not have the same result; a time for a wrong result says nothing")


def run_rounds(workload, rounds, folder, runner):
    """{contestant name: its samples, one a round}. Each round starts with another contestant."""
    samples = {contestant.name: [] for contestant in workload.contestants}
    for number in range(rounds):
        order = list(workload.contestants)
        shift = number % len(order)
        for contestant in order[shift:] + order[:shift]:
            progress(f"{workload.name}: round {number + 1} of {rounds}, {contestant.name}")
            with scratch_folder(folder) as scratch:
                samples[contestant.name].append(contestant.run(scratch, runner))
    progress("")
    return samples


def ratios(samples, name, baseline, value="wall_s"):
    """The baseline's time over the contestant's, round by round: above 1 the contestant is faster.
    The baseline's is its wall time, for CPU time its CPU time. Empty where a sample has no value."""
    base_value = "cpu_s" if value == "cpu_s" else "wall_s"
    pairs = zip(samples[baseline], samples[name])
    return [getattr(base, base_value) / getattr(sample, value) for base, sample in pairs
            if getattr(sample, value)]


def summary(values):
    """Median and range; what is reported of any list of measurements."""
    return {"median": statistics.median(values), "min": min(values), "max": max(values)}


def progress(text):
    """One line that replaces itself on a terminal; nothing elsewhere."""
    if sys.stderr.isatty():
        print(f"\r\033[K{text}", end="", file=sys.stderr, flush=True)
