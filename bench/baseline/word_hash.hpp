#pragma once

// Transparent hash and equality for maps keyed by words (Debian's absl::string_view is not
// std::string_view, so Abseil's own functors do not look std::string_view up).
// Pure functions: any thread.
// Invariant: a HashedWord finds what its word finds, without hashing again.

#include <cstddef>
#include <string_view>

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace leat::bench {

inline std::size_t hash_word(std::string_view word) {
  return XXH3_64bits(word.data(), word.size());
}

struct HashedWord {
  std::string_view word;
  std::size_t hash;
};

struct WordHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view word) const { return hash_word(word); }
  std::size_t operator()(const HashedWord& word) const { return word.hash; }
};

struct WordEqual {
  using is_transparent = void;
  bool operator()(std::string_view a, std::string_view b) const { return a == b; }
  bool operator()(std::string_view a, const HashedWord& b) const { return a == b.word; }
};

}  // namespace leat::bench
