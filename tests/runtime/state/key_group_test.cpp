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
