#include "actors/log_format.hpp"

#include <gtest/gtest.h>

namespace leat::actors {
namespace {

LogEvent sample() {
  return {LogLevel::kWarn,
          "supervisor",
          "child_failed",
          {{"child", "task_manager/tm-3f2a"}, {"reason", "it was killed"}, {"attempt", "2/10"}}};
}

TEST(LogFormat, WritesOneLineOfKeysAndValues) {
  EXPECT_EQ(
      "2024-05-01T12:00:00.123Z warn supervisor event=child_failed child=task_manager/tm-3f2a "
      "reason=\"it was killed\" attempt=2/10",
      format_text(sample(), "2024-05-01T12:00:00.123Z"));
}

TEST(LogFormat, KeepsAValueWithQuotesAndNewlinesOnItsLine) {
  LogEvent event{LogLevel::kInfo, "slot", "failed", {{"reason", "a \"b\"\nc=\\"}, {"empty", ""}}};
  EXPECT_EQ("t info slot event=failed reason=\"a \\\"b\\\"\\nc=\\\\\" empty=\"\"",
            format_text(event, "t"));
}

TEST(LogFormat, WritesJsonWithTheSameFields) {
  EXPECT_EQ(R"({"time":"t","level":"warn","component":"supervisor","event":"child_failed",)"
            R"("child":"task_manager/tm-3f2a","reason":"it was killed","attempt":"2/10"})",
            format_json(sample(), "t"));
}

TEST(LogFormat, ReplacesBytesThatAreNoUtf8InJson) {
  LogEvent event{LogLevel::kError, "c", "e", {{"v", "\xc3\xa9 \xff \xc3"}, {"n", "\x01\n"}}};
  EXPECT_EQ(
      "{\"time\":\"t\",\"level\":\"error\",\"component\":\"c\",\"event\":\"e\","
      "\"v\":\"\xc3\xa9 \xef\xbf\xbd \xef\xbf\xbd\",\"n\":\"\\u0001\\n\"}",
      format_json(event, "t"));
}

TEST(LogFormat, WritesTimeInUtcWithMilliseconds) {
  EXPECT_EQ("2024-05-01T12:00:00.007Z", format_timestamp(1714564800007));
}

}  // namespace
}  // namespace leat::actors
