#pragma once

// Which entries of a table are listed as changed already in this generation, by their places in it. It costs
// a bit an entry, where a generation in each would make a table of small ones a half larger. Single-threaded.

#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>

#include "runtime/base/check.hpp"

namespace leat::runtime {

class ChangeFilter {
 public:
  /// For a place below `capacity`, the table's at present: whether it is listed. It is from then on.
  [[nodiscard]] bool list(std::size_t place, std::size_t capacity) {
    if (capacity_ != capacity && !renew(capacity)) [[unlikely]]
      return false;
    std::uint64_t& word = words_[place / 64];
    const std::uint64_t bit = std::uint64_t{1} << place % 64;
    const bool listed = (word & bit) != 0;
    word |= bit;
    return listed;
  }
  /// Nothing is listed.
  void clear() { capacity_ = kNone; }
  /// Something was erased: as long as the table keeps this capacity, entries may change their places unnoticed.
  void places_move(std::size_t capacity) {
    moving_ = narrow(capacity);
    clear();
  }
  /// The table is another one.
  void begin() { *this = {}; }

 private:
  /// Half as wide as a size, so that a write finds this on the cache line of the table itself.
  using Capacity = std::uint32_t;
  /// Not one less than a power of two, as capacities are.
  static constexpr Capacity kNone = std::numeric_limits<Capacity>::max() - 1;

  [[nodiscard]] static Capacity narrow(std::size_t capacity) {
    LEAT_CHECK(capacity <= std::numeric_limits<Capacity>::max());
    return static_cast<Capacity>(capacity);
  }

  [[gnu::noinline]] bool renew(std::size_t capacity) {
    const Capacity renewed = narrow(capacity);
    if (moving_ == renewed)
      return false;
    words_ = std::make_unique<std::uint64_t[]>(capacity / 64 + 1);
    capacity_ = renewed;
    return true;
  }

  Capacity capacity_ = kNone;  ///< that the places belong to
  Capacity moving_ = kNone;
  // A vector would be larger.
  std::unique_ptr<std::uint64_t[]> words_;  // NOLINT(modernize-avoid-c-arrays)
};

}  // namespace leat::runtime
