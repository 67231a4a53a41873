"""Who may include whom. Includes point down only; docs/architecture.md tells why."""

import re

from tree import Finding

# Folder -> the folders of the tree it may include. The longest folder that matches a file counts.
LAYERS = {
    "runtime/base": ["runtime/base"],
    "serialization": ["serialization", "runtime/base"],
    "runtime": ["runtime", "serialization"],
    "actors": ["actors", "runtime", "serialization"],
    "cli": ["cli", "actors", "runtime", "serialization"],
    "examples": [],
    "bench": ["bench", "cli", "actors", "runtime", "serialization"],
    "tests": ["tests", "cli", "actors", "runtime", "serialization"],
}

# Where CAF's headers may be included: nowhere else would a change of actor library be felt.
CAF_FOLDERS = ["actors", "bench", "tests/actors", "tests/cli", "tests/integration", "tests/support"]

# What only the operating system or another thread could provide stands behind an interface in
# runtime/, so that a test can step the engine; its driver runs in an actor.
RUNTIME_FORBIDDEN_HEADERS = {
    "thread", "mutex", "shared_mutex", "condition_variable", "future", "semaphore", "latch",
    "barrier", "stop_token",
}
RUNTIME_FORBIDDEN_CALLS = re.compile(
    r"\b(steady_clock|system_clock|high_resolution_clock)::now\b|\bclock_gettime\s*\(|"
    r"\bgettimeofday\s*\(|\bsleep_(for|until)\b|\busleep\s*\(|\bnanosleep\s*\(|\bpthread_\w+\s*\(|"
    r"\brandom_device\b|\brand\s*\(")


def layer_of(file):
    matching = [folder for folder in LAYERS if file.below(folder)]
    return max(matching, key=len, default=None)


def includes_point_down(tree):
    for file in tree.cpp():
        layer = layer_of(file)
        if layer is None:
            continue
        for number, delimiter, name in file.includes():
            if delimiter == "<":
                continue
            allowed = LAYERS[layer]
            if not any(name.startswith(folder + "/") for folder in allowed):
                listed = ", ".join(allowed) or "only <leat/…>"
                yield Finding(file.path, number,
                              f'{layer}/ must not include "{name}" (allowed: {listed}; '
                              "paths start at the root of the tree)")


def includes_exist(tree):
    for file in tree.cpp():
        for number, delimiter, name in file.includes():
            if delimiter == '"' and not name.endswith(".pb.h") and not (tree.root / name).is_file():
                yield Finding(file.path, number, f'there is no "{name}" in the tree')


def caf_only_in_actors(tree):
    for file in tree.cpp():
        if file.below(*CAF_FOLDERS):
            continue
        for number, _, name in file.includes():
            if name.startswith("caf/"):
                yield Finding(file.path, number,
                              f"<{name}>: CAF is included in {', '.join(CAF_FOLDERS)} only")


# The operating system's headers; a .cpp file of runtime/base may implement an interface with them.
SYSTEM_HEADERS = re.compile(
    r"(sys|netinet|arpa|linux)/\w+\.h|"
    r"(unistd|fcntl|dirent|dlfcn|elf|errno|link|poll|signal|stdlib|string|time)\.h")


def base_needs_only_std(tree):
    for file in tree.cpp("runtime/base"):
        for number, delimiter, name in file.includes():
            if delimiter != "<" or re.fullmatch(r"[a-z0-9_]+", name):
                continue
            if file.suffix == ".cpp" and SYSTEM_HEADERS.fullmatch(name):
                continue
            yield Finding(file.path, number,
                          f"<{name}>: runtime/base includes the standard library only "
                          "(and, in .cpp files, the operating system)")


def runtime_has_no_threads_or_clock(tree):
    for file in tree.cpp("runtime"):
        for number, _, name in file.includes():
            if name in RUNTIME_FORBIDDEN_HEADERS:
                yield Finding(file.path, number,
                              f"<{name}>: runtime/ has no threads; the caller steps it")
        for number, line in file.code():
            match = RUNTIME_FORBIDDEN_CALLS.search(line)
            if match:
                yield Finding(file.path, number,
                              f"{match.group(0).strip('( ')}: runtime/ takes the time (and chance) "
                              "from its caller")


def examples_use_the_public_api(tree):
    for file in tree.cpp("examples"):
        for number, delimiter, name in file.includes():
            if delimiter == "<" and "/" in name and not name.startswith("leat/"):
                yield Finding(file.path, number, f"<{name}>: an example includes <leat/…> only")


RULES = {
    "layers": includes_point_down,
    "includes_exist": includes_exist,
    "caf_only_in_actors": caf_only_in_actors,
    "base_needs_only_std": base_needs_only_std,
    "runtime_without_threads_or_clock": runtime_has_no_threads_or_clock,
    "examples_public_api": examples_use_the_public_api,
}
