"""The store of checkpoints against LevelDB alone, and whether many checkpoints leave it as it was."""

import subprocess

from harness.compare import progress, scratch_folder
from harness.process import fact


def chunk_store(setting, runs, folder):
    """The store of checkpoints against LevelDB alone taking the same chunks in the same synced batches,
    and whether it stays as fast and as small over many checkpoints."""
    program = setting.programs / "chunk_store"

    def lines(*arguments):
        output = subprocess.run([program, *map(str, arguments)], check=True, text=True,
                                stdout=subprocess.PIPE).stdout
        return [line.split() for line in output.splitlines()]

    mib = setting.size(1024)
    ratios = {"write": [], "read": []}
    rates = {"write": [], "read": []}
    for number in range(runs):
        progress(f"chunk store: run {number + 1} of {runs}")
        mode = "write-store-first" if number % 2 else "write"
        with scratch_folder(folder) as scratch:
            seconds = {(what, who): float(value) for what, who, value in lines(mode, scratch, mib)}
        for what in ratios:
            ratios[what].append(seconds[what, "store"] / seconds[what, "leveldb"])
            rates[what].append(mib / seconds[what, "store"])
    progress("chunk store: retention")
    with scratch_folder(folder) as scratch:
        quarters = [[float(value) for value in line[1:]]
                    for line in lines("retain", scratch, setting.size(8192))]
    progress("")
    facts = []
    for what in ratios:
        facts.append(fact(f"{what} chunks of 256 KiB to 1 MiB", "MiB/s", rates[what]))
        facts.append(fact(f"{what}, time over LevelDB's alone", "times", ratios[what],
                          limit=round(1 / 0.7, 2), digits=2))
    for index, (name, unit) in enumerate([("rate", "MiB/s"), ("on disk", "MiB"), ("live", "MiB"),
                                          ("longest call", "ms")]):
        for when in (0, -1):
            facts.append(fact(f"retaining three checkpoints of 64 MiB, {name}, "
                              f"{'last' if when else 'first'} quarter", unit,
                              [quarters[when][index]]))
    return facts
