#pragma once

// When the next checkpoint of a job may begin, as far as time decides it: the policy, apart from what a
// checkpoint needs to be possible. Plain values; no clock.

#include <algorithm>

#include "runtime/base/engine_time.hpp"

namespace leat::runtime {

class CheckpointSchedule {
 public:
  /// `interval` zero: only on request.
  CheckpointSchedule(Duration interval, Duration min_pause)
      : interval_(interval), min_pause_(min_pause) {}

  /// An attempt runs: the first one is due an interval from now.
  void start(Time now) {
    requested_ = false;
    not_before_ = Time::min();
    next_ = interval_ > Duration::zero() ? now + interval_ : Time::max();
  }
  /// One is wanted as soon as the pause allows it, and another an interval after that.
  void request() { requested_ = true; }
  void began(Time now) {
    requested_ = false;
    next_ = interval_ > Duration::zero() ? now + interval_ : Time::max();
  }
  /// Completed or failed.
  void ended(Time now) { not_before_ = now + min_pause_; }

  [[nodiscard]] Time due() const {
    const Time wanted = requested_ ? Time::min() : next_;
    return std::max(wanted, not_before_);
  }

 private:
  Duration interval_;
  Duration min_pause_;
  bool requested_ = false;
  Time next_ = Time::max();
  Time not_before_ = Time::min();
};

}  // namespace leat::runtime
