// A user function that never returns: what a second Ctrl-C is for.

#include <semaphore>
#include <string>
#include <string_view>

#include <leat/leat.hpp>

LEAT_JOB(stuck) {
  env.source(leat::text_files(args.required("input")))
      .map([](std::string_view line) {
        std::binary_semaphore never(0);
        never.acquire();
        return std::string(line);
      })
      .sink(leat::collect());
}
