#pragma once

// Time as the engine sees it: a value handed in by whoever drives it. There is no now() here on
// purpose, so that a simulation can own the clock.

#include <chrono>
#include <cstdint>

namespace leat {

/// Monotonic time since an arbitrary start (CLOCK_BOOTTIME in production), in nanoseconds.
struct EngineClock {
  using rep = std::int64_t;
  using period = std::nano;
  using duration = std::chrono::nanoseconds;
  using time_point = std::chrono::time_point<EngineClock>;
  static constexpr bool is_steady = true;
};

using Time = EngineClock::time_point;
using Duration = EngineClock::duration;

/// The clock a driver injects where the engine must read time inside a long call.
class Clock {
 public:
  virtual ~Clock() = default;
  [[nodiscard]] virtual Time now() const = 0;
};

}  // namespace leat
