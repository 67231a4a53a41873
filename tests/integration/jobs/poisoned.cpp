// Numbers to files; throws at one of them, once (then the file --marker is gone) or, with --forever 1, each time.

#include <cstdint>
#include <filesystem>
#include <stdexcept>

#include <leat/leat.hpp>

LEAT_JOB(poisoned) {
  const std::uint64_t poison = args.required_number("poison");
  const std::string marker = args.required("marker");
  const bool forever = args.optional_number("forever").value_or(0) != 0;
  env.source(leat::sequence(args.required_number("count"),
                            {.rate = static_cast<double>(args.required_number("rate"))}))
      .map([poison, marker, forever](std::uint64_t number) {
        if (number == poison && (forever || std::filesystem::remove(marker)))
          throw std::runtime_error("this number is bad");
        return number;
      })
      .name("check")
      .sink(leat::text_directory(args.required("output")));
}
