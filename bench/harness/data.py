"""The generated input, made once and kept: the name says everything that decides the content."""

import hashlib
import pathlib
import subprocess

from harness.process import BenchError

GENERATOR = ("make_text.cpp", "random.hpp", "text_writer.cpp", "text_writer.hpp", "vocabulary.cpp",
             "vocabulary.hpp")


def text_file(folder, programs, size, seed=1):
    """A text of at least `size` bytes; made by the built make_text unless it is there already."""
    sources = pathlib.Path(__file__).parents[1] / "data"
    version = hashlib.sha256(b"".join((sources / name).read_bytes() for name in GENERATOR))
    folder = pathlib.Path(folder)
    path = folder / f"text-{size}-seed{seed}-{version.hexdigest()[:8]}.txt"
    if path.exists():
        return path
    folder.mkdir(parents=True, exist_ok=True)
    command = [programs / "make_text", "--bytes", str(size), "--seed", str(seed), path]
    try:
        subprocess.run(command, check=True)
    except (OSError, subprocess.CalledProcessError) as error:
        raise BenchError(f"cannot make {path}: {error}") from error
    return path
