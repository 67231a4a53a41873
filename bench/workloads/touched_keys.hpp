#pragma once

// Which key each record touches in the checkpoint workloads: first every key once, then per window of
// records only a part of them, drawn anew for each window. Pure functions: any thread.

#include <cstdint>

#include "bench/data/random.hpp"

namespace leat::bench {

struct TouchedKeys {
  std::uint64_t keys;     ///< below 2^32
  std::uint64_t touched;  ///< distinct keys that a window draws, about
  std::uint64_t window;   ///< records
  bool skewed;            ///< most records of a window touch few of its keys

  [[nodiscard]] std::uint64_t key(std::uint64_t n) const {
    if (n < keys)
      return n;
    const std::uint64_t past = n - keys;
    std::uint64_t draw = scale(mix(n), touched);
    if (skewed)  // the third power of an even draw
      draw = draw * draw / touched * draw / touched;
    return scale(mix((past / window) * touched + draw), keys);
  }
};

}  // namespace leat::bench
