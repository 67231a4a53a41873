#include "runtime/state/segmented_state.hpp"

#include <algorithm>
#include <limits>
#include <string>

#include "runtime/base/check.hpp"
#include "runtime/base/mutation.hpp"

namespace leat::runtime {
namespace {

/// A chain is written anew when its deltas outgrow between one image and two, or are between 128 and 256. Sooner,
/// more would be sent in images than in deltas; later, restoring would read several times the state. Each segment
/// has a limit of its own: else segments that are changed alike would all be sent whole in the same snapshot.
constexpr std::uint64_t kFewestDeltas = 128;
std::uint64_t most_deltas(SegmentId id) {
  return kFewestDeltas + (std::hash<SegmentId>()(id) >> 57U);  // its leading bits differ most
}
std::size_t delta_limit(SegmentId id, std::size_t whole_bytes) {
  return whole_bytes * most_deltas(id) / kFewestDeltas;
}

/// What handing out a segment counts for beside its bytes: slices are to take time by their budget.
constexpr std::size_t kSegmentCost = 256;
/// So many snapshots may fail one after the other before one is sent whole again.
constexpr std::size_t kMaxHistory = 1024;
/// The directory follows the deepest segment. A few keys alike in many bits must not make it huge.
constexpr std::size_t kCellsPerSegment = 16;
constexpr std::size_t kFewestCells = 4096;
constexpr std::size_t kMostCells = std::size_t{1} << 22U;

std::uint8_t deepest(const std::vector<SegmentId>& ids) {
  std::uint8_t depth = 0;
  for (const SegmentId& id : ids)
    depth = std::max(depth, id.depth);
  return depth;
}

}  // namespace

SegmentedState::SegmentedState(const KeyGroupRange& groups)
    : directory_(groups, deepest(covering_segments(groups))), groups_(groups) {
  LEAT_CHECK(groups.first < groups.end && groups.end <= groups.max_parallelism);
  LEAT_CHECK(groups.max_parallelism <= kLargestMaxParallelism);
}

void SegmentedState::adopt(std::unique_ptr<Segment> segment) {
  directory_.place(*segment);
  segment->sent = now_;  // a snapshot under way holds what it was split from
  segments_.push_back(std::move(segment));
}

std::optional<Generation> SegmentedState::generation_of(std::uint64_t number) const {
  for (const auto& [known, generation] : history_) {
    if (known == number)
      return generation;
  }
  return std::nullopt;
}

void SegmentedState::begin_snapshot(std::uint64_t number, std::uint64_t base,
                                    const SnapshotBase& chains) {
  LEAT_CHECK(number > newest_number_ && base < number);
  LEAT_CHECK(now_ < std::numeric_limits<Generation>::max());
  abort_snapshot();
  newest_number_ = number;
  base_ = base == 0 ? std::nullopt : generation_of(base);
  if (base_) {
    while (history_.front().first < base)
      history_.pop_front();
  }
  history_.emplace_back(number, now_);
  if (history_.size() > kMaxHistory)
    history_.pop_front();
  for (const auto& segment : segments_) {
    const ChainSize* chain = base_ ? chains.find(segment->id) : nullptr;
    segment->chain = chain != nullptr ? std::optional(*chain) : std::nullopt;
  }
  ++now_;
  under_way_ = true;
  next_ = 0;
}

void SegmentedState::abort_snapshot() {
  if (!std::exchange(under_way_, false) && queue_.empty())
    return;
  for (const auto& segment : segments_)
    drop_shadow(*segment);
  queue_.clear();
  pending_bytes_ = 0;
}

bool SegmentedState::advance_snapshot(std::size_t budget_bytes, SegmentSink& out) {
  std::size_t sent = 0;
  const auto hand_out = [&](SegmentId id, SegmentContent content, std::string_view bytes) {
    out.segment(id, content, bytes);
    sent += bytes.size() + kSegmentCost;
  };
  while (!queue_.empty() && sent < budget_bytes) {
    const Encoded& encoded = queue_.front();
    hand_out(encoded.id, encoded.content, encoded.bytes.view());
    pending_bytes_ -= encoded.bytes.size();
    queue_.pop_front();
  }
  for (; under_way_ && next_ < segments_.size() && sent < budget_bytes; ++next_) {
    Segment& segment = *segments_[next_];
    if (!pending(segment))
      continue;
    segment.sent = now_;
    if (segment.marked_entries() > 0) {
      const SegmentContent content = encode(segment);
      hand_out(segment.id, content, scratch_.view());
    }
    drop_shadow(segment);
  }
  if (under_way_ && queue_.empty() && next_ == segments_.size())
    under_way_ = false;
  return !under_way_;
}

void SegmentedState::touch(Segment& segment) {
  if (pending(segment) && !LEAT_MUTATION(write_leaks_into_snapshot)) {
    segment.version_before = segment.version;
    segment.begin_shadow();
  }
  segment.version = now_;
}

void SegmentedState::set_aside(Segment& segment) {
  if (!pending(segment))
    return;
  segment.sent = now_;
  if (segment.marked_entries() > 0) {
    const SegmentContent content = encode(segment);
    queue_.push_back({segment.id, content, ByteBlock(scratch_.view())});
    pending_bytes_ += scratch_.size();
  }
  drop_shadow(segment);
}

void SegmentedState::drop_shadow(Segment& segment) {
  if (segment.shadowed)
    pending_bytes_ -= segment.drop_shadow();
}

/// Leaves the bytes in scratch_.
SegmentContent SegmentedState::encode(Segment& segment) {
  scratch_.clear();
  const bool chained = base_ && segment.chain;
  const Generation version = segment.shadowed ? segment.version_before : segment.version;
  const bool unchanged = chained && version <= *base_;
  if (!unchanged && !(chained && encode_delta(segment))) {
    scratch_.clear();
    segment.encode_whole(scratch_);
    if (!segment.shadowed)
      segment.bytes = scratch_.size();
    segment.chain.reset();
  }
  if (base_) {  // no later snapshot has an older base
    segment.forget_listed(*base_);
    segment.listed_after = std::max(segment.listed_after, *base_);
  }
  if (unchanged)
    return SegmentContent::kUnchanged;
  return segment.chain ? SegmentContent::kDelta : SegmentContent::kWhole;
}

/// False if the segment had better be written whole.
bool SegmentedState::encode_delta(Segment& segment) {
  const ChainSize& chain = *segment.chain;
  if (segment.listed_after > *base_ || chain.deltas >= most_deltas(segment.id))
    return false;
  const std::size_t limit = delta_limit(segment.id, segment.bytes);
  if (chain.delta_bytes > limit)
    return false;
  segment.encode_delta(*base_, scratch_);
  return chain.delta_bytes + scratch_.size() <= limit;
}

bool SegmentedState::split_if_large(Segment& segment) {
  if (segment.bytes <= segment.split_at)
    return false;
  const bool deepens = segment.id.depth == directory_.depth();
  const std::size_t most_cells =
      std::min(std::max(kFewestCells, segments_.size() * kCellsPerSegment), kMostCells);
  if (segment.entries() < 2 || segment.id.depth == kLargestSegmentDepth ||
      (deepens && directory_.cells() * 2 > most_cells)) {
    segment.split_at = segment.bytes * 2;  // not worth trying before
    return false;
  }
  split(segment);
  return true;
}

void SegmentedState::review(Segment& segment) {
  segment.measure(scratch_);
  split_if_large(segment);
}

void SegmentedState::split(Segment& segment) {
  if (segment.id.depth == directory_.depth())
    directory_.deepen();
  set_aside(segment);
  auto other = segment.split(groups_.max_parallelism);
  segment.sent = now_;
  segment.chain.reset();
  segment.version = other->version = now_;
  adopt(std::move(other));
}

Result<void> SegmentedState::restore(SegmentId id, SegmentContent content, std::string_view bytes) {
  LEAT_CHECK(now_ == kFirstGeneration && !under_way_);
  if (!is_valid(id) || content == SegmentContent::kUnchanged)
    return Error(ErrorKind::kProtocol, "the snapshot names a state segment " +
                                           std::to_string(id.depth) + "/" +
                                           std::to_string(id.prefix) + ", which cannot be");
  if (!overlaps(id, groups_))
    return {};
  if (!lies_within(id, groups_))
    return load(id, content, bytes);
  Segment* segment = split_down_to(id);
  if (segment == nullptr)
    return Error(ErrorKind::kProtocol,
                 "the snapshot holds state segment " + std::to_string(id.depth) + "/" +
                     std::to_string(id.prefix) + " beside others that contain it");
  auto loaded = load(id, content, bytes);
  segment->version = kRestoredGeneration;
  segment->listed_after = kRestoredGeneration;
  return loaded;
}

/// Null if a part of a larger or smaller segment was restored already, or it would take too many cells.
Segment* SegmentedState::split_down_to(SegmentId id) {
  while (true) {
    Segment& segment = *directory_.find(first_placement(id));
    if (segment.id == id)
      return &segment;
    if (segment.id.depth > id.depth || segment.entries() > 0)
      return nullptr;
    if (segment.id.depth == directory_.depth() && directory_.cells() * 2 > kMostCells)
      return nullptr;
    split(segment);
  }
}

void SegmentedState::finish_restore(std::uint64_t number) {
  LEAT_CHECK(now_ == kFirstGeneration && history_.empty());
  newest_number_ = number;
  if (number != 0)
    history_.emplace_back(number, kRestoredGeneration);
}

std::size_t SegmentedState::entries() const {
  std::size_t entries = 0;
  for (const auto& segment : segments_)
    entries += segment->entries();
  return entries;
}

std::size_t SegmentedState::bytes() const {
  std::size_t bytes = 0;
  for (const auto& segment : segments_)
    bytes += segment->bytes;
  return bytes;
}

}  // namespace leat::runtime
