#pragma once

// The 16-byte records of the numeric workloads, the same for the engine and the loops.
// Pure functions: any thread.
// Invariant: record n depends on n and the number of keys alone, so any subtask can make it.

#include <cstdint>
#include <utility>

#include "bench/data/random.hpp"

namespace leat::bench {

using KeyedNumber = std::pair<std::int64_t, std::int64_t>;

/// Keys come in random order: ascending ones would let the caches predict what no stream offers.
inline KeyedNumber keyed_number(std::uint64_t n, std::uint64_t keys) {
  return {static_cast<std::int64_t>(scale(mix(n), keys)), static_cast<std::int64_t>(n)};
}

/// The map and the filter of the pass-through workload; a quarter of the records is dropped.
inline KeyedNumber pass_through_map(const KeyedNumber& record) {
  return {record.first, record.second * 3 + 1};
}

inline bool pass_through_filter(const KeyedNumber& record) {
  return (record.first & 3) != 0;
}

}  // namespace leat::bench
