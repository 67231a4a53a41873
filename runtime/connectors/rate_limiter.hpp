#pragma once

// When a reader of a rate-limited source may emit. Each of `parallelism` readers keeps its share and
// takes its turn: together they emit evenly. After a stall they catch up at twice the rate. Takes the
// time as an argument; on the slot's thread.

#include <cstdint>

#include "runtime/base/engine_time.hpp"

namespace leat::runtime {

class RateLimiter {
 public:
  /// `rate`: records per second over all readers, above 0.
  RateLimiter(double rate, std::uint32_t subtask, std::uint32_t parallelism);

  /// How many records may be emitted now. The first call starts the schedule; time does not run back.
  std::uint64_t allowed(Time now);
  void emitted(std::uint64_t records);
  /// When allowed() is worth another call after it gave 0. Not before kLeastWait, so that a high rate
  /// does not keep the slot awake.
  [[nodiscard]] Time next(Time now) const;

  static constexpr Duration kLeastWait = std::chrono::milliseconds(1);
  /// What one call may make up for at most.
  static constexpr Duration kLongestStep = std::chrono::milliseconds(50);
  static constexpr double kCatchUp = 2;

 private:
  double seconds_per_record_;  ///< of this reader
  double first_seconds_;       ///< after the start, of this reader's first record
  bool started_ = false;
  Time start_{};
  Time last_{};
  std::uint64_t emitted_ = 0;
  double credit_ = 1;  ///< records that may follow at once, however late they are
};

}  // namespace leat::runtime
