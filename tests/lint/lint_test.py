#!/usr/bin/env python3
"""Shows for each rule that it can fail: a small tree that breaks it, and one that does not.

  lint_test.py [RULE]
"""

import pathlib
import sys
import tempfile

import lint

# Rule -> (files that break it, each once; files that keep it).
HEADER = "#pragma once\n"
CASES = {
    "layers": (
        {
            "runtime/base/a.hpp": '#include "runtime/graph/x.hpp"\n',
            "runtime/graph/b.hpp": '#include "actors/x.hpp"\n',
            "runtime/state/c.cpp": '#include "c.hpp"\n',
            "serialization/d.hpp": '#include "runtime/graph/x.hpp"\n',
            "actors/e.hpp": '#include "cli/x.hpp"\n',
            "cli/f.cpp": '#include "tests/support/x.hpp"\n',
            "examples/g.cpp": '#include "runtime/api/leat.hpp"\n',
        },
        {
            "runtime/base/a.hpp": '#include "runtime/base/x.hpp"\n',
            "runtime/graph/b.hpp": '#include "runtime/base/x.hpp"\n#include "serialization/x.hpp"\n',
            "actors/e.hpp": '#include "actors/x.hpp"\n#include "runtime/x.hpp"\n',
            "tests/runtime/h.cpp": '#include "actors/x.hpp"\n#include "tests/support/x.hpp"\n',
        },
    ),
    "includes_exist": (
        {"runtime/a.hpp": '#include "runtime/gone.hpp"\n'},
        {
            "runtime/a.hpp": '#include "runtime/b.hpp"\n#include "serialization/proto/c.pb.h"\n',
            "runtime/b.hpp": HEADER,
        },
    ),
    "caf_only_in_actors": (
        {
            "runtime/a.hpp": "#include <caf/actor.hpp>\n",
            "cli/b.cpp": "#  include <caf/all.hpp>\n",
            "tests/runtime/c.cpp": '#include "caf/all.hpp"\n',
        },
        {"actors/a.hpp": "#include <caf/actor.hpp>\n", "tests/actors/b.cpp": "#include <caf/x.hpp>\n"},
    ),
    "base_needs_only_std": (
        {
            "runtime/base/a.hpp": "#include <fmt/format.h>\n",
            "runtime/base/b.hpp": "#include <unistd.h>\n",
            "runtime/base/c.cpp": "#include <xxhash.h>\n",
        },
        {
            "runtime/base/a.hpp": "#include <string_view>\n",
            "runtime/base/b.cpp": "#include <sys/stat.h>\n#include <unistd.h>\n",
            "runtime/c.hpp": "#include <xxhash.h>\n",
        },
    ),
    "runtime_without_threads_or_clock": (
        {
            "runtime/a.hpp": "#include <mutex>\n",
            "runtime/b.cpp": "auto t = std::chrono::steady_clock::now();\n",
            "runtime/base/c.cpp": "clock_gettime (CLOCK_BOOTTIME, &t);\n",
        },
        {
            "runtime/a.hpp": "#include <atomic>\n// not steady_clock::now\n",
            "runtime/b.cpp": 'log("system_clock::now()");\n',
            "actors/c.cpp": "#include <thread>\nauto t = std::chrono::steady_clock::now();\n",
        },
    ),
    "examples_public_api": (
        {"examples/a.cpp": "#include <absl/strings/str_cat.h>\n"},
        {"examples/a.cpp": "#include <leat/leat.hpp>\n#include <string>\n"},
    ),
    "small_files": (
        {"runtime/a.cpp": "\n" * 501, "tests/b.cpp": "\n" * 501},
        {"runtime/a.cpp": "\n" * 500, "docs/b.md": "\n" * 501},
    ),
    "no_sleeps_in_tests": (
        {
            "tests/a.cpp": "  std::this_thread::sleep_for(10ms);\n",
            "tests/runtime/b.cpp": "usleep(10);\n",
        },
        {"tests/a.cpp": '// sleep_for(1s)\nauto s = "sleep(1)";\n', "actors/b.cpp": "sleep(1);\n"},
    ),
    "no_leftovers": (
        {
            "runtime/a.hpp": "// TODO later\n",
            "docs/b.md": "FIXME\n",
            "CMakeLists.txt": "# XXX\n",
        },
        {"runtime/a.hpp": "// todos are a word, XXXL as well\n"},
    ),
    "pragma_once": (
        {"runtime/a.hpp": "struct A {};\n"},
        {"runtime/a.hpp": HEADER, "runtime/a.cpp": "\n"},
    ),
    "no_using_namespace_in_headers": (
        {"runtime/a.hpp": HEADER + "using namespace std;\n"},
        {"runtime/a.hpp": HEADER + "using std::string;\n", "runtime/a.cpp": "using namespace std;\n"},
    ),
    "counted_threads": (
        {"actors/a.cpp": "auto a = self->spawn<caf::detached + caf::linked>(worker);\n"},
        {
            "actors/a.cpp": "auto a = spawn_on_own_thread<caf::linked>(*self, worker);\n",
            "actors/own_thread.hpp": HEADER + "spawner.template spawn<kOptions + caf::detached>(x);\n",
        },
    ),
    "no_mutable_statics_in_headers": (
        {
            "runtime/a.hpp": "inline int counter = 0;\n",
            "runtime/b.hpp": "  static std::map<std::string, int> registry;\n",
            "actors/c.hpp": "inline thread_local Foo* current{};\n",
        },
        {
            "runtime/a.hpp": "inline constexpr int kCount = 0;\nstatic const char* const kName = nullptr;\n",
            "runtime/b.hpp": "inline int f() { return 1; }\n  static Registry& instance();\n",
            "runtime/c.hpp": "static_assert(sizeof(int) == 4);\ninline namespace v1 {\n",
            "runtime/d.hpp": "  static Result<int> parse(std::string_view text);\n",
            "runtime/e.hpp": "  static Id from(int x) { Id y = x; return y; }\n",
        },
    ),
    "links_resolve": (
        {"docs/a.md": "see [b](b.md)\n", "README.md": "![p](docs/p.png)\n"},
        {
            "docs/a.md": "[up](../README.md#top) [web](https://example.org)\n```\n[x](y)\n```\n",
            "README.md": "[a](docs/a.md)\n",
        },
    ),
}


def write_tree(root, files):
    for path, text in files.items():
        target = pathlib.Path(root) / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")


def failures_of(rule):
    bad, good = CASES[rule]
    with tempfile.TemporaryDirectory() as root:
        write_tree(root, bad)
        found = lint.run(root, [rule])
        for path in bad:
            count = sum(finding.startswith(path + ":") for finding in found)
            if count != 1:
                yield f"{rule}: expected one finding in {path} of the broken tree, got {count}"
    with tempfile.TemporaryDirectory() as root:
        write_tree(root, good)
        for finding in lint.run(root, [rule]):
            yield f"{rule}: a finding in the sound tree: {finding}"


def main():
    rules = sys.argv[1:] or list(lint.RULES)
    failures = [f"{rule}: has no test here" for rule in rules if rule not in CASES]
    for rule in rules:
        if rule in CASES:
            failures += failures_of(rule)
    print("\n".join(failures) or f"{len(rules)} rules can fail and can pass")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
