#pragma once

// Computes records from their index. Runs on the slot's thread.

#include <algorithm>
#include <deque>
#include <optional>
#include <string>
#include <utility>

#include "runtime/connectors/index_range.hpp"
#include "runtime/connectors/rate_limiter.hpp"
#include "runtime/connectors/source.hpp"

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

  [[nodiscard]] std::string position() const override {
    return "index " + std::to_string(range_.begin);
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
    // The index is stored before each call, so that position() names the one that threw.
    for (std::uint64_t index = first; index != end && !blocked; range_.begin = ++index)
      out.emit(view_of<T>(function_(index)));
    return static_cast<std::uint32_t>(range_.begin - first);
  }

  F function_;
  std::optional<RateLimiter> limiter_;
  IndexRange range_;  ///< begin is the next index
  std::deque<IndexRange> ranges_;
};

}  // namespace leat::runtime
