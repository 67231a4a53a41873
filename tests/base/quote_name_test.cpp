#include "runtime/base/quote_name.hpp"

#include <gtest/gtest.h>

namespace leat {
namespace {

TEST(QuoteName, LeavesReadableNamesAsTheyAre) {
  EXPECT_EQ(quote_name("dir/file name.txt"), "'dir/file name.txt'");
  EXPECT_EQ(quote_name("grün €𝄞"), "'grün €𝄞'");
}

TEST(QuoteName, EscapesWhatWouldBreakTheLineOrTheQuotes) {
  EXPECT_EQ(quote_name("a\nb\tc\x7f"), "'a\\nb\\x09c\\x7f'");
  EXPECT_EQ(quote_name("it's \\"), "'it\\'s \\\\'");
}

TEST(QuoteName, EscapesBytesThatAreNoUtf8) {
  EXPECT_EQ(quote_name("\xff"), "'\\xff'");
  EXPECT_EQ(quote_name("\xc3"), "'\\xc3'");                             // cut short
  EXPECT_EQ(quote_name("\xc0\xaf"), "'\\xc0\\xaf'");                    // longer than needed
  EXPECT_EQ(quote_name("\xed\xa0\x80"), "'\\xed\\xa0\\x80'");           // a surrogate
  EXPECT_EQ(quote_name("\xf4\x90\x80\x80"), "'\\xf4\\x90\\x80\\x80'");  // beyond U+10FFFF
}

}  // namespace
}  // namespace leat
