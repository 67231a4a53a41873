// Generates COUNT 16-byte records, maps, filters and discards them in one thread of plain code.
#include <cstdint>

#include "bench/baseline/command_line.hpp"
#include "bench/baseline/discard.hpp"
#include "bench/workloads/keyed_numbers.hpp"

int main(int argc, char** argv) {
  constexpr const char* kUsage = "pass_through_loop COUNT KEYS";
  if (argc != 3)
    leat::bench::fail_usage(kUsage);
  const std::uint64_t count = leat::bench::whole_number(argv[1], kUsage);
  const std::uint64_t keys = leat::bench::whole_number(argv[2], kUsage);
  for (std::uint64_t n = 0; n < count; ++n) {
    const auto record = leat::bench::pass_through_map(leat::bench::keyed_number(n, keys));
    if (!leat::bench::pass_through_filter(record))
      continue;
    leat::bench::discard(record.first);
    leat::bench::discard(record.second);
  }
  return 0;
}
