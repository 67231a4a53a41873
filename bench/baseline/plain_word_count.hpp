#pragma once

// Word count as a good engineer writes it at the first go: no intrinsics, no batching.
// Single-threaded.
// Invariant: one hash map, one lookup per word, an allocation only for a word not seen before.

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <vector>

#include <absl/container/flat_hash_map.h>

#include "bench/baseline/arena.hpp"
#include "bench/baseline/word_bytes.hpp"
#include "bench/baseline/word_hash.hpp"

namespace leat::bench {

class PlainWordCount {
 public:
  /// Counts the words of one input; nothing is carried over to the next.
  void add(std::string_view input) {
    std::size_t begun = 0;
    while (!input.empty()) {
      if (begun * 2 > block_.size())
        block_.resize(block_.size() * 2);
      const std::string_view part = input.substr(0, block_.size() - begun);
      input.remove_prefix(part.size());
      for (std::size_t i = 0; i < part.size(); ++i)  // the compiler vectorises this
        block_[begun + i] = lower(part[i]);
      begun = count_block(begun + part.size(), input.empty());
    }
  }

  template <class Each>
  void for_each(Each&& each) const {
    for (const auto& [word, count] : counts_)
      each(word, count);
  }

 private:
  /// Returns the length of a word that goes on in the next block, moved to the block's start.
  std::size_t count_block(std::size_t end, bool last) {
    std::size_t at = 0;
    while (true) {
      while (at < end && !kIsWordByte[static_cast<unsigned char>(block_[at])])
        ++at;
      const std::size_t start = at;
      while (at < end && kIsWordByte[static_cast<unsigned char>(block_[at])])
        ++at;
      if (at == end && !last) {
        std::memmove(block_.data(), block_.data() + start, end - start);
        return end - start;
      }
      if (at > start)
        count({block_.data() + start, at - start});
      if (at == end)
        return 0;
    }
  }

  void count(std::string_view word) {
    if (const auto found = counts_.find(word); found != counts_.end())
      ++found->second;
    else
      counts_.emplace(arena_.keep(word), 1);
  }

  std::vector<char> block_ = std::vector<char>(256 * 1024);
  Arena arena_;
  absl::flat_hash_map<std::string_view, std::uint64_t, WordHash, WordEqual> counts_;
};

}  // namespace leat::bench
