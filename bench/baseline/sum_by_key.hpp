#pragma once

// Sums numbers by key as fast as one thread can: what the keyed workloads are held against.
// Single-threaded.
// Invariant: one hash map, one lookup per record, in the order of the records.

#include <array>
#include <cstddef>
#include <cstdint>

#include <absl/container/flat_hash_map.h>

#include "bench/workloads/keyed_numbers.hpp"

namespace leat::bench {

/// Looks records up in batches whose slots were prefetched: with a million keys each lookup would
/// otherwise wait for memory; with a thousand it costs nothing measurable.
class SumByKey {
 public:
  /// Adds records [0, count) and gives every updated sum to `update(key, sum)`.
  template <class Update>
  void run(std::uint64_t count, std::uint64_t keys, Update&& update) {
    std::array<KeyedNumber, kBatch> batch;
    for (std::uint64_t n = 0; n < count; n += kBatch) {
      const std::size_t size = count - n < kBatch ? count - n : kBatch;
      for (std::size_t i = 0; i < size; ++i) {
        batch[i] = keyed_number(n + i, keys);
        sums_.prefetch(batch[i].first);
      }
      for (std::size_t i = 0; i < size; ++i)
        update(batch[i].first, sums_[batch[i].first] += batch[i].second);
    }
  }

  template <class Each>
  void for_each(Each&& each) const {
    for (const auto& [key, sum] : sums_)
      each(key, sum);
  }

 private:
  static constexpr std::size_t kBatch = 16;

  absl::flat_hash_map<std::int64_t, std::int64_t> sums_;
};

}  // namespace leat::bench
