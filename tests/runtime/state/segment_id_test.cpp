#include "runtime/state/segment_id.hpp"

#include <cstdint>

#include <gtest/gtest.h>

#include "runtime/state/keyed_state.hpp"

namespace leat::runtime {
namespace {

TEST(SegmentId, DepthZeroHoldsEveryPlacement) {
  EXPECT_EQ(first_placement(SegmentId{}), 0U);
  EXPECT_EQ(last_placement(SegmentId{}), ~std::uint64_t{0});
  EXPECT_TRUE(lies_within(SegmentId{}, groups_of_subtask(0, 1, 128)));
  EXPECT_FALSE(lies_within(SegmentId{}, groups_of_subtask(0, 2, 128)));
}

TEST(SegmentId, HoldsThePlacementsThatBeginWithItsBits) {
  const SegmentId id{3, 0b101};
  EXPECT_EQ(first_placement(id), std::uint64_t{0b101} << 61U);
  EXPECT_TRUE(contains(id, first_placement(id)));
  EXPECT_TRUE(contains(id, last_placement(id)));
  EXPECT_FALSE(contains(id, first_placement(id) - 1));
  EXPECT_FALSE(contains(id, last_placement(id) + 1));
}

TEST(SegmentId, OverlapsTheSubtasksWhoseGroupsItHolds) {
  const SegmentId groups_32_to_63{2, 1};
  EXPECT_TRUE(overlaps(groups_32_to_63, groups_of_subtask(0, 3, 128)));  // 0–42
  EXPECT_FALSE(lies_within(groups_32_to_63, groups_of_subtask(0, 3, 128)));
  EXPECT_TRUE(overlaps(groups_32_to_63, groups_of_subtask(1, 3, 128)));   // 43–85
  EXPECT_FALSE(overlaps(groups_32_to_63, groups_of_subtask(2, 3, 128)));  // 86–127
  EXPECT_TRUE(lies_within(groups_32_to_63, groups_of_subtask(0, 2, 128)));
}

TEST(SegmentId, APrefixLongerThanItsDepthIsNoId) {
  EXPECT_TRUE(is_valid({3, 0b111}));
  EXPECT_FALSE(is_valid({3, 0b1000}));
  EXPECT_FALSE(is_valid({0, 1}));
  EXPECT_FALSE(is_valid({64, 0}));
}

}  // namespace
}  // namespace leat::runtime
