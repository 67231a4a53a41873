#pragma once

// A point in time that is waited for. Once it has been seen to be over it is no deadline any more,
// so that a driver is not woken for it again.

#include "runtime/base/engine_time.hpp"

namespace leat::runtime {

class Alarm {
 public:
  void set(Time at) {
    at_ = at;
    state_ = State::kWaiting;
  }
  void clear() { state_ = State::kUnset; }

  [[nodiscard]] bool is_set() const { return state_ != State::kUnset; }
  /// False while unset.
  [[nodiscard]] bool over(Time now) {
    if (state_ == State::kWaiting && now >= at_)
      state_ = State::kOver;
    return state_ == State::kOver;
  }
  [[nodiscard]] Time deadline() const { return state_ == State::kWaiting ? at_ : Time::max(); }

 private:
  enum class State { kUnset, kWaiting, kOver };
  State state_ = State::kUnset;
  Time at_{};
};

}  // namespace leat::runtime
