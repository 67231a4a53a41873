#include "cli/row_output.hpp"

#include <sstream>

#include <gtest/gtest.h>

namespace leat::cli {
namespace {

proto::ResultBatch batch(std::uint32_t attempt, std::uint64_t offset,
                         const std::vector<std::string>& rows) {
  proto::ResultBatch result;
  result.set_attempt(attempt);
  result.set_offset(offset);
  for (const std::string& row : rows)
    result.add_rows(row);
  return result;
}

TEST(RowOutput, PrintsRowsAtOnceWhenNothingIsHeld) {
  std::ostringstream out;
  RowOutput rows(out, RowOutput::Hold::kNothing);
  ASSERT_TRUE(rows.add(batch(1, 0, {"a\t1", "b\t2"})).ok());
  EXPECT_EQ(out.str(), "a\t1\nb\t2\n");
  EXPECT_EQ(rows.attempt(), 1U);
  EXPECT_EQ(rows.offset(), 2U);
}

TEST(RowOutput, HoldsRowsUntilTheyAreReleased) {
  std::ostringstream out;
  RowOutput rows(out, RowOutput::Hold::kUntilFinished);
  ASSERT_TRUE(rows.add(batch(1, 0, {"a", ""})).ok());
  ASSERT_TRUE(rows.add(batch(1, 2, {"c"})).ok());
  EXPECT_EQ(out.str(), "");
  ASSERT_TRUE(rows.release().ok());
  EXPECT_EQ(out.str(), "a\n\nc\n");
}

TEST(RowOutput, NeverShowsHeldRowsOfAnEarlierAttempt) {
  std::ostringstream out;
  RowOutput rows(out, RowOutput::Hold::kUntilFinished);
  ASSERT_TRUE(rows.add(batch(1, 0, {"old"})).ok());
  ASSERT_TRUE(rows.add(batch(2, 0, {"new"})).ok());
  ASSERT_TRUE(rows.release().ok());
  EXPECT_EQ(out.str(), "new\n");
  EXPECT_FALSE(rows.printed_rows_are_void());
}

TEST(RowOutput, TellsOnceThatPrintedRowsAreVoid) {
  std::ostringstream out;
  RowOutput rows(out, RowOutput::Hold::kNothing);
  ASSERT_TRUE(rows.add(batch(1, 0, {"old"})).ok());
  EXPECT_FALSE(rows.printed_rows_are_void());
  ASSERT_TRUE(rows.add(batch(2, 0, {})).ok());
  EXPECT_TRUE(rows.printed_rows_are_void());
  EXPECT_FALSE(rows.printed_rows_are_void());
  EXPECT_EQ(rows.offset(), 0U);
}

TEST(RowOutput, SkipsRowsThatArriveTwice) {
  std::ostringstream out;
  RowOutput rows(out, RowOutput::Hold::kNothing);
  ASSERT_TRUE(rows.add(batch(1, 0, {"a", "b"})).ok());
  ASSERT_TRUE(rows.add(batch(1, 1, {"b", "c"})).ok());
  EXPECT_EQ(out.str(), "a\nb\nc\n");
}

TEST(RowOutput, HoldsMoreThanFitsABuffer) {
  std::ostringstream out;
  RowOutput rows(out, RowOutput::Hold::kUntilFinished);
  const std::string row(100'000, 'x');
  for (std::uint64_t i = 0; i < 20; ++i)
    ASSERT_TRUE(rows.add(batch(1, i, {row})).ok());
  ASSERT_TRUE(rows.release().ok());
  EXPECT_EQ(out.str().size(), 20U * (row.size() + 1));
}

TEST(RowOutput, SaysThatOutputTakesNoMore) {
  std::ostringstream out;
  out.setstate(std::ios::badbit);
  RowOutput rows(out, RowOutput::Hold::kNothing);
  const auto added = rows.add(batch(1, 0, {"a"}));
  ASSERT_FALSE(added.ok());
  EXPECT_EQ(added.error().kind(), ErrorKind::kIo);
}

}  // namespace
}  // namespace leat::cli
