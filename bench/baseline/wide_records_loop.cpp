// Merges COUNT generated orders (8 fields, about 200 bytes) by customer in one thread of plain code;
// every merged order goes to a sink that discards it.
#include <cstdint>
#include <string>
#include <string_view>

#include <absl/container/flat_hash_map.h>

#include "bench/baseline/command_line.hpp"
#include "bench/baseline/discard.hpp"
#include "bench/baseline/word_hash.hpp"
#include "bench/workloads/order.hpp"

namespace {

using Totals = absl::flat_hash_map<std::string, leat::bench::Order, leat::bench::WordHash,
                                   leat::bench::WordEqual>;

/// Batches with prefetching were tried as in the other loops and gained nothing: making the
/// record's strings dominates.
void run(std::uint64_t count, std::uint64_t customers) {
  Totals totals;
  leat::bench::Order order;
  for (std::uint64_t n = 0; n < count; ++n) {
    leat::bench::make_order(n, customers, order);
    auto found = totals.find(std::string_view(order.customer));
    if (found == totals.end())
      found = totals.emplace(order.customer, order).first;
    else
      leat::bench::merge_order(found->second, order);
    leat::bench::discard(found->second);
  }
}

}  // namespace

int main(int argc, char** argv) {
  constexpr const char* kUsage = "wide_records_loop COUNT CUSTOMERS";
  if (argc != 3)
    leat::bench::fail_usage(kUsage);
  run(leat::bench::whole_number(argv[1], kUsage), leat::bench::whole_number(argv[2], kUsage));
  return 0;
}
