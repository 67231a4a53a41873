#pragma once

// Counts delays in buckets whose width is a 32nd of their value, so that the smallest and the largest are
// told apart equally well and a record costs one increment.
// Single-threaded.
// Invariant: a bucket's name is its upper bound: what is read off is never too small.

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

namespace leat::bench {

class LatencyHistogram {
 public:
  void add(std::int64_t nanoseconds) {
    ++counts_[bucket(nanoseconds < 0 ? 0 : static_cast<std::uint64_t>(nanoseconds))];
  }

  /// Calls `each(upper bound in ns, count)` for the buckets in use, in order.
  template <class Each>
  void for_each(Each&& each) const {
    for (std::size_t i = 0; i < counts_.size(); ++i) {
      if (counts_[i] > 0)
        each(upper_bound(i), counts_[i]);
    }
  }

 private:
  static constexpr unsigned kDigits = 5;  ///< binary, behind the first
  static constexpr std::size_t kSteps = std::size_t{1} << kDigits;

  static std::size_t bucket(std::uint64_t value) {
    if (value < kSteps)
      return value;
    const auto shift = static_cast<unsigned>(std::bit_width(value)) - 1 - kDigits;
    return shift * kSteps + (value >> shift);
  }
  static std::uint64_t upper_bound(std::size_t bucket) {
    if (bucket < 2 * kSteps)
      return bucket;
    const std::size_t shift = bucket / kSteps - 1;
    return (((bucket % kSteps + kSteps) + 1) << shift) - 1;
  }

  std::array<std::uint64_t, (64 - kDigits + 1) * kSteps> counts_{};
};

}  // namespace leat::bench
