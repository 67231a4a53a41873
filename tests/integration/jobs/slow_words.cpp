// Word count with a function that takes its time, so that there are checkpoints in the middle of it.

#include <string>
#include <string_view>

#include <leat/leat.hpp>

namespace {
/// One or two microseconds.
constexpr int kStepsPerLine = 2000;
}  // namespace

LEAT_JOB(slow_words) {
  env.source(leat::text_files(args.required_list("input")))
      .flat_map([](std::string_view line, leat::Collector<std::string>& out) {
        for (volatile int step = 0; step < kStepsPerLine;)
          step = step + 1;
        leat::words(line, out);
      })
      .key_by([](std::string_view word) { return word; })
      .count()
      .sink(leat::text_directory(args.required("output")));
}
