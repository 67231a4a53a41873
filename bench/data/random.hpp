#pragma once

// The deterministic random numbers of the benchmarks' data; the same on every machine.
// Any thread; one instance per user.
// Invariant: the sequence depends on the seed alone, so cached data can be made again bit by bit.

#include <cstdint>

namespace leat::bench {

/// splitmix64's finaliser: turns a counter into a well mixed number in about a nanosecond.
constexpr std::uint64_t mix(std::uint64_t value) {
  value += 0x9e3779b97f4a7c15ULL;
  value = (value ^ (value >> 30U)) * 0xbf58476d1ce4e5b9ULL;
  value = (value ^ (value >> 27U)) * 0x94d049bb133111ebULL;
  return value ^ (value >> 31U);
}

/// Maps 64 random bits to [0, limit) by their high bits: a multiplication instead of a division.
constexpr std::uint64_t scale(std::uint64_t bits, std::uint64_t limit) {
  return ((bits >> 32U) * limit) >> 32U;
}

class Random {
 public:
  explicit constexpr Random(std::uint64_t seed) : state_(seed) {}

  constexpr std::uint64_t next() { return mix(state_++); }

  /// A number in [0, limit); `limit` must be below 2^32.
  constexpr std::uint64_t below(std::uint64_t limit) { return scale(next(), limit); }

  /// True once in `n` draws on average.
  constexpr bool one_in(std::uint64_t n) { return below(n) == 0; }

 private:
  std::uint64_t state_;
};

}  // namespace leat::bench
