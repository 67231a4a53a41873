// Generates 16-byte records, maps, filters and discards them in one chain: --count N --keys K.
#include <cstdint>

#include "bench/workloads/keyed_numbers.hpp"
#include <leat/leat.hpp>

LEAT_JOB(bench_pass_through) {
  const std::uint64_t keys = args.required_number("keys");
  env.source(
         leat::generator(args.required_number("count"),
                         [keys](std::uint64_t n) { return leat::bench::keyed_number(n, keys); }))
      .map([](const leat::bench::KeyedNumber& record) {
        return leat::bench::pass_through_map(record);
      })
      .filter([](const leat::bench::KeyedNumber& record) {
        return leat::bench::pass_through_filter(record);
      })
      .sink(leat::discard());
}
