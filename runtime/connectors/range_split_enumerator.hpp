#pragma once

// Hands out ranges of numbers, large enough to be cheap and small enough that readers finish
// together. Owned by the JobMaster.

#include <string>
#include <vector>

#include "runtime/coordination/returned_splits.hpp"
#include "runtime/coordination/split_enumerator.hpp"

namespace leat::runtime {

class RangeSplitEnumerator : public SplitEnumerator {
 public:
  RangeSplitEnumerator(const proto::RangeConfig& config, std::uint32_t parallelism);

  std::optional<proto::Split> next(std::uint32_t subtask) override;
  void reset(std::uint32_t parallelism) override;
  [[nodiscard]] std::string snapshot() const override;
  Result<void> restore(const std::string& snapshot, std::uint32_t parallelism) override;
  void add_back(std::vector<proto::Split> splits) override { returned_.add(std::move(splits)); }

  static constexpr std::uint64_t kLargestRange = std::uint64_t{4} << 20U;
  /// Ranges that the rest is thought to be cut into, per reader.
  static constexpr std::uint64_t kRangesPerReader = 3;
  /// And at the end none is smaller than this part of a reader's share.
  static constexpr std::uint64_t kSmallestShare = 64;
  /// With a rate, what a reader is given lasts about this long.
  static constexpr double kRangeSeconds = 0.1;

 private:
  [[nodiscard]] std::uint64_t next_size() const;

  std::uint64_t count_;  ///< the largest number there is if unbounded
  double rate_;
  std::uint32_t parallelism_;
  std::uint64_t next_begin_ = 0;
  std::uint64_t next_id_ = 0;
  ReturnedSplits returned_;
};

}  // namespace leat::runtime
