#include "runtime/connectors/range_split_enumerator.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include "serialization/proto/enumerator.pb.h"

namespace leat::runtime {

RangeSplitEnumerator::RangeSplitEnumerator(const proto::RangeConfig& config,
                                           std::uint32_t parallelism)
    : count_(config.unbounded() ? std::numeric_limits<std::uint64_t>::max() : config.count()),
      rate_(config.rate()),
      parallelism_(std::max(parallelism, 1U)) {}

void RangeSplitEnumerator::reset(std::uint32_t parallelism) {
  parallelism_ = std::max(parallelism, 1U);
  next_begin_ = 0;
  next_id_ = 0;
  returned_.clear();
}

std::string RangeSplitEnumerator::snapshot() const {
  proto::RangeEnumerator state;
  state.set_next_begin(next_begin_);
  state.set_next_id(next_id_);
  returned_.save(*state.mutable_returned());
  return state.SerializeAsString();
}

Result<void> RangeSplitEnumerator::restore(const std::string& snapshot, std::uint32_t parallelism) {
  proto::RangeEnumerator state;
  if (!state.ParseFromString(snapshot))
    return Error(ErrorKind::kInput, "the position of a range source does not decode");
  reset(parallelism);
  next_begin_ = std::min(state.next_begin(), count_);  // the job may have been given fewer numbers
  next_id_ = state.next_id();
  returned_.load(state.returned());
  return {};
}

std::optional<proto::Split> RangeSplitEnumerator::next(std::uint32_t /*subtask*/) {
  if (auto returned = returned_.next())
    return returned;
  if (next_begin_ == count_)
    return std::nullopt;
  proto::RangeSplit range;
  range.set_begin(next_begin_);
  next_begin_ += std::min(next_size(), count_ - next_begin_);
  range.set_end(next_begin_);
  proto::Split split;
  split.set_id(next_id_++);
  range.SerializeToString(split.mutable_payload());
  return split;
}

std::uint64_t RangeSplitEnumerator::next_size() const {
  const std::uint64_t remaining = count_ - next_begin_;
  const std::uint64_t smallest =
      std::clamp<std::uint64_t>(count_ / (kSmallestShare * parallelism_), 1, kLargestRange);
  std::uint64_t size =
      std::clamp(remaining / (kRangesPerReader * parallelism_), smallest, kLargestRange);
  if (rate_ > 0) {
    const double share = rate_ / parallelism_ * kRangeSeconds;
    const double most = std::clamp(share, 1.0, static_cast<double>(kLargestRange));
    size = std::min(size, static_cast<std::uint64_t>(most));
  }
  return size;
}

}  // namespace leat::runtime
