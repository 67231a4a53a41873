#pragma once

// Finds the segment of a placement: extendible hashing. The cells divide the own key groups evenly, as
// finely as the deepest segment asks; a shallower segment stands in several.
// Invariant: the segments in it cover the own key groups exactly.

#include <cstddef>
#include <cstdint>
#include <vector>

#include "runtime/state/segment.hpp"

namespace leat::runtime {

/// The fewest segments that cover the key groups exactly: one, if their number is a power of two.
[[nodiscard]] std::vector<SegmentId> covering_segments(const KeyGroupRange& groups);

class SegmentDirectory {
 public:
  /// Cells for segments of at most `depth` bits; empty.
  SegmentDirectory(const KeyGroupRange& groups, std::uint8_t depth);

  /// Null for a placement outside the own key groups.
  [[nodiscard]] Segment* find(std::uint64_t placement) const {
    const std::uint64_t cell = (placement >> shift_) - first_;
    return cell < cells_.size() ? cells_[cell] : nullptr;
  }

  /// Enters a segment in its cells, in place of what covered them. Precondition: depth() suffices.
  void place(Segment& segment);

  [[nodiscard]] std::uint8_t depth() const { return static_cast<std::uint8_t>(64U - shift_); }
  [[nodiscard]] std::size_t cells() const { return cells_.size(); }
  /// Doubles the cells.
  void deepen();

 private:
  unsigned shift_;
  std::uint64_t first_;  // number of the first cell
  std::vector<Segment*> cells_;
};

}  // namespace leat::runtime
