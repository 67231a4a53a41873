#include "bench/data/vocabulary.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <string_view>
#include <unordered_set>

namespace leat::bench {
namespace {

// Repeated entries are the weights: roughly the letter frequencies of English.
constexpr std::array<std::string_view, 28> kOnsets = {
    "t", "t", "t", "n", "n", "s", "s", "h", "r", "r",  "d",  "d",  "l",  "l",
    "c", "m", "w", "f", "g", "p", "b", "v", "k", "st", "th", "pr", "ch", "qu"};
constexpr std::array<std::string_view, 14> kVowels = {"e", "e", "e", "e", "a",  "a",  "o",
                                                      "o", "i", "i", "u", "ea", "ou", "y"};
constexpr std::array<std::string_view, 10> kCodas = {"", "", "", "", "n", "r", "s", "t", "l", "ng"};

constexpr std::size_t kLongestWord = 24;

/// Mean length by rank: 3 letters among the first ten, 4 around the hundredth, 8 at the far end.
std::size_t target_length(std::size_t rank, Random& random) {
  const double mean = 2.0 + 0.5 * std::log(static_cast<double>(rank + 1));
  const auto spread = static_cast<double>(random.below(1000) + random.below(1000)) / 1000.0 - 1.0;
  const double length = mean * (1.0 + 0.6 * spread);
  return std::clamp<std::size_t>(static_cast<std::size_t>(std::lround(length)), 1, kLongestWord);
}

std::string make_word(std::size_t length, Random& random) {
  std::string word;
  bool open = random.one_in(3);  // a third of the words start with a vowel
  while (word.size() < length) {
    if (!open)
      word += kOnsets[random.below(kOnsets.size())];
    open = false;
    word += kVowels[random.below(kVowels.size())];
    word += kCodas[random.below(kCodas.size())];
  }
  word.resize(length);
  return word;
}

}  // namespace

Vocabulary::Vocabulary(const Options& options) {
  make_words(options);
  make_buckets(options);
}

const std::string& Vocabulary::draw(Random& random) const {
  const std::uint64_t bits = random.next();
  const std::uint64_t index = scale(bits, buckets_.size());
  const Bucket& bucket = buckets_[index];
  const auto coin = static_cast<std::uint32_t>(bits);
  return words_[coin < bucket.threshold ? index : bucket.alias];
}

void Vocabulary::make_words(const Options& options) {
  Random random(options.seed);
  std::unordered_set<std::string> seen;
  words_.reserve(options.words);
  while (words_.size() < options.words) {
    std::size_t length = target_length(words_.size(), random);
    std::string word = make_word(length, random);
    while (!seen.insert(word).second)
      word = make_word(std::min(++length, kLongestWord), random);
    words_.push_back(std::move(word));
  }
}

void Vocabulary::make_buckets(const Options& options) {
  const std::size_t n = words_.size();
  std::vector<double> scaled(n);
  double total = 0;
  for (std::size_t rank = 0; rank < n; ++rank) {
    scaled[rank] = std::pow(static_cast<double>(rank + 1) + options.shift, -options.exponent);
    total += scaled[rank];
  }
  std::vector<std::uint32_t> small;
  std::vector<std::uint32_t> large;
  for (std::size_t i = 0; i < n; ++i) {
    scaled[i] *= static_cast<double>(n) / total;
    (scaled[i] < 1.0 ? small : large).push_back(static_cast<std::uint32_t>(i));
  }
  constexpr auto kAlways = std::numeric_limits<std::uint32_t>::max();
  buckets_.assign(n, Bucket{kAlways, 0});
  while (!small.empty() && !large.empty()) {
    const std::uint32_t poor = small.back();
    const std::uint32_t rich = large.back();
    small.pop_back();
    buckets_[poor] = Bucket{static_cast<std::uint32_t>(scaled[poor] * kAlways), rich};
    scaled[rich] -= 1.0 - scaled[poor];
    if (scaled[rich] < 1.0) {
      large.pop_back();
      small.push_back(rich);
    }
  }
}

}  // namespace leat::bench
