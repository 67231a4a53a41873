#pragma once

// The head of a source stage: the reader, the splits granted to it and not yet given to it, and what was
// left of all of them when a checkpoint was triggered. Single-threaded.

#include <cstdint>
#include <deque>
#include <memory>
#include <utility>
#include <vector>

#include "runtime/base/engine_time.hpp"
#include "runtime/operators/source_driver.hpp"
#include "serialization/proto/control.pb.h"

namespace leat::runtime {

class SourceHead {
 public:
  explicit SourceHead(std::unique_ptr<SourceDriver> driver) : driver_(std::move(driver)) {}

  /// True once per split to be asked for.
  [[nodiscard]] bool wants_split();
  void grant(const proto::SplitGrant& grant);

  /// What is left now belongs to the snapshot: a split granted from now on is behind the barrier.
  void note_trigger();
  [[nodiscard]] std::vector<proto::Split> take_remaining() { return std::move(at_trigger_); }
  /// Reads no further record, whatever is left.
  void stop() { stopped_ = true; }

  struct Polled {
    std::uint32_t records = 0;
    bool progress = false;
  };
  Result<Polled> poll(const PollBudget& budget);

  [[nodiscard]] bool ended() const {
    return stopped_ || (needs_split_ && queued_.empty() && no_more_);
  }
  [[nodiscard]] bool runnable(Time now) const {
    return ended() || ((!needs_split_ || !queued_.empty()) && now >= wait_until_);
  }
  /// When it wants to be asked again; Time::max() if nothing is due.
  [[nodiscard]] Time wake_at() const {
    return !needs_split_ && wait_until_ != Time::min() ? wait_until_ : Time::max();
  }
  [[nodiscard]] std::string position() const { return driver_->position(); }

 private:
  std::unique_ptr<SourceDriver> driver_;
  std::deque<proto::Split> queued_;  // granted, not yet given to the reader
  std::vector<proto::Split> at_trigger_;
  bool needs_split_ = true;  // the reader has nothing left
  bool requested_ = false;
  bool no_more_ = false;
  bool stopped_ = false;
  Time wait_until_ = Time::min();
};

}  // namespace leat::runtime
