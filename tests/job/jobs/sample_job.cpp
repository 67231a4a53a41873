#include <stdexcept>
#include <string>

#include <leat/leat.hpp>

// Does what its arguments say, for the tests of loading and building.
LEAT_JOB(sample_job) {
  if (args.flag("throw"))
    throw std::runtime_error("thrown while building");
  auto lines = env.source(leat::text_files(args.required_list("input")));
  if (args.flag("unfinished"))
    return;
  lines.key_by([](std::string_view line) { return line; }).count().sink(leat::discard());
}
