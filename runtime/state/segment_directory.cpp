#include "runtime/state/segment_directory.hpp"

#include <algorithm>
#include <bit>

#include "runtime/base/check.hpp"

namespace leat::runtime {

std::vector<SegmentId> covering_segments(const KeyGroupRange& groups) {
  const unsigned bits = key_group_bits(groups.max_parallelism);
  std::vector<SegmentId> ids;
  for (std::uint32_t first = groups.first; first < groups.end;) {
    unsigned size_bits = first == 0 ? bits : static_cast<unsigned>(std::countr_zero(first));
    while (std::uint64_t{first} + (std::uint64_t{1} << size_bits) > groups.end)
      --size_bits;
    ids.push_back({static_cast<std::uint8_t>(bits - size_bits), first >> size_bits});
    first += std::uint32_t{1} << size_bits;
  }
  return ids;
}

SegmentDirectory::SegmentDirectory(const KeyGroupRange& groups, std::uint8_t depth)
    : shift_(64U - std::max<std::uint8_t>(depth, 1)),  // a shift by 64 bits is none
      first_(first_placement(groups) >> shift_),
      cells_((last_placement(groups) >> shift_) - first_ + 1) {}

void SegmentDirectory::place(Segment& segment) {
  LEAT_CHECK(segment.id.depth <= depth());
  const std::uint64_t first = (first_placement(segment.id) >> shift_) - first_;
  const std::uint64_t last = (last_placement(segment.id) >> shift_) - first_;
  LEAT_CHECK(first <= last && last < cells_.size());
  for (std::uint64_t cell = first; cell <= last; ++cell)
    cells_[cell] = &segment;
}

void SegmentDirectory::deepen() {
  std::vector<Segment*> cells;
  cells.reserve(cells_.size() * 2);
  for (Segment* segment : cells_)
    cells.insert(cells.end(), 2, segment);
  cells_ = std::move(cells);
  first_ *= 2;
  --shift_;
}

}  // namespace leat::runtime
