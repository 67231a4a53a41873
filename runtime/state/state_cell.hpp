#pragma once

// A value as a table of state holds it: where that makes an entry little larger, beside the generation in which
// its newest change was listed. A write has that at hand then; else a ChangeFilter tells, whose memory is
// further away.

#include <cstdint>
#include <utility>

namespace leat::runtime {

/// Counts the stretches of time between snapshots. Changes carry the one in which they happened.
using Generation = std::uint32_t;
inline constexpr Generation kNoGeneration = 0;

template <class V>
struct PlainCell {
  V value{};
};

template <class V>
struct StampedCell {
  Generation listed = kNoGeneration;  ///< first: most often on the cache line of the key
  V value{};
};

/// At most a quarter larger.
template <class K, class V>
inline constexpr bool kStampsCells = sizeof(std::pair<const K, StampedCell<V>>) * 4 <=
                                     sizeof(std::pair<const K, V>) * 5;

}  // namespace leat::runtime
