#include "runtime/api/words.hpp"

#include <random>

#include <gmock/gmock.h>

#include "tests/support/collecting.hpp"

namespace leat {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

/// The text lies in memory of exactly its size, so that AddressSanitizer sees a byte too many.
std::vector<std::string> words_of(std::string_view text) {
  const std::vector<char> exact(text.begin(), text.end());
  test::Collecting<std::string> out;
  words({exact.data(), exact.size()}, out);
  return std::move(out.records);
}

std::vector<std::string> naive_words(std::string_view text) {
  std::vector<std::string> found;
  std::string word;
  for (const char raw : text) {
    const char c = raw >= 'A' && raw <= 'Z' ? static_cast<char>(raw - 'A' + 'a') : raw;
    if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_') {
      word += c;
    } else if (!word.empty()) {
      found.push_back(std::exchange(word, {}));
    }
  }
  if (!word.empty())
    found.push_back(word);
  return found;
}

TEST(Words, AreLowerCasedRunsOfLettersDigitsAndUnderscores) {
  EXPECT_THAT(words_of("The cat's ID is X_1, (2nd)"),
              ElementsAre("the", "cat", "s", "id", "is", "x_1", "2nd"));
}

TEST(Words, AreNoneInTextWithoutThem) {
  EXPECT_THAT(words_of(""), IsEmpty());
  EXPECT_THAT(words_of(" \t\r\n.,;-"), IsEmpty());
}

TEST(Words, AreSeparatedByBytesOutsideAscii) {
  EXPECT_THAT(words_of("Käse naïve\xff\x80z"), ElementsAre("k", "se", "na", "ve", "z"));
}

TEST(Words, EveryByteIsJudgedAsTrDoes) {
  for (int byte = 0; byte < 256; ++byte) {
    const std::string text = std::string("a") + static_cast<char>(byte) + "b";
    EXPECT_EQ(words_of(text), naive_words(text)) << "byte " << byte;
  }
}

TEST(Words, OfAnyLengthAndPlaceAreFound) {
  for (const std::size_t length : {1U, 15U, 16U, 17U, 63U, 64U, 65U, 128U, 2047U, 2048U, 2049U})
    for (std::size_t before = 0; before < 70; ++before)
      for (const char* const after : {"", " ", " x"}) {
        const std::string text = std::string(before, ' ') + std::string(length, 'W') + after;
        ASSERT_EQ(words_of(text), naive_words(text)) << before << " before " << length;
      }
}

TEST(Words, OfMegabytesAreFound) {
  const std::string text = "a " + std::string(3'000'000, 'B') + " c" + std::string(5000, '.') + "D";
  EXPECT_EQ(words_of(text), naive_words(text));
}

TEST(Words, OfRandomTextsEqualTheNaiveOnes) {
  constexpr std::string_view kBytes = "abzAZ019_ .,-\n\xc3\xa4@[`{/:^";
  for (std::uint32_t seed = 0; seed < 2000; ++seed) {
    std::mt19937 random(seed);
    const auto below = [&random](std::size_t bound) {
      return std::uniform_int_distribution<std::size_t>(0, bound - 1)(random);
    };
    std::string text(below(seed % 10 == 0 ? 9000 : 300), ' ');
    const std::size_t separator_odds = 1 + below(100);
    for (char& c : text)
      c = below(separator_odds) == 0 ? kBytes[below(kBytes.size())] : kBytes[below(8)];
    ASSERT_EQ(words_of(text), naive_words(text)) << "seed " << seed;
  }
}

}  // namespace
}  // namespace leat
