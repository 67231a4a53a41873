#pragma once

// Which entries of a table are listed as changed already in this generation, by their places in it. It costs
// a bit an entry, where a generation in each would make a table of small ones a half larger. Single-threaded.

#include <cstddef>
#include <cstdint>
#include <vector>

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
  /// Brings what list() looks at closer to the processor.
  void prefetch(std::size_t place, std::size_t capacity) const {
    if (capacity_ == capacity)
      __builtin_prefetch(words_.data() + place / 64);
  }

  /// Nothing is listed.
  void clear() { capacity_ = kNone; }
  /// Something was erased: as long as the table keeps this capacity, entries may change their places unnoticed.
  void places_move(std::size_t capacity) {
    moving_ = capacity;
    clear();
  }
  /// The table is another one.
  void begin() { *this = {}; }

 private:
  static constexpr std::size_t kNone = ~std::size_t{0};

  [[gnu::noinline]] bool renew(std::size_t capacity) {
    if (moving_ == capacity)
      return false;
    words_.assign(capacity / 64 + 1, 0);
    capacity_ = capacity;
    return true;
  }

  std::vector<std::uint64_t> words_;
  std::size_t capacity_ = kNone;  ///< that the places belong to
  std::size_t moving_ = kNone;
};

}  // namespace leat::runtime
