#include "runtime/connectors/text_format.hpp"

#include <cstdlib>
#include <limits>

#include <gtest/gtest.h>

struct Visit {
  std::string url;
  std::uint64_t user = 0;
  double seconds = 0;
  std::vector<int> tags;
};
LEAT_RECORD(Visit, url, user, seconds, tags)

namespace leat {
namespace {

enum class Colour : std::uint8_t { kRed = 7 };

template <class T>
std::string text_of(const T& value) {
  std::string line = "before ";
  TextFormat<T>::append(line, Codec<T>::view(value));
  EXPECT_TRUE(line.starts_with("before "));
  return line.substr(7);
}

TEST(TextFormat, WritesIntegersInFull) {
  EXPECT_EQ(text_of(std::numeric_limits<std::uint64_t>::max()), "18446744073709551615");
  EXPECT_EQ(text_of(std::numeric_limits<std::int64_t>::min()), "-9223372036854775808");
  EXPECT_EQ(text_of(std::uint8_t{200}), "200");
  EXPECT_EQ(text_of(std::int8_t{-1}), "-1");
}

TEST(TextFormat, WritesTheShortestTextThatReadsBackTheSame) {
  EXPECT_EQ(text_of(0.1), "0.1");
  EXPECT_EQ(text_of(1e300), "1e+300");
  EXPECT_EQ(text_of(0.1F), "0.1");
  EXPECT_EQ(text_of(-std::numeric_limits<double>::infinity()), "-inf");
  for (const double value : {1.0 / 3, 5e-324, std::numeric_limits<double>::max(), -0.0})
    EXPECT_EQ(std::strtod(text_of(value).c_str(), nullptr), value);
}

TEST(TextFormat, WritesCharactersTruthsAndEnums) {
  EXPECT_EQ(text_of('x'), "x");
  EXPECT_EQ(text_of(true), "1");
  EXPECT_EQ(text_of(false), "0");
  EXPECT_EQ(text_of(Colour::kRed), "7");
}

TEST(TextFormat, SeparatesFieldsByTabs) {
  EXPECT_EQ(text_of(std::pair<std::string, int>("a b", 2)), "a b\t2");
  EXPECT_EQ(text_of(std::tuple<std::string, int, double>("", 2, 0.5)), "\t2\t0.5");
  EXPECT_EQ(text_of(std::pair<std::pair<int, int>, int>({1, 2}, 3)), "1\t2\t3");
  EXPECT_EQ(text_of(std::tuple<>()), "");
}

TEST(TextFormat, WritesListsAndWhatMayBeMissing) {
  EXPECT_EQ(text_of(std::vector<std::string>{"a", "b"}), "a,b");
  EXPECT_EQ(text_of(std::vector<int>{}), "");
  EXPECT_EQ(text_of(std::optional<int>(4)), "4");
  EXPECT_EQ(text_of(std::optional<int>()), "");
}

TEST(TextFormat, WritesTheFieldsOfListedRecords) {
  EXPECT_EQ(text_of(Visit{"/index", 12, 0.25, {1, 2}}), "/index\t12\t0.25\t1,2");
}

}  // namespace
}  // namespace leat
