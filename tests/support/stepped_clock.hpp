#pragma once

// A clock that moves when the test says so.

#include "runtime/base/engine_time.hpp"

namespace leat::test {

class SteppedClock final : public Clock {
 public:
  [[nodiscard]] Time now() const override { return now_; }
  void advance(Duration step) { now_ += step; }
  void advance_to(Time time) { now_ = time; }

 private:
  Time now_{std::chrono::seconds(1)};
};

}  // namespace leat::test
