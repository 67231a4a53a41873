"""Habits that a reader notices: file sizes, sleeps in tests, leftovers, headers, links."""

import re

from tree import Finding

MAX_LINES = 500
LEFTOVER = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b")
SLEEP = re.compile(r"\b(sleep_for|sleep_until|usleep|nanosleep|sleep)\s*\(")
# A variable at namespace or class scope of a header: `inline int x`, `static std::map<…> y{};`.
HEADER_VARIABLE = re.compile(
    r"^\s*(?:(?:static|inline|thread_local)\s+)+(?!.*\b(?:const|constexpr|consteval|constinit)\b)"
    r"[\w:<>,\s*&]+[\s>*&]\w+\s*(?:;|=|\{[^()]*\}\s*;)")
LINK = re.compile(r"\[[^\]]*\]\(([^)\s#]+)(#[^)\s]*)?\)")


def small_files(tree):
    for file in tree.files:
        if len(file.lines) > MAX_LINES and file.suffix in {".hpp", ".cpp", ".proto", ".py", ".cmake"}:
            yield Finding(file.path, len(file.lines),
                          f"{len(file.lines)} lines; above {MAX_LINES} a file does too much")


def no_sleeps_in_tests(tree):
    for file in tree.cpp("tests"):
        for number, line in file.code():
            match = SLEEP.search(line)
            if match:
                yield Finding(file.path, number,
                              f"{match.group(1)}: wait on a condition with a deadline, or step a "
                              "simulated clock")


def no_leftovers(tree):
    for file in tree.files:
        if file.below("tests/lint"):
            continue
        for number, line in enumerate(file.lines, 1):
            match = LEFTOVER.search(line)
            if match:
                yield Finding(file.path, number, f"{match.group(0)}: finish it or open an issue")


def pragma_once(tree):
    for file in tree.cpp():
        if file.suffix == ".hpp" and not re.search(r"^#pragma once$", file.text, re.MULTILINE):
            yield Finding(file.path, 1, "a header needs #pragma once")


def no_using_namespace_in_headers(tree):
    for file in tree.cpp():
        if file.suffix != ".hpp":
            continue
        for number, line in file.code():
            if re.match(r"using\s+namespace\b", line):
                yield Finding(file.path, number, "`using namespace` in a header reaches everyone")


def no_mutable_statics_in_headers(tree):
    for file in tree.cpp("runtime", "serialization", "actors", "cli"):
        if file.suffix != ".hpp":
            continue
        for number, line in file.code():
            if HEADER_VARIABLE.match(line):
                yield Finding(file.path, number,
                              "a mutable static in a header: every job object would get its own; "
                              "define it in a .cpp file of the library")


def counted_threads(tree):
    for file in tree.cpp("actors", "cli", "tests"):
        if file.path == "actors/own_thread.hpp":
            continue
        for number, line in file.code():
            if re.search(r"\bcaf::detached\b", line):
                yield Finding(file.path, number,
                              "caf::detached: use actors/own_thread.hpp, which counts the actor; the "
                              "end of its system may hang otherwise")


def links_resolve(tree):
    for file in tree.files:
        if file.suffix != ".md":
            continue
        fenced = False
        for number, line in enumerate(file.lines, 1):
            if line.lstrip().startswith("```"):
                fenced = not fenced
            if fenced:
                continue
            for match in LINK.finditer(line):
                target = match.group(1)
                if re.match(r"[a-z]+:", target):
                    continue
                base = tree.root if target.startswith("/") else (tree.root / file.path).parent
                if not (base / target.lstrip("/")).exists():
                    yield Finding(file.path, number, f"the link {target} leads nowhere")


RULES = {
    "small_files": small_files,
    "no_sleeps_in_tests": no_sleeps_in_tests,
    "no_leftovers": no_leftovers,
    "pragma_once": pragma_once,
    "no_using_namespace_in_headers": no_using_namespace_in_headers,
    "no_mutable_statics_in_headers": no_mutable_statics_in_headers,
    "counted_threads": counted_threads,
    "links_resolve": links_resolve,
}
