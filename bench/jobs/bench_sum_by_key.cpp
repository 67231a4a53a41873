// Sums generated 16-byte records by key: --count N --keys K [--output DIR]. Without --output the sums
// are discarded.
#include <cstdint>

#include "bench/workloads/keyed_numbers.hpp"
#include <leat/leat.hpp>

LEAT_JOB(bench_sum_by_key) {
  const std::uint64_t keys = args.required_number("keys");
  const auto sums = env.source(leat::generator(args.required_number("count"),
                                               [keys](std::uint64_t n) {
                                                 return leat::bench::keyed_number(n, keys);
                                               }))
                        .key_by([](const leat::bench::KeyedNumber& record) { return record.first; })
                        .sum();
  if (const auto output = args.optional("output"))
    sums.sink(leat::text_directory(*output));
  else
    sums.sink(leat::discard());
}
