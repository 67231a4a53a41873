"""The named workloads: what is run against which loop, and the goals. To add one, write a function
that returns a Workload and list it in WORKLOADS."""

import pathlib
from dataclasses import dataclass, field

from harness.contestants import ClusterEngine, Contestant, LocalEngine, Loop
from harness.data import text_file
from harness.process import Runner

TEXT_BYTES = 200_000_000


@dataclass
class Setting:
    """Where things are, and how much to measure."""

    root: pathlib.Path
    build: pathlib.Path
    quick: bool = False

    @property
    def leat(self):
        return self.build / "bin" / "leat"

    @property
    def programs(self):
        return self.build / "bench"

    @property
    def runner(self):
        return Runner(self.programs / "run_measured")

    def job(self, name):
        return self.build / "jobs" / f"{name}.so"

    def size(self, number):
        """The amount of data: a twentieth for a quick look, whose figures mean little."""
        return number // 20 if self.quick else number

    def text(self, size):
        return text_file(self.root / "build" / "bench-data", self.programs, self.size(size))


@dataclass
class Workload:
    """Contestants of one race; the first is the baseline that ratios and goals refer to."""

    name: str
    about: str
    records: int
    contestants: list[Contestant]
    bytes: int | None = None
    goals: dict[str, float] = field(default_factory=dict)
    cpu_goals: dict[str, float] = field(default_factory=dict)  # for the ratio by CPU time

    @property
    def baseline(self):
        return self.contestants[0]


def word_count(setting):
    text = setting.text(TEXT_BYTES)
    loop = setting.programs / "word_count_loop"
    words = count_words(text)
    engine = (setting.leat, setting.job("word_count"), ["--input", text, "--output", "RESULT"])
    return Workload(
        name="word_count",
        about=f"{text.stat().st_size / 1e6:.0f} MB of text, {words / 1e6:.1f} M words, batch",
        records=words,
        bytes=text.stat().st_size,
        contestants=[
            Loop("tuned loop", loop, "tuned", "RESULT", text),
            Loop("plain loop", loop, "plain", "RESULT", text),
            Loop("packed loop", loop, "packed", "RESULT", text),
            LocalEngine("leat -p 2", *engine, parallelism=2),
            LocalEngine("leat -p 1", *engine, parallelism=1),
            LocalEngine("leat -p 2, no combining", *engine, parallelism=2,
                        options=["-D", "execution.batch.combine=false"]),
            ClusterEngine("leat 2 processes", *engine, parallelism=2),
        ],
        goals={"leat -p 2": 1.0, "leat -p 1": 0.6, "leat 2 processes": 0.8},
    )


def count_words(text):
    """The number of words, kept beside the text: counting them takes longer than a benchmark."""
    kept = text.with_suffix(".words")
    if not kept.exists():
        kept.write_text(f"{sum(1 for _ in words_of(text))}\n")
    return int(kept.read_text())


def words_of(text):
    table = bytes(c if chr(c).isalnum() and c < 128 or c == ord("_") else ord(" ") for c in range(256))
    with open(text, "rb") as lines:
        for line in lines:
            yield from line.translate(table).split()


def numbers(setting, name, about, count, keys, mode="streaming", output=False, goals=None, loops=None):
    """A workload over generated 16-byte records: the loop and the job have the same name. `loops` are
    {contestant: how the program is to do it}, where it knows several ways."""
    count = setting.size(count)
    result = ["RESULT"] if output else []
    program = setting.programs / f"{name}_loop"
    arguments = ["--count", count, "--keys", keys, *(["--output", "RESULT"] if output else [])]
    engine = (setting.leat, setting.programs / f"bench_{name}.so", arguments)
    return Workload(
        name=name,
        about=f"{count / 1e6:.0f} M records of 16 bytes, {about}",
        records=count,
        bytes=16 * count,
        contestants=[
            *(Loop(loop, program, *way, count, keys, *result)
              for loop, way in (loops or {"loop": []}).items()),
            LocalEngine("leat -p 1", *engine, parallelism=1, mode=mode),
            LocalEngine("leat -p 2", *engine, parallelism=2, mode=mode),
        ],
        goals=goals or {},
    )


def sum_by_key(setting):
    return numbers(setting, "sum_by_key", "1 k keys, streaming, discarded", 100_000_000, 1000,
                   goals={"leat -p 1": 0.4, "leat -p 2": 0.8})


def sum_by_key_1m(setting):
    return numbers(setting, "sum_by_key", "1 M keys, streaming, discarded", 40_000_000, 1_000_000)


def sum_by_key_batch(setting):
    return numbers(setting, "sum_by_key", "1 M keys, batch, written", 40_000_000, 1_000_000,
                   mode="batch", output=True)


def pass_through(setting):
    return numbers(setting, "pass_through", "generator, map, filter, discarded", 200_000_000, 1000,
                   loops={"tuned loop": ["compact"], "plain loop": ["plain"]}, goals={"leat -p 1": 0.7})


def wide_records(setting):
    count, customers = setting.size(5_000_000), 10_000
    engine = (setting.leat, setting.programs / "bench_wide_records.so",
              ["--count", count, "--customers", customers])
    return Workload(
        name="wide_records",
        about=f"{count / 1e6:.1f} M records of about 200 bytes, 10 k keys, streaming, discarded",
        records=count,
        bytes=200 * count,
        contestants=[
            Loop("loop", setting.programs / "wide_records_loop", count, customers),
            LocalEngine("leat -p 1", *engine, parallelism=1, mode="streaming"),
            LocalEngine("leat -p 2", *engine, parallelism=2, mode="streaming"),
        ],
    )


def shuffle(setting):
    """Has no loop: what it measures does not exist in one. Each record crosses two edges."""
    count = setting.size(50_000_000)
    engine = (setting.leat, setting.programs / "bench_shuffle.so", ["--count", count, "--keys", 1000])
    return Workload(
        name="shuffle",
        about=f"{count / 1e6:.0f} M records of 16 bytes across two edges, counted, discarded",
        records=count,
        bytes=2 * 16 * count,
        contestants=[
            LocalEngine("leat -p 2", *engine, parallelism=2, mode="streaming"),
            LocalEngine("leat -p 1", *engine, parallelism=1, mode="streaming"),
            ClusterEngine("leat 2 processes", *engine, parallelism=2, mode="streaming"),
        ],
    )


def slots(setting):
    """The same work cut into ever more subtasks, each a thread, on the same cores. One slot cannot
    use two cores: it is held to the same work by CPU time."""
    count = setting.size(60_000_000)
    engine = (setting.leat, setting.programs / "bench_sum_by_key.so", ["--count", count, "--keys", 1000])
    return Workload(
        name="slots",
        about=f"{count / 1e6:.0f} M records of 16 bytes, sum by key, 1 k keys, streaming, discarded",
        records=count,
        bytes=16 * count,
        contestants=[LocalEngine(f"leat -p {p}", *engine, parallelism=p, mode="streaming")
                     for p in (2, 1, 8, 64)],
        goals={"leat -p 8": 0.8, "leat -p 64": 0.8},
        cpu_goals={"leat -p 1": 0.8},
    )


WORKLOADS = {
    "word_count": word_count,
    "sum_by_key": sum_by_key,
    "sum_by_key_1m": sum_by_key_1m,
    "sum_by_key_batch": sum_by_key_batch,
    "pass_through": pass_through,
    "wide_records": wide_records,
    "shuffle": shuffle,
    "slots": slots,
}
