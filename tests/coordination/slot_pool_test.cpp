#include "runtime/coordination/slot_pool.hpp"

#include <gtest/gtest.h>

namespace leat::runtime {
namespace {

const Incarnation kOne(1, 1);
const Incarnation kTwo(1, 2);

SubtaskKey subtask(std::uint32_t number, std::uint32_t attempt = 1) {
  return {JobId(0, 1), Attempt{attempt}, number};
}

TEST(SlotPool, ASlotStaysTakenUntilItIsReleased) {
  SlotPool pool;
  pool.add(kOne, 2);
  EXPECT_EQ(pool.free_count(), 2U);
  pool.take({kOne, 0}, subtask(0));
  EXPECT_EQ(pool.free_slots(), (std::vector<SlotId>{{kOne, 1}}));
  EXPECT_TRUE(pool.release(kOne, subtask(0)));
  EXPECT_EQ(pool.free_count(), 2U);
}

TEST(SlotPool, IgnoresReleasesOfWhatIsNotHeld) {
  SlotPool pool;
  pool.add(kOne, 1);
  pool.add(kTwo, 1);
  pool.take({kOne, 0}, subtask(0, 2));
  EXPECT_FALSE(pool.release(kOne, subtask(0, 1))) << "an older attempt";
  EXPECT_FALSE(pool.release(kTwo, subtask(0, 2))) << "another TaskManager";
  EXPECT_TRUE(pool.release(kOne, subtask(0, 2)));
  EXPECT_FALSE(pool.release(kOne, subtask(0, 2))) << "twice";
}

TEST(SlotPool, TellsWhatALostTaskManagerHeld) {
  SlotPool pool;
  pool.add(kOne, 2);
  pool.add(kTwo, 1);
  pool.take({kOne, 1}, subtask(0));
  pool.take({kTwo, 0}, subtask(1));
  EXPECT_EQ(pool.remove(kOne), (std::vector<SubtaskKey>{subtask(0)}));
  EXPECT_FALSE(pool.slot_of(subtask(0)).has_value());
  EXPECT_EQ(pool.slot_of(subtask(1)), (SlotId{kTwo, 0}));
  EXPECT_EQ(pool.free_count(), 0U);
  pool.add(kOne, 2);
  EXPECT_EQ(pool.free_count(), 2U) << "it comes back empty";
}

TEST(SlotPool, SlotsOfATaskManagerThatLeavesAreHeldButNeverFree) {
  SlotPool pool;
  pool.add(kOne, 2);
  pool.add(kTwo, 1);
  pool.take({kOne, 1}, subtask(0));
  pool.close(kOne);
  EXPECT_TRUE(pool.closed(kOne));
  EXPECT_FALSE(pool.closed(kTwo));
  EXPECT_EQ(pool.free_slots(), (std::vector<SlotId>{{kTwo, 0}}));
  EXPECT_EQ(pool.free_count(), 1U);
  EXPECT_EQ(pool.held_by(kOne), (std::vector<SubtaskKey>{subtask(0)}));
  EXPECT_TRUE(pool.release(kOne, subtask(0)));
  EXPECT_EQ(pool.free_count(), 1U);
  EXPECT_TRUE(pool.held_by(kOne).empty());
  pool.remove(kOne);
  pool.add(kOne, 2);
  EXPECT_EQ(pool.free_count(), 3U) << "it comes back to stay";
}

TEST(SlotPoolDeathTest, GivesASlotToOneOnly) {
  SlotPool pool;
  pool.add(kOne, 2);
  pool.take({kOne, 0}, subtask(0));
  EXPECT_DEATH(pool.take({kOne, 0}, subtask(1)), "check failed");
  EXPECT_DEATH(pool.take({kOne, 1}, subtask(0)), "check failed");
}

}  // namespace
}  // namespace leat::runtime
