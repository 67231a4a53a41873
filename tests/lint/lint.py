#!/usr/bin/env python3
"""Checks what no compiler checks: who may include whom, and some habits of the tree.

  lint.py [--root DIR] [RULE...]   prints `file:line: rule: what is wrong`, exits 1 if anything is
  lint.py --list                   prints the names of the rules

A rule is a function from a Tree to findings; rules.py and layers.py hold them. Every rule has a
test in lint_test.py that shows it can fail.
"""

import argparse
import pathlib
import sys

import layers
import rules
from tree import Tree

RULES = {**layers.RULES, **rules.RULES}


def run(root, names):
    tree = Tree(root)
    findings = []
    for name in names:
        findings += [f"{f.path}:{f.line}: {name}: {f.text}" for f in RULES[name](tree)]
    return findings


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    here = pathlib.Path(__file__).resolve()
    parser.add_argument("--root", type=pathlib.Path, default=here.parents[2])
    parser.add_argument("--list", action="store_true")
    parser.add_argument("rules", nargs="*", metavar="RULE")
    args = parser.parse_args()
    if args.list:
        print("\n".join(RULES))
        return 0
    unknown = [name for name in args.rules if name not in RULES]
    if unknown:
        parser.error(f"no rule {unknown[0]!r}; there are: {', '.join(RULES)}")
    findings = run(args.root, args.rules or list(RULES))
    for finding in findings:
        print(finding)
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
