"""How long a record takes through one hash shuffle, over a control run whose source only ticks."""

import pathlib

from harness.compare import progress, scratch_folder
from harness.contestants import ClusterEngine, LocalEngine
from harness.process import BenchError, fact

RATE = 100_000
SECONDS = 11  # the first is left out
KEYS = 1000
SUBTASKS = 2
PERCENTILES = (50, 99, 99.9, 99.99)
LIMITS_MS = {99: 5, 99.99: 20}
CONTROL = "control"


def latency(setting, runs, folder):
    """Percentiles of the time from when a record was due to its arrival behind the shuffle. The
    goals are for the difference to the control of the same round, so that what the machine's
    scheduling adds to both drops out."""
    rounds = {contestant.name: [] for contestant in contestants(setting)}
    for number in range(runs):
        for contestant in contestants(setting):
            progress(f"latency: round {number + 1} of {runs}, {contestant.name}")
            with scratch_folder(folder) as scratch:
                contestant.run(scratch, setting.runner)
                delays = read_delays(contestant.result(scratch))
            rounds[contestant.name].append([percentile_ms(delays, p) for p in PERCENTILES])
    progress("")
    return facts_of(rounds)


def contestants(setting):
    # As long in a quick run, at a twentieth of the rate: it is the waiting that takes the time.
    arguments = ["--rate", setting.size(RATE), "--seconds", SECONDS, "--subtasks", SUBTASKS,
                 "--keys", KEYS, "--output", "RESULT"]
    job = setting.programs / "bench_latency.so"

    def engine(kind, name, *more):
        return kind(name, setting.leat, job, [*arguments, *more], parallelism=SUBTASKS,
                    mode="streaming")

    return [engine(LocalEngine, CONTROL, "--control"), engine(LocalEngine, "one process"),
            engine(ClusterEngine, "two processes")]


def read_delays(folder):
    """[(nanoseconds, records)] in ascending order, of all subtasks together."""
    lines = [line.split() for file in sorted(pathlib.Path(folder).glob("latency-*"))
             for line in file.read_text().splitlines()]
    if not lines:
        raise BenchError(f"no record arrived behind the warm-up, says {folder}")
    return sorted((int(nanoseconds), int(records)) for nanoseconds, records in lines)


def percentile_ms(delays, percent):
    """The delay that so many percent of the records do not exceed."""
    left = sum(records for _, records in delays) * percent / 100
    for nanoseconds, records in delays:
        left -= records
        if left <= 0:
            return nanoseconds / 1e6
    return delays[-1][0] / 1e6


def facts_of(rounds):
    """Facts from {contestant: [percentiles of a round]}."""
    facts = []
    for name, values in rounds.items():
        for i, percent in enumerate(PERCENTILES):
            facts.append(fact(f"{name}, p{percent:g}", "ms", [value[i] for value in values], digits=2))
            if name != CONTROL and percent in LIMITS_MS:
                over = [value[i] - control[i] for value, control in zip(values, rounds[CONTROL])]
                facts.append(fact(f"{name}, p{percent:g} over the control", "ms", over,
                                  LIMITS_MS[percent], digits=2))
    return facts
