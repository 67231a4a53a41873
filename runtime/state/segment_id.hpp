#pragma once

// Names a segment of keyed state: all keys whose placement (key_group.hpp) begins with the same bits.
// Invariant: the segments that one operator's subtasks hold at one moment never overlap, so that an
// id is unique in a snapshot of the operator, whatever the parallelism.

#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>

#include "runtime/state/key_group.hpp"

namespace leat::runtime {

struct SegmentId {
  std::uint8_t depth = 0;    ///< number of leading bits, at most kLargestSegmentDepth
  std::uint64_t prefix = 0;  ///< these bits, as a number below 2^depth

  friend constexpr auto operator<=>(const SegmentId&, const SegmentId&) = default;
};

inline constexpr std::uint8_t kLargestSegmentDepth = 63;

[[nodiscard]] constexpr bool is_valid(SegmentId id) {
  return id.depth <= kLargestSegmentDepth && id.prefix >> id.depth == 0;
}

/// The lowest placement in a segment, and the highest. Precondition for all below: is_valid(id).
[[nodiscard]] constexpr std::uint64_t first_placement(SegmentId id) {
  return id.depth == 0 ? 0 : id.prefix << (64U - id.depth);
}
[[nodiscard]] constexpr std::uint64_t last_placement(SegmentId id) {
  return first_placement(id) + (~std::uint64_t{0} >> id.depth);
}
[[nodiscard]] constexpr bool contains(SegmentId id, std::uint64_t placement) {
  return id.depth == 0 || placement >> (64U - id.depth) == id.prefix;
}

/// Whether a subtask with these key groups restores anything from the segment …
[[nodiscard]] constexpr bool overlaps(SegmentId id, const KeyGroupRange& groups) {
  return first_placement(id) <= last_placement(groups) &&
         last_placement(id) >= first_placement(groups);
}
/// … and whether nobody else does.
[[nodiscard]] constexpr bool lies_within(SegmentId id, const KeyGroupRange& groups) {
  return first_placement(id) >= first_placement(groups) &&
         last_placement(id) <= last_placement(groups);
}

}  // namespace leat::runtime

template <>
struct std::hash<leat::runtime::SegmentId> {
  std::size_t operator()(const leat::runtime::SegmentId& id) const noexcept {
    return std::hash<std::uint64_t>()((id.prefix << 6U | id.depth) * 0x9E3779B97F4A7C15U);
  }
};
