// Generates COUNT 16-byte records, maps, filters and discards them in one thread of plain code.
//   plain    as one writes it: a branch on what the filter says
//   compact  sixteen at a time, kept without a branch, which the processor would mispredict every fourth time
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "bench/baseline/command_line.hpp"
#include "bench/baseline/discard.hpp"
#include "bench/workloads/keyed_numbers.hpp"

namespace leat::bench {
namespace {

void plain(std::uint64_t count, std::uint64_t keys) {
  for (std::uint64_t n = 0; n < count; ++n) {
    const auto record = pass_through_map(keyed_number(n, keys));
    if (!pass_through_filter(record))
      continue;
    discard(record.first);
    discard(record.second);
  }
}

void compact(std::uint64_t count, std::uint64_t keys) {
  constexpr std::uint64_t kBatch = 16;
  std::array<KeyedNumber, kBatch> kept;
  for (std::uint64_t begin = 0; begin < count; begin += kBatch) {
    const std::uint64_t end = count - begin < kBatch ? count : begin + kBatch;
    std::size_t size = 0;
    for (std::uint64_t n = begin; n < end; ++n) {
      kept[size] = pass_through_map(keyed_number(n, keys));
      size += pass_through_filter(kept[size]) ? 1 : 0;
    }
    for (std::size_t i = 0; i < size; ++i) {
      discard(kept[i].first);
      discard(kept[i].second);
    }
  }
}

}  // namespace
}  // namespace leat::bench

int main(int argc, char** argv) {
  constexpr const char* kUsage = "pass_through_loop plain|compact COUNT KEYS";
  if (argc != 4)
    leat::bench::fail_usage(kUsage);
  const std::uint64_t count = leat::bench::whole_number(argv[2], kUsage);
  const std::uint64_t keys = leat::bench::whole_number(argv[3], kUsage);
  if (std::strcmp(argv[1], "plain") == 0)
    leat::bench::plain(count, keys);
  else if (std::strcmp(argv[1], "compact") == 0)
    leat::bench::compact(count, keys);
  else
    leat::bench::fail_usage(kUsage);
  return 0;
}
