#pragma once

// The loops' command lines: positional whole numbers and one usage line.
// Main thread only.
// Invariant: a wrong command line ends the process with status 2 and the usage on stderr.

#include <charconv>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>
#include <system_error>

namespace leat::bench {

[[noreturn]] inline void fail_usage(const char* usage) {
  std::fprintf(stderr, "usage: %s\n", usage);
  std::exit(2);
}

inline std::uint64_t whole_number(std::string_view text, const char* usage) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size())
    fail_usage(usage);
  return value;
}

}  // namespace leat::bench
