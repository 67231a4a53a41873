"""The files that rules look at, read once."""

import pathlib
import re
from typing import NamedTuple

FOLDERS = (
    "runtime", "serialization", "actors", "cli", "examples", "bench", "tests", "cmake", "docs",
    "docker", "k8s",
)
SUFFIXES = {".hpp", ".cpp", ".proto", ".py", ".cmake", ".md", ".txt", ".sh", ".yaml", ".in"}


class Finding(NamedTuple):
    path: str
    line: int
    text: str


class File:
    def __init__(self, root, path):
        self.path = path.relative_to(root).as_posix()
        self.text = path.read_text(encoding="utf-8", errors="replace")
        self.lines = self.text.splitlines()
        self.suffix = path.suffix
        self.is_cpp = path.suffix in {".hpp", ".cpp"}

    def below(self, *folders):
        return any(self.path.startswith(folder + "/") for folder in folders)

    def code(self):
        """(number, line) without // comments and the contents of string literals."""
        for number, line in enumerate(self.lines, 1):
            line = re.sub(r'"(\\.|[^"\\])*"', '""', line)
            yield number, re.sub(r"//.*", "", line)

    def includes(self):
        """(number, delimiter, name) of each #include."""
        for number, line in enumerate(self.lines, 1):
            match = re.match(r'\s*#\s*include\s*([<"])([^>"]+)[>"]', line)
            if match:
                yield number, match.group(1), match.group(2)


class Tree:
    def __init__(self, root):
        self.root = pathlib.Path(root).resolve()
        self.files = []
        top = [p for p in self.root.iterdir() if p.is_file()]
        below = [p for f in FOLDERS for p in (self.root / f).rglob("*") if p.is_file()]
        for path in sorted(top + below):
            if path.suffix in SUFFIXES and "__pycache__" not in path.parts:
                self.files.append(File(self.root, path))

    def cpp(self, *folders):
        return [f for f in self.files if f.is_cpp and (not folders or f.below(*folders))]
