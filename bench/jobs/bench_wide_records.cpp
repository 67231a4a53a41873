// Merges generated orders of 8 fields and about 200 bytes by customer: --count N --customers K.
#include <cstdint>
#include <string>

#include "bench/workloads/order.hpp"
#include <leat/leat.hpp>

LEAT_RECORD(leat::bench::Order, id, customer, product, city, comment, quantity, cents, time_ms)

LEAT_JOB(bench_wide_records) {
  using leat::bench::Order;
  const std::uint64_t customers = args.required_number("customers");
  env.source(leat::generator(args.required_number("count"),
                             [customers](std::uint64_t n) {
                               Order order;
                               leat::bench::make_order(n, customers, order);
                               return order;
                             }))
      .key_by([](const Order& order) { return order.customer; })
      .reduce([](Order total, const Order& order) {
        leat::bench::merge_order(total, order);
        return total;
      })
      .sink(leat::discard());
}
