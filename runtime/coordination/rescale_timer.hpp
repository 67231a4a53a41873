#pragma once

// When a running job takes up slots that have appeared, or is given another parallelism: calmly, as each time
// costs a checkpoint and a restart; or when it has to give slots up: at once. Plain values; no clock.

#include <algorithm>
#include <cstdint>
#include <optional>

#include "runtime/base/engine_time.hpp"

namespace leat::runtime {

class RescaleTimer {
 public:
  /// `stabilization`: for so long nothing may have changed; `pause`: between two rescales; `retry`: between
  /// two tries of one that must be.
  RescaleTimer(Duration stabilization, Duration pause, Duration retry)
      : stabilization_(stabilization), pause_(pause), retry_(retry) {}

  /// The parallelism that would be better than the present one, if there is one.
  void note(std::optional<std::uint32_t> target, Time now) {
    if (target != target_)
      since_ = now;
    target_ = target;
  }
  /// Somebody asked: no need to see whether it lasts, nor to keep the pause. If it comes to nothing, it is tried
  /// again with the pause.
  void hurry() {
    urgent_ = true;
    asked_ = true;
  }
  /// The job runs as it was asked to.
  void reached() { asked_ = false; }
  /// Whether slots have to be given up.
  void press(bool pressed) {
    pressed_ = pressed;
    if (!pressed)
      try_again_ = Time::min();
  }
  /// A rescale begins.
  void began(Time now) {
    not_before_ = now + pause_;
    try_again_ = now + retry_;
    urgent_ = false;
  }

  [[nodiscard]] Time due() const {
    const Time must = pressed_ ? try_again_ : Time::max();
    if (!target_)
      return must;
    return urgent_ ? Time::min() : std::min(must, std::max(since_ + stabilization_, not_before_));
  }
  [[nodiscard]] std::optional<std::uint32_t> target() const { return target_; }
  /// Somebody asked, and it has not come to that yet.
  [[nodiscard]] bool asked() const { return asked_; }

 private:
  Duration stabilization_;
  Duration pause_;
  Duration retry_;
  std::optional<std::uint32_t> target_;
  bool urgent_ = false;
  bool asked_ = false;
  bool pressed_ = false;
  Time since_{};
  Time not_before_ = Time::min();
  Time try_again_ = Time::min();
};

}  // namespace leat::runtime
