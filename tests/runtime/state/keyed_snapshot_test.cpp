#include <algorithm>
#include <cstdint>
#include <map>
#include <string>
#include <tuple>
#include <utility>

#include <gtest/gtest.h>

#include "runtime/state/keyed_map.hpp"
#include "tests/runtime/state/snapshot_store.hpp"

namespace leat::test {
namespace {

using runtime::KeyedMap;
using runtime::KeyGroupRange;

constexpr KeyGroupRange kAllGroups{0, 128, 128};

using Counts = KeyedMap<std::uint64_t, std::uint64_t>;
using Model = std::map<std::uint64_t, std::uint64_t>;

/// Spreads consecutive numbers.
std::uint64_t mix(std::uint64_t n) {
  return KeyHasher<std::uint64_t>()(n);
}

void fill(Counts& state, std::uint64_t keys, std::uint64_t value) {
  for (std::uint64_t key = 0; key < keys; ++key)
    state.find_or_create(key) = value;
}

Model content_of(const StoredSnapshot& snapshot) {
  Counts state(kAllGroups);
  const auto restored = restore(state, snapshot, kAllGroups, 0);
  EXPECT_TRUE(restored.ok()) << restored.error().message();
  Model content;
  const bool blocked = false;
  state.drain(blocked,
              [&content](std::uint64_t key, std::uint64_t value) { content[key] = value; });
  return content;
}

TEST(KeyedSnapshot, WritesAfterTheMarkDoNotLeakIn) {
  Counts state(kAllGroups);
  fill(state, 30'000, 1);
  const StoredSnapshot nothing;
  SnapshotBuilder builder(nothing);
  state.begin_snapshot(1, 0, nothing);
  state.find_or_create(5) = 2;
  EXPECT_GT(state.pending_bytes(), 0U);
  EXPECT_LT(state.pending_bytes(), 1000U) << "an image of the entry, not of its segment";
  EXPECT_FALSE(state.advance_snapshot(1, builder));
  state.find_or_create(1'000'000) = 3;
  EXPECT_TRUE(state.erase(6));
  fill(state, 15'000, 4);
  while (!state.advance_snapshot(100'000, builder)) {
  }
  EXPECT_EQ(state.pending_bytes(), 0U);
  Model expected;
  for (std::uint64_t key = 0; key < 30'000; ++key)
    expected[key] = 1;
  EXPECT_EQ(content_of(builder.take()), expected);
}

TEST(KeyedSnapshot, HoldsASegmentThatSplitsBeforeItWasSent) {
  Counts state(kAllGroups);
  fill(state, 14'000, 1);
  ASSERT_EQ(state.segments(), 1U);
  const StoredSnapshot nothing;
  SnapshotBuilder builder(nothing);
  state.begin_snapshot(1, 0, nothing);
  fill(state, 60'000, 2);
  ASSERT_GE(state.segments(), 4U);
  while (!state.advance_snapshot(1, builder)) {
  }
  const StoredSnapshot first = builder.take();
  EXPECT_EQ(first.chains.size(), 1U);
  EXPECT_EQ(content_of(first).size(), 14'000U);
  EXPECT_EQ(content_of(first)[100], 1U);
  // The halves have never been sent, whatever the base holds.
  SnapshotBuilder second(first);
  state.begin_snapshot(2, 1, first);
  while (!state.advance_snapshot(1, second)) {
  }
  EXPECT_EQ(second.segments[SegmentContent::kWhole], state.segments());
  const StoredSnapshot complete = second.take();
  EXPECT_EQ(content_of(complete).size(), 60'000U);
  EXPECT_EQ(content_of(complete)[100], 2U);
}

TEST(KeyedSnapshot, SlicesFollowTheBudget) {
  Counts state(kAllGroups);
  fill(state, 200'000, 1);
  const StoredSnapshot nothing;
  SnapshotBuilder builder(nothing);
  state.begin_snapshot(1, 0, nothing);
  std::size_t slices = 1;
  for (std::size_t sent = 0; !state.advance_snapshot(1, builder); ++slices) {
    EXPECT_LE(builder.sent_bytes - sent, runtime::kSplitBytes + 64);
    sent = builder.sent_bytes;
  }
  EXPECT_GE(slices, state.segments());
}

TEST(KeyedSnapshot, SendsNothingForWhatDidNotChange) {
  Counts state(kAllGroups);
  fill(state, 100'000, 1);
  const StoredSnapshot first = snapshot_of(state, 1);
  SnapshotBuilder builder(first);
  state.begin_snapshot(2, 1, first);
  EXPECT_TRUE(state.advance_snapshot(1 << 20, builder));
  EXPECT_EQ(builder.sent_bytes, 0U);
  EXPECT_EQ(builder.segments[SegmentContent::kUnchanged], state.segments());
  EXPECT_EQ(builder.take().chains.size(), first.chains.size());
}

TEST(KeyedSnapshot, SendsFewChangesAndRemovalsAsADelta) {
  Counts state(kAllGroups);
  fill(state, 10'000, 1);
  const StoredSnapshot first = snapshot_of(state, 1);
  state.find_or_create(7) = 2;
  state.find_or_create(20'000) = 3;
  EXPECT_TRUE(state.erase(8));
  SnapshotBuilder builder(first);
  state.begin_snapshot(2, 1, first);
  EXPECT_TRUE(state.advance_snapshot(1 << 20, builder));
  EXPECT_EQ(builder.segments[SegmentContent::kDelta], 1U);
  EXPECT_EQ(builder.sent_bytes, 2 + 1 + 2 * 16 + 1 + 8U);
  Model expected;
  for (std::uint64_t key = 0; key < 10'000; ++key)
    expected[key] = 1;
  expected[7] = 2;
  expected[20'000] = 3;
  expected.erase(8);
  EXPECT_EQ(content_of(builder.take()), expected);
}

TEST(KeyedSnapshot, WhatAFailedSnapshotWouldHaveSentIsInTheNextOne) {
  Counts state(kAllGroups);
  fill(state, 100'000, 1);
  const StoredSnapshot first = snapshot_of(state, 1);
  state.find_or_create(1) = 2;
  snapshot_of(state, 2, 1, first);  // sent, and then it fails elsewhere
  state.find_or_create(2) = 3;
  state.begin_snapshot(3, 1, first);  // given up before anything was sent
  state.find_or_create(3) = 4;
  state.abort_snapshot();
  const StoredSnapshot last = snapshot_of(state, 4, 1, first);
  Model content = content_of(last);
  EXPECT_EQ(content[1], 2U);
  EXPECT_EQ(content[2], 3U);
  EXPECT_EQ(content[3], 4U);
}

TEST(KeyedSnapshot, AnUnknownBaseMakesEverythingWhole) {
  Counts state(kAllGroups);
  fill(state, 100'000, 1);
  const StoredSnapshot first = snapshot_of(state, 5);
  SnapshotBuilder builder(first);
  state.begin_snapshot(7, 6, first);
  while (!state.advance_snapshot(1 << 20, builder)) {
  }
  EXPECT_EQ(builder.segments[SegmentContent::kWhole], state.segments());
}

TEST(KeyedSnapshot, AnOlderBaseThanTheOneBeforeIsNoTrap) {
  Counts state(kAllGroups);
  fill(state, 100'000, 1);
  const StoredSnapshot first = snapshot_of(state, 1);
  state.find_or_create(1) = 2;
  const StoredSnapshot second = snapshot_of(state, 2, 1, first);
  state.find_or_create(2) = 3;
  snapshot_of(state, 3, 2, second);
  const StoredSnapshot last = snapshot_of(state, 4, 1, first);
  EXPECT_EQ(content_of(last)[1], 2U);
  EXPECT_EQ(content_of(last)[2], 3U);
}

TEST(KeyedSnapshot, SentBytesFollowWhatChanged) {
  constexpr std::uint64_t kKeys = 40'000;
  constexpr std::uint64_t kRounds = 300;  // each chain is rewritten at least once
  using Wide = std::tuple<double, double, double, double, double, double, double, double>;
  KeyedMap<std::uint64_t, Wide> state(kAllGroups);
  for (std::uint64_t key = 0; key < kKeys; ++key)
    std::get<0>(state.find_or_create(key)) = 1;
  StoredSnapshot complete = snapshot_of(state, 1);
  const std::size_t whole = state.bytes();
  std::size_t sent = 0;
  std::size_t most = 0;
  std::uint64_t draw = 0;
  for (std::uint64_t number = 2; number < kRounds + 2; ++number) {
    for (std::uint64_t n = 0; n < kKeys / 100; ++n, ++draw)
      std::get<0>(state.find_or_create(mix(draw) % kKeys)) += 1;
    SnapshotBuilder builder(complete);
    state.begin_snapshot(number, number - 1, complete);
    while (!state.advance_snapshot(1 << 20, builder)) {
    }
    sent += builder.sent_bytes;
    most = std::max(most, builder.sent_bytes);
    complete = builder.take();
  }
  EXPECT_LT(sent, whole * kRounds / 50);  // 1 % touched: below 2 %, rewritten chains included
  EXPECT_LT(most, whole / 5);             // and they are not all rewritten at once
  std::size_t entries = 0;
  for (const auto& [id, chain] : complete.chains) {
    EXPECT_LE(chain.size.delta_bytes, chain.size.whole_bytes * 2);
    EXPECT_LE(chain.size.deltas, 256U);
    ++entries;
  }
  EXPECT_EQ(entries, state.segments());
  KeyedMap<std::uint64_t, Wide> restored(kAllGroups);
  ASSERT_TRUE(restore(restored, complete, kAllGroups, 0).ok());
  for (std::uint64_t key = 0; key < kKeys; ++key)
    ASSERT_EQ(*restored.find(key), *state.find(key)) << key;
}

TEST(KeyedSnapshot, ManyChangesAreSentWhole) {
  Counts state(kAllGroups);
  fill(state, 10'000, 1);
  const StoredSnapshot first = snapshot_of(state, 1);
  fill(state, 6'000, 2);
  SnapshotBuilder builder(first);
  state.begin_snapshot(2, 1, first);
  EXPECT_TRUE(state.advance_snapshot(1 << 20, builder));
  EXPECT_EQ(builder.segments[SegmentContent::kWhole], 1U);
}

TEST(KeyedSnapshot, ManyChangesBeforeTheMarkDoNotMakeFewBehindItManyMore) {
  Counts state(kAllGroups);
  constexpr std::uint64_t kKeys = 20'000;
  fill(state, kKeys, 1);
  ASSERT_EQ(state.segments(), 1U);
  const StoredSnapshot first = snapshot_of(state, 1);
  for (std::uint64_t key = 0; key < kKeys / 5; ++key)
    state.find_or_create(key) = 2;
  const StoredSnapshot second = snapshot_of(state, 2, 1, first);
  for (std::uint64_t key = kKeys / 2; key < kKeys * 6 / 10; ++key)
    state.find_or_create(key) = 3;
  SnapshotBuilder third(second);
  state.begin_snapshot(3, 2, second);
  while (!state.advance_snapshot(1 << 20, third)) {
  }
  EXPECT_EQ(third.segments[SegmentContent::kDelta], 1U);
  const Model content = content_of(third.take());
  EXPECT_EQ(content.at(0), 2U);
  EXPECT_EQ(content.at(kKeys / 2), 3U);
  EXPECT_EQ(content.at(kKeys - 1), 1U);
}

TEST(KeyedSnapshot, TheFirstOneAfterRecoveryIsIncremental) {
  Counts before(kAllGroups);
  fill(before, 100'000, 1);
  const StoredSnapshot first = snapshot_of(before, 9);
  Counts state(kAllGroups);
  ASSERT_TRUE(restore(state, first, kAllGroups, 9).ok());
  EXPECT_EQ(state.bytes(), 1'600'000U);
  state.find_or_create(5) = 2;
  SnapshotBuilder builder(first);
  state.begin_snapshot(12, 9, first);
  EXPECT_TRUE(state.advance_snapshot(1 << 20, builder));
  EXPECT_EQ(builder.segments[SegmentContent::kDelta], 1U);
  EXPECT_EQ(builder.segments[SegmentContent::kUnchanged], state.segments() - 1);
  EXPECT_EQ(content_of(builder.take())[5], 2U);
}

TEST(KeyedSnapshot, ARestoredSegmentThatWasCutCountsAsChanged) {
  Counts before(kAllGroups);
  fill(before, 5'000, 1);
  const StoredSnapshot first = snapshot_of(before, 1);
  ASSERT_EQ(first.chains.size(), 1U);
  const KeyGroupRange upper = runtime::groups_of_subtask(1, 2, 128);
  Counts state(upper);
  ASSERT_TRUE(restore(state, first, upper, 1).ok());
  EXPECT_GT(state.entries(), 2'000U);
  EXPECT_LT(state.entries(), 3'000U);
  SnapshotBuilder builder(first);
  state.begin_snapshot(2, 1, first);
  EXPECT_TRUE(state.advance_snapshot(1 << 20, builder));
  EXPECT_EQ(builder.segments[SegmentContent::kWhole], 1U);
  EXPECT_EQ(builder.take().chains.begin()->first, (SegmentId{1, 1}));
}

TEST(KeyedSnapshot, SegmentsWithoutEntriesAreNotNamed) {
  Counts state(kAllGroups);
  EXPECT_TRUE(snapshot_of(state, 1).chains.empty());
  state.find_or_create(1) = 1;
  const StoredSnapshot second = snapshot_of(state, 2, 1);
  EXPECT_EQ(second.chains.size(), 1U);
  EXPECT_TRUE(state.erase(1));
  EXPECT_TRUE(snapshot_of(state, 3, 2, second).chains.empty());
}

TEST(KeyedSnapshot, InTheMiddleOfDrainingHoldsWhatWasNotEmitted) {
  Counts state(kAllGroups);
  fill(state, 50'000, 1);
  StoredSnapshot complete = snapshot_of(state, 1);
  Model emitted;
  bool blocked = false;
  const auto emit = [&](std::uint64_t key, std::uint64_t value) {
    EXPECT_TRUE(emitted.emplace(key, value).second);
    blocked = emitted.size() % 9'000 == 0;
  };
  std::uint64_t number = 1;
  for (bool drained = false; !drained; ++number) {
    blocked = false;
    drained = state.drain(blocked, emit);
    Model content;
    const std::size_t emitted_at_mark = emitted.size();
    SnapshotBuilder builder(complete);
    state.begin_snapshot(number + 1, number, complete);
    blocked = false;
    drained = state.drain(blocked, emit);
    while (!state.advance_snapshot(1 << 20, builder)) {
    }
    complete = builder.take();
    content = content_of(complete);
    EXPECT_EQ(content.size() + emitted_at_mark, 50'000U);
    if (drained)
      break;
    EXPECT_EQ(content.size() - state.entries(), emitted.size() - emitted_at_mark);
  }
  EXPECT_EQ(emitted.size(), 50'000U);
  EXPECT_TRUE(snapshot_of(state, number + 2, number + 1, complete).chains.empty());
}

}  // namespace
}  // namespace leat::test
