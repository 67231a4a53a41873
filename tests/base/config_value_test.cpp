#include "runtime/base/config_value.hpp"

#include <chrono>

#include <gtest/gtest.h>

namespace leat {
namespace {

using namespace std::chrono_literals;

TEST(ConfigValue, ReadsTimesWithTheirUnits) {
  EXPECT_EQ(*parse_duration("500 ms"), 500ms);
  EXPECT_EQ(*parse_duration("3s"), 3s);
  EXPECT_EQ(*parse_duration("10 min"), 10min);
  EXPECT_EQ(*parse_duration("1 h"), 1h);
  EXPECT_EQ(*parse_duration("2 d"), 48h);
  EXPECT_EQ(*parse_duration("0"), 0s);
}

TEST(ConfigValue, RefusesATimeWithoutUnit) {
  const auto duration = parse_duration("3");
  ASSERT_FALSE(duration.ok());
  EXPECT_EQ(duration.error().message(),
            "'3' is not a time with its unit, such as '500 ms', '3 s', '10 min' or '1 h'");
}

TEST(ConfigValue, RefusesTimesThatAreNone) {
  for (const char* text : {"", "ms", "-3 s", "3 weeks", "3 s s", "1.5 s"})
    EXPECT_FALSE(parse_duration(text).ok()) << text;
}

TEST(ConfigValue, RefusesTimesBeyondItsRange) {
  EXPECT_FALSE(parse_duration("400000 d").ok());
  EXPECT_FALSE(parse_duration("99999999999999999999 ms").ok());
}

TEST(ConfigValue, ReadsSizesAsPowersOf1024) {
  EXPECT_EQ(*parse_bytes("512"), 512U);
  EXPECT_EQ(*parse_bytes("32 kb"), 32U * 1024);
  EXPECT_EQ(*parse_bytes("8MB"), 8U << 20U);
  EXPECT_FALSE(parse_bytes("8 parsecs").ok());
}

TEST(ConfigValue, RefusesNumbersWithAnythingBehind) {
  EXPECT_EQ(*parse_integer("42"), 42U);
  for (const char* text : {"", "4x", "-1", "+1", " 1", "1e3", "99999999999999999999"})
    EXPECT_FALSE(parse_integer(text).ok()) << text;
}

TEST(ConfigValue, ReadsDecimals) {
  EXPECT_EQ(*parse_decimal("2"), 2.0);
  EXPECT_EQ(*parse_decimal("0.25"), 0.25);
  for (const char* text : {"", "a", "1,5", "1.5x", "inf", "nan", "1e3"})
    EXPECT_FALSE(parse_decimal(text).ok()) << text;
}

}  // namespace
}  // namespace leat
