#include "runtime/state/keyed_map.hpp"

#include <cstdint>
#include <map>
#include <string>

#include <gtest/gtest.h>

namespace leat::runtime {
namespace {

constexpr KeyGroupRange kAllGroups{0, 128, 128};

template <class K, class V>
std::map<K, V> drained(KeyedMap<K, V>& state) {
  std::map<K, V> entries;
  const bool blocked = false;
  EXPECT_TRUE(state.drain(blocked, [&entries](In<K> key, const V& value) {
    EXPECT_TRUE(entries.emplace(Codec<K>::own(key), value).second);
  }));
  return entries;
}

TEST(KeyedMap, CountsLikeAnOrderedMap) {
  KeyedMap<std::string, std::uint64_t> state(kAllGroups);
  std::map<std::string, std::uint64_t> expected;
  for (std::uint64_t i = 0; i < 10'000; ++i) {
    const std::string key = "key " + std::to_string(i * i % 977);
    ++state.find_or_create(key);
    ++expected[key];
  }
  EXPECT_EQ(state.entries(), expected.size());
  EXPECT_EQ(drained(state), expected);
}

TEST(KeyedMap, ANewKeyStartsFromAValueInitialisedValue) {
  KeyedMap<std::pair<std::string, std::uint64_t>, double> state(kAllGroups);
  EXPECT_EQ(state.find_or_create({"a", 1}), 0.0);
  state.find_or_create({"a", 1}) = 2.5;
  EXPECT_EQ(state.find_or_create({"a", 1}), 2.5);
  EXPECT_EQ(state.find_or_create({"a", 2}), 0.0);
}

TEST(KeyedMap, KeepsItsEntriesWhenSegmentsSplit) {
  KeyedMap<std::uint64_t, std::uint64_t> state(kAllGroups);
  std::map<std::uint64_t, std::uint64_t> expected;
  for (std::uint64_t key = 0; key < 200'000; ++key) {
    state.find_or_create(key) = key * 3;
    expected[key] = key * 3;
  }
  EXPECT_GE(state.segments(), 7U);   // 3.2 MB in segments of at most 448 KiB
  EXPECT_LE(state.segments(), 16U);  // and at least half of that
  EXPECT_EQ(state.bytes(), 3'200'000U);
  for (const auto& [key, value] : expected) {
    const std::uint64_t* found = std::as_const(state).find(key);
    ASSERT_NE(found, nullptr) << key;
    EXPECT_EQ(*found, value);
  }
  EXPECT_EQ(drained(state), expected);
}

TEST(KeyedMap, SplitsWhatGrowsByItsValuesAlone) {
  KeyedMap<std::uint64_t, std::string> state(kAllGroups);
  for (int round = 0; round < 100; ++round) {
    for (std::uint64_t key = 0; key < 1000; ++key)
      state.find_or_create(key) += "ten bytes.";
  }
  EXPECT_GE(state.segments(), 4U);  // 1 MB
  EXPECT_GE(state.bytes(), 900'000U);
}

TEST(KeyedMap, DoesNotSplitForOneHugeValue) {
  KeyedMap<std::uint64_t, std::string> state(kAllGroups);
  for (int round = 0; round < 2000; ++round)
    state.find_or_create(7).resize(static_cast<std::size_t>(round) * 1000);
  EXPECT_EQ(state.segments(), 1U);
}

TEST(KeyedMap, ErasedKeysAreGone) {
  KeyedMap<std::string, std::uint64_t> state(kAllGroups);
  state.find_or_create("a") = 1;
  state.find_or_create("b") = 2;
  EXPECT_TRUE(state.erase("a"));
  EXPECT_FALSE(state.erase("a"));
  EXPECT_EQ(state.find("a"), nullptr);
  EXPECT_EQ(state.entries(), 1U);
  EXPECT_EQ(state.bytes(), 10U);
}

TEST(KeyedMap, AKeyOfAnotherSubtaskIsRefused) {
  KeyedMap<std::uint64_t, std::uint64_t> state(groups_of_subtask(1, 2, 128));
  std::size_t refused = 0;
  for (std::uint64_t key = 0; key < 1000; ++key) {
    const std::uint64_t hash = KeyHasher<std::uint64_t>()(key);
    const bool own = subtask_of_group(key_group(hash, 128), 2, 128) == 1;
    state.prefetch(hash);
    if (own) {
      state.find_or_create(key, hash) = 1;
      continue;
    }
    ++refused;
    EXPECT_THROW((void)state.find_or_create(key, hash), std::logic_error);
    EXPECT_EQ(std::as_const(state).find(key, hash), nullptr);
    EXPECT_FALSE(state.erase(key, hash));
  }
  EXPECT_EQ(state.entries() + refused, 1000U);
}

TEST(KeyedMap, DrainsInPiecesWithoutLossOrRepetition) {
  KeyedMap<std::uint64_t, std::uint64_t> state(kAllGroups);
  for (std::uint64_t key = 0; key < 50'000; ++key)
    state.find_or_create(key) = key;
  std::map<std::uint64_t, std::uint64_t> emitted;
  bool blocked = false;
  const auto emit = [&](std::uint64_t key, std::uint64_t value) {
    EXPECT_TRUE(emitted.emplace(key, value).second);
    blocked = emitted.size() % 777 == 0;
  };
  while (!state.drain(blocked, emit)) {
    EXPECT_EQ(state.entries() + emitted.size(), 50'000U);
    blocked = false;
  }
  EXPECT_EQ(emitted.size(), 50'000U);
  EXPECT_EQ(state.entries(), 0U);
  EXPECT_EQ(state.bytes(), 0U);
}

TEST(KeyedMap, DrainsWhatIsWrittenBetweenThePiecesToo) {
  KeyedMap<std::uint64_t, std::uint64_t> state(kAllGroups);
  for (std::uint64_t key = 0; key < 100'000; ++key)
    state.find_or_create(key) = key;
  ASSERT_GT(state.segments(), 1U);
  std::map<std::uint64_t, std::uint64_t> emitted;
  std::uint64_t rows = 0;
  bool blocked = false;
  const auto emit = [&](std::uint64_t key, std::uint64_t value) {
    emitted[key] = value;
    blocked = ++rows == 90'000;
  };
  ASSERT_FALSE(state.drain(blocked, emit));
  const auto first = *emitted.begin();
  state.find_or_create(first.first) = 1'000'000;
  blocked = false;
  EXPECT_TRUE(state.drain(blocked, emit));
  EXPECT_EQ(emitted.size(), 100'000U);
  EXPECT_EQ(emitted[first.first], 1'000'000U);
  EXPECT_EQ(state.entries(), 0U);
}

TEST(KeyedMap, SaysItsTypes) {
  const KeyedMap<std::string, std::pair<double, bool>> state(kAllGroups);
  EXPECT_EQ(state.type_fingerprint(), "keyed<str,pair<f64,bool>>");
}

}  // namespace
}  // namespace leat::runtime
