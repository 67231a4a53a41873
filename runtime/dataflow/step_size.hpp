#pragma once

// How many records a stage takes in one step: as many as it gets done in a fraction of a turn, so that
// slow user functions do not make a turn long and fast ones are not slowed by looking at the clock.

#include <algorithm>
#include <chrono>
#include <cstdint>

#include "runtime/base/engine_time.hpp"

namespace leat::runtime {

class StepSize {
 public:
  [[nodiscard]] std::uint32_t records() const { return records_; }

  /// The next records may take longer than those before, and nobody knows by how much.
  void start_small() { records_ = std::min(records_, kCautious); }

  /// A step of `taken` records lasted so long.
  void observe(std::uint32_t taken, Duration lasted) {
    if (lasted > kLongest)
      records_ = std::max(records_ / 2, kFewest);
    else if (taken >= records_ && lasted < kShortest)
      records_ = std::min(records_ * 2, kMost);
  }

 private:
  static constexpr Duration kShortest = std::chrono::microseconds(50);
  static constexpr Duration kLongest = std::chrono::microseconds(400);
  static constexpr std::uint32_t kFewest = 1;
  static constexpr std::uint32_t kCautious = 8;
  static constexpr std::uint32_t kMost = 1U << 14U;

  std::uint32_t records_ = 64;
};

}  // namespace leat::runtime
