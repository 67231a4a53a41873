// Sends generated 16-byte records through two edges, one dealt out evenly and one by key, and counts
// them: --count N --keys K.
#include <cstdint>

#include "bench/workloads/keyed_numbers.hpp"
#include <leat/leat.hpp>

LEAT_JOB(bench_shuffle) {
  const std::uint64_t keys = args.required_number("keys");
  env.source(
         leat::generator(args.required_number("count"),
                         [keys](std::uint64_t n) { return leat::bench::keyed_number(n, keys); }))
      .rebalance()
      .map([](const leat::bench::KeyedNumber& record) { return record; })
      .key_by([](const leat::bench::KeyedNumber& record) { return record.first; })
      .count()
      .sink(leat::discard());
}
