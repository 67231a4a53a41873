"""The named workloads: what is run against which loop, and the goals. To add one, write a function
that returns a Workload and list it in WORKLOADS."""

import pathlib
from dataclasses import dataclass, field

from harness.contestants import ClusterEngine, Contestant, LocalEngine, Loop
from harness.data import text_file

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


WORKLOADS = {"word_count": word_count}
