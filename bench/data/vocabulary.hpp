#pragma once

// A vocabulary of pronounceable words whose lengths and frequencies look like a language's.
// Any thread; immutable once built.
// Invariant: words are distinct, lower case, ordered from the most to the least frequent.

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "bench/data/random.hpp"

namespace leat::bench {

/// Frequencies follow Zipf-Mandelbrot, p(rank) ~ 1 / (rank + shift)^exponent, and frequent words
/// are short (Zipf's law of abbreviation): the two properties a word count's cost depends on.
class Vocabulary {
 public:
  struct Options {
    std::size_t words = 300'000;
    double exponent = 1.05;
    double shift = 1.0;
    std::uint64_t seed = 1;
  };

  explicit Vocabulary(const Options& options);

  /// Draws a word by its frequency, in constant time (Walker's alias method).
  const std::string& draw(Random& random) const;

  const std::vector<std::string>& words() const { return words_; }

 private:
  struct Bucket {
    std::uint32_t threshold;  ///< in 2^-32: below it the bucket's own word, else the alias
    std::uint32_t alias;
  };

  void make_words(const Options& options);
  void make_buckets(const Options& options);

  std::vector<std::string> words_;
  std::vector<Bucket> buckets_;
};

}  // namespace leat::bench
