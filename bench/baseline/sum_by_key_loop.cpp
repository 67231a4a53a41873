// Sums COUNT generated 16-byte records by KEYS keys in one thread of plain code. With an OUTPUT the
// sums are written once at the end (batch), without one every update goes to a sink that discards it.
#include <cstdint>
#include <cstdio>
#include <exception>

#include "bench/baseline/command_line.hpp"
#include "bench/baseline/discard.hpp"
#include "bench/baseline/result_writer.hpp"
#include "bench/baseline/sum_by_key.hpp"

namespace {

constexpr const char* kUsage = "sum_by_key_loop COUNT KEYS [OUTPUT]";

void run(std::uint64_t count, std::uint64_t keys, const char* output) {
  leat::bench::SumByKey sums;
  if (output == nullptr) {
    sums.run(count, keys, [](std::int64_t key, std::int64_t sum) {
      leat::bench::discard(key);
      leat::bench::discard(sum);
    });
    return;
  }
  sums.run(count, keys, [](std::int64_t, std::int64_t) {});
  leat::bench::ResultWriter result(output);
  sums.for_each([&result](std::int64_t key, std::int64_t sum) { result.add(key, sum); });
  result.close();
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3 || argc > 4)
    leat::bench::fail_usage(kUsage);
  try {
    run(leat::bench::whole_number(argv[1], kUsage), leat::bench::whole_number(argv[2], kUsage),
        argc == 4 ? argv[3] : nullptr);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "sum_by_key_loop: %s\n", error.what());
    return 1;
  }
  return 0;
}
