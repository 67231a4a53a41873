#pragma once

// The same word count with vector scanning and lookups in batches: the baseline of record.
// Single-threaded.
// Invariant: one hash map, one lookup per word, an allocation only for a word not seen before.

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include <absl/container/flat_hash_map.h>

#include "bench/baseline/arena.hpp"
#include "bench/baseline/word_hash.hpp"
#include "bench/baseline/word_scanner.hpp"

namespace leat::bench {

/// A vocabulary of some hundred thousand words does not fit the second-level cache, so a lookup at
/// a time waits for memory at each word. Hashing a batch, prefetching its slots and only then
/// looking them up halves the whole loop's time.
class TunedWordCount {
 public:
  void add(std::string_view input) {
    scanner_.scan(
        input, [this](std::string_view word) { enqueue(word); }, [this] { count_batch(); });
  }

  template <class Each>
  void for_each(Each&& each) const {
    for (const auto& [word, count] : counts_)
      each(word, count);
  }

 private:
  static constexpr std::size_t kBatch = 16;  // 8 and 64 were slower, 32 the same

  void enqueue(std::string_view word) {
    HashedWord& pending = batch_[pending_];
    pending = {word, hash_word(word)};
    counts_.prefetch(pending);
    if (++pending_ == kBatch)
      count_batch();
  }

  void count_batch() {
    for (std::size_t i = 0; i < pending_; ++i) {
      if (const auto found = counts_.find(batch_[i]); found != counts_.end())
        ++found->second;
      else
        counts_.emplace(arena_.keep(batch_[i].word), 1);
    }
    pending_ = 0;
  }

  WordScanner scanner_;
  Arena arena_;
  absl::flat_hash_map<std::string_view, std::uint64_t, WordHash, WordEqual> counts_;
  std::array<HashedWord, kBatch> batch_{};
  std::size_t pending_ = 0;
};

}  // namespace leat::bench
