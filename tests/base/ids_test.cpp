#include "runtime/base/ids.hpp"

#include <string>

#include <gtest/gtest.h>

namespace leat {
namespace {

TEST(Ids, AreThirtyTwoLowerCaseHexDigits) {
  const std::string text = "00112233445566778899aabbccddeeff";
  const auto id = JobId::parse(text, "job id");
  ASSERT_TRUE(id.ok());
  EXPECT_EQ(id->hex(), text);
  EXPECT_EQ(id->high(), 0x0011223344556677U);
  EXPECT_EQ(id->low(), 0x8899aabbccddeeffU);
}

TEST(Ids, RefuseAnythingElseInWords) {
  for (const std::string text :
       {"", "12", "00112233445566778899AABBCCDDEEFF", "../etc/passwd/00112233445566778899",
        "0011223344556677 899aabbccddeeff"}) {
    const auto id = JobId::parse(text, "job id");
    ASSERT_FALSE(id.ok()) << text;
    EXPECT_EQ(id.error().message(),
              "'" + text + "' is no job id: 32 hex digits (0-9a-f) are expected");
  }
}

}  // namespace
}  // namespace leat
