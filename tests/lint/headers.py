#!/usr/bin/env python3
"""Compiles each header on its own, twice included, so that none relies on its includer.

  headers.py --build DIR [--parallel N]   DIR holds compile_commands.json; slow, so no ctest test
"""

import argparse
import json
import multiprocessing.pool
import pathlib
import shlex
import subprocess
import sys

KEPT = ("-I", "-D", "-std", "-f")
FOLDERS = ("runtime", "serialization", "actors", "cli")


def include_flags(build):
    """The compiler and the flags that decide what a header sees, from any file of the library."""
    entries = json.loads((build / "compile_commands.json").read_text())
    words = shlex.split(entries[0]["command"])
    flags = [word for word in words if word.startswith(KEPT)]
    for position, word in enumerate(words):
        if word == "-isystem":
            flags += [word, words[position + 1]]
    compiler = next(word for word in words if word.endswith(("++", "clang")))
    return [compiler, *flags]


def compile_alone(command, root, header):
    text = f'#include "{header}"\n#include "{header}"\n'
    result = subprocess.run([*command, "-fsyntax-only", "-x", "c++", "-"], input=text, text=True,
                            cwd=root, capture_output=True, check=False)
    return header, result.returncode, result.stderr


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", type=pathlib.Path, required=True)
    parser.add_argument("--parallel", type=int, default=2)
    args = parser.parse_args()
    root = pathlib.Path(__file__).resolve().parents[2]
    command = include_flags(args.build)
    headers = [p.relative_to(root).as_posix() for f in FOLDERS for p in (root / f).rglob("*.hpp")]
    failed = 0
    with multiprocessing.pool.ThreadPool(args.parallel) as pool:
        jobs = [(command, root, header) for header in sorted(headers)]
        for header, code, errors in pool.starmap(compile_alone, jobs):
            if code != 0:
                failed += 1
                print(f"{header}: does not compile on its own\n{errors}")
    print(f"{len(headers) - failed} headers compile on their own, {failed} do not")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
