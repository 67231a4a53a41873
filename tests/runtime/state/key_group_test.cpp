#include "runtime/state/key_group.hpp"

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "serialization/key_hash.hpp"

namespace leat::runtime {
namespace {

template <class K>
std::uint32_t group_of(const K& key) {
  return key_group(KeyHasher<K>()(Codec<K>::view(key)), 128);
}

// These values must never change: stored state lies where they say.
TEST(KeyGroup, GoldenGroupsHoldForEver) {
  EXPECT_EQ(group_of(std::uint64_t{0}), 89U);
  EXPECT_EQ(group_of(std::uint64_t{1}), 46U);
  EXPECT_EQ(group_of(std::int32_t{-7}), 106U);
  EXPECT_EQ(group_of(std::string("")), 66U);
  EXPECT_EQ(group_of(std::string("the")), 125U);
  EXPECT_EQ(group_of(std::string("a key that is longer than sixteen bytes")), 30U);
  EXPECT_EQ(group_of(std::pair(std::string("a"), std::uint64_t{5})), 78U);
}

TEST(KeyGroup, GoldenHashesHoldForEver) {
  EXPECT_EQ(KeyHasher<std::string>()("the"), 14632902600990866813U);
  EXPECT_EQ(KeyHasher<std::uint64_t>()(42), 15395265915043915720U);
}

TEST(KeyGroup, EverySubtaskOwnsAContiguousShareThatDiffersByAtMostOne) {
  for (const std::uint32_t parallelism : {1U, 2U, 3U, 7U, 64U, 128U}) {
    std::vector<std::uint32_t> owned(parallelism);
    std::uint32_t last = 0;
    for (std::uint32_t group = 0; group < 128; ++group) {
      const std::uint32_t subtask = subtask_of_group(group, parallelism, 128);
      EXPECT_GE(subtask, last);
      last = subtask;
      ++owned[subtask];
    }
    const auto [fewest, most] = std::minmax_element(owned.begin(), owned.end());
    EXPECT_GE(*fewest, 1U);
    EXPECT_LE(*most - *fewest, 1U);
  }
}

TEST(KeyGroup, ASubtasksRangeIsWhatTheFormulaGivesIt) {
  for (const std::uint32_t max : {1U, 2U, 100U, 128U, 32'768U}) {
    for (const std::uint32_t parallelism : {1U, 2U, 3U, 7U, 100U, 128U}) {
      if (parallelism > max)
        continue;
      std::uint32_t next = 0;
      for (std::uint32_t subtask = 0; subtask < parallelism; ++subtask) {
        const KeyGroupRange range = groups_of_subtask(subtask, parallelism, max);
        EXPECT_EQ(range.first, next);
        next = range.end;
        EXPECT_EQ(subtask_of_group(range.first, parallelism, max), subtask);
        EXPECT_EQ(subtask_of_group(range.end - 1, parallelism, max), subtask);
      }
      EXPECT_EQ(next, max);
    }
  }
}

TEST(KeyGroup, GoldenRangesHoldForEver) {
  EXPECT_EQ(groups_of_subtask(0, 1, 128), (KeyGroupRange{0, 128, 128}));
  EXPECT_EQ(groups_of_subtask(0, 3, 128), (KeyGroupRange{0, 43, 128}));
  EXPECT_EQ(groups_of_subtask(1, 3, 128), (KeyGroupRange{43, 86, 128}));
  EXPECT_EQ(groups_of_subtask(2, 3, 128), (KeyGroupRange{86, 128, 128}));
  EXPECT_EQ(groups_of_subtask(6, 7, 100), (KeyGroupRange{86, 100, 100}));
}

// Segments in stored snapshots are named by the leading bits of placements.
TEST(KeyGroup, GoldenPlacementsHoldForEver) {
  EXPECT_EQ(placement(0x123456789ABCDEF5U, 128), 0xEA2468ACF13579BDU);
  EXPECT_EQ(placement(0x123456789ABCDEF5U, 1), 0x123456789ABCDEF5U);
  // 0x123456789ABCDEF5 mod 100 = 25, in seven bits.
  EXPECT_EQ(placement(0x123456789ABCDEF5U, 100), 0x322468ACF13579BDU);
}

TEST(KeyGroup, APlacementLiesInTheRangeOfItsGroup) {
  for (const std::uint32_t max : {1U, 2U, 100U, 128U, 32'768U}) {
    for (std::uint64_t hash = 1; hash < (std::uint64_t{1} << 60U); hash = hash * 5 + 3) {
      const std::uint32_t group = key_group(hash, max);
      const KeyGroupRange range{group, group + 1, max};
      EXPECT_GE(placement(hash, max), first_placement(range));
      EXPECT_LE(placement(hash, max), last_placement(range));
    }
  }
}

TEST(KeyRouter, AgreesWithTheFormulaForAnyMaximum) {
  for (const std::uint32_t max : {1U, 2U, 100U, 128U, 32'768U}) {
    for (const std::uint32_t parallelism : {1U, 2U, 7U, 100U}) {
      if (parallelism > max)
        continue;
      const KeyRouter router(parallelism, max);
      for (std::uint64_t hash = 1; hash < (std::uint64_t{1} << 60U); hash = hash * 5 + 3)
        EXPECT_EQ(router.subtask(hash), subtask_of_group(key_group(hash, max), parallelism, max));
    }
  }
}

}  // namespace
}  // namespace leat::runtime
