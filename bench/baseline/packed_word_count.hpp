#pragma once

// Word count with words of up to 16 bytes packed into two registers: the floor we know.
// Single-threaded.
// Invariant: a word's bytes are never zero, so zero padding keeps packed words distinct.

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#include <absl/container/flat_hash_map.h>

#include "bench/baseline/arena.hpp"
#include "bench/baseline/word_hash.hpp"
#include "bench/baseline/word_scanner.hpp"

namespace leat::bench {

/// Short words live in the map's slots themselves: no second cache miss for the bytes, no loop to
/// compare them, a hash of one multiplication. Specialised to what a word is, as a hand-written
/// loop may be; longer words go to a map of their own.
class PackedWordCount {
 public:
  void add(std::string_view input) {
    scanner_.scan(
        input, [this](std::string_view word) { enqueue(word); }, [this] { count_batch(); });
  }

  template <class Each>
  void for_each(Each&& each) const {
    for (const auto& [word, count] : short_)
      each(std::string_view(reinterpret_cast<const char*>(&word), word.size()), count);
    for (const auto& [word, count] : long_)
      each(word, count);
  }

 private:
  struct Packed {
    std::uint64_t low;
    std::uint64_t high;

    bool operator==(const Packed& other) const {
      return ((low ^ other.low) | (high ^ other.high)) == 0;
    }
    std::size_t size() const {
      return high != 0 ? 16 - static_cast<std::size_t>(std::countl_zero(high)) / 8
                       : 8 - static_cast<std::size_t>(std::countl_zero(low)) / 8;
    }
  };
  struct HashedPacked {
    Packed word;
    std::size_t hash;
  };
  struct PackedHash {
    using is_transparent = void;
    std::size_t operator()(const Packed& word) const {
      return XXH3_mul128_fold64(word.low ^ 0x9e3779b97f4a7c15ULL,
                                word.high ^ 0xbf58476d1ce4e5b9ULL);
    }
    std::size_t operator()(const HashedPacked& word) const { return word.hash; }
  };
  struct PackedEqual {
    using is_transparent = void;
    bool operator()(const Packed& a, const Packed& b) const { return a == b; }
    bool operator()(const Packed& a, const HashedPacked& b) const { return a == b.word; }
  };

  static constexpr std::size_t kBatch = 32;
  static_assert(std::endian::native == std::endian::little);

  /// Reads 16 bytes whatever the length (the scanner guarantees them) and masks off what follows:
  /// without a branch on the length, which is as good as random.
  static Packed pack(std::string_view word) {
    static constexpr auto kKeep = [] {
      std::array<Packed, 17> masks{};
      for (unsigned length = 1; length <= 16; ++length) {
        masks[length].low = length >= 8 ? ~0ULL : (1ULL << (8 * length)) - 1;
        masks[length].high = length <= 8    ? 0
                             : length == 16 ? ~0ULL
                                            : (1ULL << (8 * (length - 8))) - 1;
      }
      return masks;
    }();
    Packed packed;
    std::memcpy(&packed, word.data(), sizeof packed);
    return {packed.low & kKeep[word.size()].low, packed.high & kKeep[word.size()].high};
  }

  void enqueue(std::string_view word) {
    if (word.size() > sizeof(Packed)) {
      count_long(word);
      return;
    }
    const Packed packed = pack(word);
    HashedPacked& pending = batch_[pending_];
    pending = {packed, PackedHash{}(packed)};
    short_.prefetch(pending);
    if (++pending_ == kBatch)
      count_batch();
  }

  void count_long(std::string_view word) {
    if (const auto found = long_.find(word); found != long_.end())
      ++found->second;
    else
      long_.emplace(arena_.keep(word), 1);
  }

  void count_batch() {
    for (std::size_t i = 0; i < pending_; ++i) {
      if (const auto found = short_.find(batch_[i]); found != short_.end())
        ++found->second;
      else
        short_.emplace(batch_[i].word, 1);
    }
    pending_ = 0;
  }

  WordScanner scanner_;
  Arena arena_;
  absl::flat_hash_map<Packed, std::uint64_t, PackedHash, PackedEqual> short_;
  absl::flat_hash_map<std::string_view, std::uint64_t, WordHash, WordEqual> long_;
  std::array<HashedPacked, kBatch> batch_{};
  std::size_t pending_ = 0;
};

}  // namespace leat::bench
