#pragma once

// Computes records from their index. Runs on the slot's thread.

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "runtime/connectors/index_range.hpp"
#include "runtime/connectors/rate_limiter.hpp"
#include "runtime/connectors/source.hpp"
#include "runtime/operators/user_call.hpp"

namespace leat::runtime {

template <class T, class F>
class GeneratorReader final : public SourceReader<T> {
 public:
  GeneratorReader(F function, std::optional<RateLimiter> limiter)
      : function_(std::move(function)), limiter_(limiter) {}

  Result<void> add_split(const proto::Split& split) override {
    const auto range = decode_index_range(split);
    if (!range)
      return range.error();
    ranges_.push_back(*range);
    return {};
  }

  Result<PollOutcome> poll(const PollBudget& budget, Collector<T>& out) override {
    if (!begin_range())
      return PollOutcome{PollOutcome::Next::kNeedSplit};
    std::uint32_t limit = budget.max_records;
    if (limiter_) {
      limit =
          static_cast<std::uint32_t>(std::min<std::uint64_t>(limit, limiter_->allowed(budget.now)));
      if (limit == 0)
        return PollOutcome{PollOutcome::Next::kWait, 0, limiter_->next(budget.now)};
    }
    std::uint32_t records = 0;
    while (records < limit && !budget.blocked && begin_range())
      records += emit_range(limit - records, budget.blocked, out);
    if (limiter_)
      limiter_->emitted(records);
    return PollOutcome{PollOutcome::Next::kMore, records};
  }

  [[nodiscard]] std::vector<proto::Split> remaining() const override {
    std::vector<proto::Split> splits;
    if (range_.begin != range_.end)
      splits.push_back(encode_index_range(range_));
    for (const IndexRange& range : ranges_)
      splits.push_back(encode_index_range(range));
    return splits;
  }

  [[nodiscard]] std::string position() const override {
    return (near_ ? "near index " : "index ") + std::to_string(range_.begin);
  }

 private:
  /// False if there is none.
  bool begin_range() {
    while (range_.begin == range_.end) {
      if (ranges_.empty())
        return false;
      range_ = ranges_.front();
      ranges_.pop_front();
    }
    return true;
  }

  std::uint32_t emit_range(std::uint32_t limit, const bool& blocked, Collector<T>& out) {
    const std::uint64_t first = range_.begin;
    const std::uint64_t end = first + std::min<std::uint64_t>(limit, range_.end - first);
    // range_.begin is the index at work before each call, so that position() names the one that threw.
    if constexpr (kGatherable<T>) {
      while (range_.begin != end && !blocked)
        emit_batch(
            static_cast<std::size_t>(std::min<std::uint64_t>(end - range_.begin, kRecordBatch)),
            out);
    } else {
      for (; range_.begin != end && !blocked; ++range_.begin)
        out.emit(view_of<T>(function_(range_.begin)));
    }
    return static_cast<std::uint32_t>(range_.begin - first);
  }

  void emit_batch(std::size_t count, Collector<T>& out) {
    const std::uint64_t first = range_.begin;
    for (std::size_t i = 0; i < count; ++i, ++range_.begin)
      batch_[i] = view_of<T>(function_(range_.begin));
    try {
      out.emit_all(std::span(batch_).first(count));
    } catch (const OperatorFailure& failure) {
      near_ = !failure.record();
      range_.begin = first + failure.record().value_or(0);
      throw;
    }
  }

  struct Nothing {};

  F function_;
  std::optional<RateLimiter> limiter_;
  IndexRange range_;  ///< begin is the next index
  std::deque<IndexRange> ranges_;
  bool near_ = false;  ///< a failure was somewhere in the batch that begins at range_
  [[no_unique_address]] std::conditional_t<kGatherable<T>, std::array<View<T>, kRecordBatch>,
                                           Nothing>
      batch_{};
};

}  // namespace leat::runtime
