#include "runtime/coordination/placement.hpp"

#include <algorithm>
#include <chrono>
#include <map>
#include <set>

#include <gtest/gtest.h>

#include "runtime/coordination/unreachable_pairs.hpp"

namespace leat::runtime {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

Incarnation tm(std::uint64_t number) {
  return {1, number};
}

std::vector<SlotId> slots_of(std::initializer_list<std::uint32_t> counts) {
  std::vector<SlotId> free;
  std::uint64_t number = 0;
  for (const std::uint32_t count : counts) {
    for (std::uint32_t index = 0; index < count; ++index)
      free.push_back({tm(number), index});
    ++number;
  }
  return free;
}

bool no_conflict(Incarnation /*one*/, Incarnation /*other*/) {
  return false;
}

std::map<Incarnation, int> per_task_manager(const std::vector<SlotId>& slots) {
  std::map<Incarnation, int> count;
  for (const SlotId& slot : slots)
    ++count[slot.task_manager];
  return count;
}

TEST(Placement, SpreadsEvenly) {
  const auto slots = place(slots_of({2, 2, 2, 2}), 6, no_conflict);
  ASSERT_EQ(slots.size(), 6U);
  const auto count = per_task_manager(slots);
  EXPECT_EQ(count.size(), 4U);
  for (const auto& [task_manager, held] : count)
    EXPECT_LE(held, 2);
}

TEST(Placement, GivesWhatThereIs) {
  EXPECT_EQ(place(slots_of({1, 2}), 10, no_conflict).size(), 3U);
  EXPECT_TRUE(place({}, 10, no_conflict).empty());
}

TEST(Placement, TakesTheEmptiestTaskManagersFirst) {
  const auto slots = place(slots_of({1, 4, 2}), 1, no_conflict);
  ASSERT_EQ(slots.size(), 1U);
  EXPECT_EQ(slots[0].task_manager, tm(1));
}

TEST(Placement, GivesEachSlotOnce) {
  const auto slots = place(slots_of({3, 1, 2}), 6, no_conflict);
  EXPECT_EQ(std::set<SlotId>(slots.begin(), slots.end()).size(), 6U);
}

TEST(Placement, KeepsConflictingTaskManagersApart) {
  const auto conflict = [](Incarnation one, Incarnation other) {
    return std::minmax(one, other) == std::minmax(tm(0), tm(1)) && one != other;
  };
  const auto count = per_task_manager(place(slots_of({2, 2, 2}), 6, conflict));
  EXPECT_EQ(count.size(), 2U);
  EXPECT_TRUE(count.contains(tm(2)));
}

TEST(Placement, LeavesOutTheOneThatNobodyReachesEvenIfItIsTheLargest) {
  const auto conflict = [](Incarnation one, Incarnation other) {
    return (one == tm(0)) != (other == tm(0));
  };
  const auto slots = place(slots_of({4, 3, 3}), 6, conflict);
  EXPECT_EQ(slots.size(), 6U);
  EXPECT_FALSE(per_task_manager(slots).contains(tm(0)));
}

TEST(Placement, GivesSomethingWhenAllConflict) {
  const auto conflict = [](Incarnation one, Incarnation other) { return one != other; };
  EXPECT_EQ(place(slots_of({1, 2, 1}), 4, conflict).size(), 2U);
}

TEST(Placement, SubtasksStayWhereTheyWereAndTheOthersTakeWhatIsLeft) {
  const std::vector<Incarnation> before = {tm(2), tm(1), tm(0), tm(2)};
  const auto slots = keep_places(slots_of({1, 0, 2, 0, 1}), before);  // 1 is lost, 4 is new
  ASSERT_EQ(slots.size(), 4U);
  EXPECT_EQ(slots[0].task_manager, tm(2));
  EXPECT_EQ(slots[1].task_manager, tm(4));
  EXPECT_EQ(slots[2].task_manager, tm(0));
  EXPECT_EQ(slots[3].task_manager, tm(2));
  EXPECT_EQ(std::set<SlotId>(slots.begin(), slots.end()).size(), 4U);
}

TEST(Placement, OfMoreOrFewerSubtasksThanBeforeKeepsThoseThatThereAre) {
  EXPECT_EQ(keep_places(slots_of({1, 1, 1}), {tm(2)})[0].task_manager, tm(2));
  EXPECT_EQ(keep_places(slots_of({1, 1}), {tm(1), tm(0), tm(2)})[0].task_manager, tm(1));
  EXPECT_EQ(keep_places(slots_of({1, 1}), {}).size(), 2U);
}

TEST(UnreachablePairs, HoldInBothDirectionsForAWhile) {
  UnreachablePairs pairs(minutes(1));
  pairs.report(tm(1), tm(2), Time(seconds(0)));
  EXPECT_TRUE(pairs.contains(tm(2), tm(1), Time(seconds(59))));
  EXPECT_FALSE(pairs.contains(tm(1), tm(2), Time(seconds(60))));
  EXPECT_FALSE(pairs.contains(tm(1), tm(3), Time(seconds(1))));
}

TEST(UnreachablePairs, AreForgottenWithOneOfTheTwo) {
  UnreachablePairs pairs(minutes(1));
  pairs.report(tm(1), tm(2), Time(seconds(0)));
  pairs.forget(tm(2));
  EXPECT_FALSE(pairs.contains(tm(1), tm(2), Time(seconds(1))));
}

TEST(UnreachablePairs, NeverHoldATaskManagerAgainstItself) {
  UnreachablePairs pairs(minutes(1));
  pairs.report(tm(1), tm(1), Time(seconds(0)));
  EXPECT_FALSE(pairs.contains(tm(1), tm(1), Time(seconds(1))));
}

}  // namespace
}  // namespace leat::runtime
