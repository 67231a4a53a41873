// Copies lines, but throws for the line "bad".

#include <stdexcept>
#include <string>
#include <string_view>

#include <leat/leat.hpp>

LEAT_JOB(throwing) {
  env.source(leat::text_files(args.required("input")))
      .map([](std::string_view line) {
        if (line == "bad")
          throw std::runtime_error("this line is bad");
        return std::string(line);
      })
      .name("check")
      .sink(leat::text_directory(args.required("output")));
}
