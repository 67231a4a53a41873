#include "runtime/dataflow/step_size.hpp"

#include <chrono>

#include <gtest/gtest.h>

namespace leat::runtime {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;

StepSize grown() {
  StepSize size;
  for (int step = 0; step < 20; ++step)
    size.observe(size.records(), microseconds(1));
  return size;
}

TEST(StepSize, GrowsWhileStepsAreShortAndShrinksWhenTheyAreLong) {
  StepSize size = grown();
  const auto most = size.records();
  EXPECT_GT(most, 1000U);
  size.observe(most, milliseconds(1));
  EXPECT_EQ(size.records(), most / 2);
  size.observe(1, microseconds(1));
  EXPECT_EQ(size.records(), most / 2) << "there were no more";
  for (int step = 0; step < 20; ++step)
    size.observe(size.records(), milliseconds(1));
  EXPECT_EQ(size.records(), 1U);
}

TEST(StepSize, StartsSmallWhereRecordsMayTakeLong) {
  StepSize size = grown();
  size.start_small();
  EXPECT_LE(size.records(), 16U);
  const auto small = size.records();
  size.observe(small, milliseconds(5));
  EXPECT_LT(size.records(), small);
  size.start_small();
  EXPECT_LT(size.records(), small) << "it does not grow by it";
}

}  // namespace
}  // namespace leat::runtime
