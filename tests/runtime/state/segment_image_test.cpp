// What a snapshot holds may be damaged, or of another job: that is said in words and crashes nothing.

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "runtime/state/keyed_map.hpp"
#include "tests/runtime/state/snapshot_store.hpp"

namespace leat::test {
namespace {

using runtime::KeyedMap;
using runtime::KeyGroupRange;

constexpr KeyGroupRange kAllGroups{0, 128, 128};

using Words = KeyedMap<std::string, std::vector<std::string>>;

/// An image and a delta with a change and a removal.
std::vector<std::string> pieces() {
  Words state(kAllGroups);
  for (int n = 0; n < 20; ++n)
    state.find_or_create("key " + std::to_string(n)) = {"some", "words"};
  const StoredSnapshot first = snapshot_of(state, 1);
  state.find_or_create("key 3").emplace_back("more");
  state.erase("key 4");
  const StoredSnapshot second = snapshot_of(state, 2, 1, first);
  EXPECT_EQ(second.chains.size(), 1U);
  return second.chains.begin()->second.pieces;
}

Result<void> restore_pieces(std::string_view image, std::string_view delta) {
  Words state(kAllGroups);
  if (auto restored = state.restore({}, SegmentContent::kWhole, image); !restored)
    return restored;
  return state.restore({}, SegmentContent::kDelta, delta);
}

// These bytes must be readable for ever.
TEST(SegmentImage, GoldenBytesHoldForEver) {
  KeyedMap<std::string, std::uint16_t> state(kAllGroups);
  state.find_or_create("ab") = 0x0102;
  const StoredSnapshot first = snapshot_of(state, 1);
  ASSERT_EQ(first.chains.at({}).pieces.size(), 1U);
  EXPECT_EQ(first.chains.at({}).pieces[0], std::string("\x01\x00\x01\x02"
                                                       "ab"
                                                       "\x02\x01",
                                                       8));
  for (int n = 0; n < 30; ++n)
    state.find_or_create("more " + std::to_string(n)) = 1;
  const StoredSnapshot second = snapshot_of(state, 2, 1, first);
  state.find_or_create("ab") = 0x0304;
  state.erase("more 1");
  const StoredSnapshot third = snapshot_of(state, 3, 2, second);
  ASSERT_EQ(third.chains.at({}).pieces.size(), 2U);
  EXPECT_EQ(third.chains.at({}).pieces[1], std::string("\x01\x01\x01\x02"
                                                       "ab"
                                                       "\x04\x03"
                                                       "\x01\x06"
                                                       "more 1",
                                                       16));
}

TEST(SegmentImage, WhatIsWholeIsRestored) {
  const auto whole = pieces();
  ASSERT_EQ(whole.size(), 2U);
  EXPECT_TRUE(restore_pieces(whole[0], whole[1]).ok());
}

TEST(SegmentImage, EveryTruncationIsAnError) {
  const auto whole = pieces();
  for (std::size_t size = 0; size < whole[0].size(); ++size)
    EXPECT_FALSE(restore_pieces(std::string_view(whole[0]).substr(0, size), whole[1]).ok()) << size;
  for (std::size_t size = 0; size < whole[1].size(); ++size)
    EXPECT_FALSE(restore_pieces(whole[0], std::string_view(whole[1]).substr(0, size)).ok()) << size;
}

TEST(SegmentImage, BytesTooManyAreAnError) {
  const auto whole = pieces();
  EXPECT_FALSE(restore_pieces(whole[0] + '\0', whole[1]).ok());
  EXPECT_FALSE(restore_pieces(whole[0], whole[1] + '\0').ok());
}

TEST(SegmentImage, NoFlippedBitCrashes) {
  auto whole = pieces();
  for (std::string& piece : whole) {
    for (std::size_t bit = 0; bit < piece.size() * 8; ++bit) {
      const char original = piece[bit / 8];
      piece[bit / 8] = static_cast<char>(original ^ (1 << bit % 8));
      (void)restore_pieces(whole[0], whole[1]).ok();  // some flips are another valid value
      piece[bit / 8] = original;
    }
  }
}

TEST(SegmentImage, AHugeCountAllocatesNothing) {
  const std::string count = "\xff\xff\xff\xff\xff\xff\xff\xff\x7f";
  Words state(kAllGroups);
  const auto restored =
      state.restore({}, SegmentContent::kWhole, std::string("\x01\x00", 2) + count);
  ASSERT_FALSE(restored.ok());
  EXPECT_EQ(restored.error().kind(), ErrorKind::kProtocol);
  EXPECT_NE(restored.error().message().find("announces"), std::string::npos);
}

TEST(SegmentImage, AnotherVersionIsNamed) {
  Words state(kAllGroups);
  const auto restored = state.restore({}, SegmentContent::kWhole, std::string("\x09\x00\x00", 3));
  ASSERT_FALSE(restored.ok());
  EXPECT_EQ(restored.error().message(),
            "state segment 0/0 of the snapshot is damaged: its format is version 9, this build "
            "reads 1");
}

TEST(SegmentImage, ImageAndDeltaAreNotMistakenForEachOther) {
  const auto whole = pieces();
  EXPECT_FALSE(restore_pieces(whole[1], whole[1]).ok());
  EXPECT_FALSE(restore_pieces(whole[0], whole[0]).ok());
}

TEST(SegmentImage, AnImageTwiceIsAnError) {
  const auto whole = pieces();
  Words state(kAllGroups);
  ASSERT_TRUE(state.restore({}, SegmentContent::kWhole, whole[0]).ok());
  EXPECT_FALSE(state.restore({}, SegmentContent::kWhole, whole[0]).ok());
}

TEST(SegmentImage, AKeyThatBelongsToAnotherSegmentIsAnError) {
  const auto whole = pieces();
  Words state(kAllGroups);
  EXPECT_FALSE(state.restore({1, 0}, SegmentContent::kWhole, whole[0]).ok());
}

TEST(SegmentImage, SegmentsThatContainEachOtherAreAnError) {
  const std::string empty("\x01\x00\x00", 3);
  Words state(kAllGroups);
  ASSERT_TRUE(state.restore({2, 1}, SegmentContent::kWhole, empty).ok());
  EXPECT_FALSE(state.restore({1, 0}, SegmentContent::kWhole, empty).ok());
}

TEST(SegmentImage, AnImpossibleIdIsAnError) {
  const std::string empty("\x01\x00\x00", 3);
  Words state(kAllGroups);
  EXPECT_FALSE(state.restore({2, 4}, SegmentContent::kWhole, empty).ok());
  EXPECT_FALSE(state.restore({200, 0}, SegmentContent::kWhole, empty).ok());
  EXPECT_FALSE(state.restore({}, SegmentContent::kUnchanged, {}).ok());
  // A directory for 63 bits has no room.
  EXPECT_FALSE(state.restore({63, 0}, SegmentContent::kWhole, empty).ok());
}

}  // namespace
}  // namespace leat::test
