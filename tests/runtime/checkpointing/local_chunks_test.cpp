#include "runtime/checkpointing/local_chunks.hpp"

#include <gmock/gmock.h>

namespace leat {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr std::uint64_t kLimit = 1000;

ChunkId chunk(std::uint64_t counter) {
  return {1, counter};
}

class LocalChunksTest : public ::testing::Test {
 protected:
  LocalChunks chunks_{kLimit};
  ChunkOwner first_{"job", 0};
  ChunkOwner second_{"job", 1};
};

TEST_F(LocalChunksTest, KeepWhatTheLastCompleteCheckpointRefersTo) {
  EXPECT_TRUE(chunks_.add(first_, 1, chunk(1), 10).admitted);
  EXPECT_TRUE(chunks_.add(first_, 1, chunk(2), 10).admitted);
  chunks_.acknowledged(first_, 1, {chunk(1), chunk(2)});
  EXPECT_THAT(chunks_.completed(first_, 1), IsEmpty());
  EXPECT_TRUE(chunks_.add(first_, 2, chunk(3), 10).admitted);
  chunks_.acknowledged(first_, 2, {chunk(1), chunk(3)});
  // Until it is complete, the one before may be needed.
  EXPECT_TRUE(chunks_.contains(chunk(2)));
  EXPECT_THAT(chunks_.completed(first_, 2), ElementsAre(chunk(2)));
  EXPECT_TRUE(chunks_.contains(chunk(1)));
  EXPECT_EQ(chunks_.bytes(), 20U);
}

TEST_F(LocalChunksTest, KeepWhatWasSentForANewerCheckpoint) {
  chunks_.add(first_, 1, chunk(1), 10);
  chunks_.acknowledged(first_, 1, {chunk(1)});
  chunks_.add(first_, 2, chunk(2), 10);
  EXPECT_THAT(chunks_.completed(first_, 1), IsEmpty());
  EXPECT_TRUE(chunks_.contains(chunk(2)));
}

TEST_F(LocalChunksTest, DropWhatAnAbortedCheckpointSent) {
  chunks_.add(first_, 1, chunk(1), 10);
  chunks_.add(first_, 2, chunk(2), 10);
  chunks_.acknowledged(first_, 2, {chunk(2)});
  EXPECT_THAT(chunks_.completed(first_, 2), ElementsAre(chunk(1)));
}

TEST_F(LocalChunksTest, OfASubtaskThatMovedAwayGoFirstWhenThereIsNoRoom) {
  chunks_.add(second_, 1, chunk(1), 600);
  EXPECT_THAT(chunks_.add(first_, 1, chunk(2), 600).evicted, ElementsAre(chunk(1)));
  EXPECT_FALSE(chunks_.contains(chunk(1)));
  EXPECT_TRUE(chunks_.contains(chunk(2)));
}

TEST_F(LocalChunksTest, NeverExceedTheirLimit) {
  EXPECT_FALSE(chunks_.add(first_, 1, chunk(1), kLimit + 1).admitted);
  EXPECT_TRUE(chunks_.add(first_, 1, chunk(2), kLimit).admitted);
  EXPECT_FALSE(chunks_.add(first_, 1, chunk(3), 1).admitted);
  EXPECT_EQ(chunks_.bytes(), kLimit);
  chunks_.forget(chunk(2));
  chunks_.forget(chunk(2));
  EXPECT_EQ(chunks_.bytes(), 0U);
  EXPECT_TRUE(chunks_.add(first_, 1, chunk(3), 1).admitted);
}

TEST_F(LocalChunksTest, AreNoneWithoutALimit) {
  LocalChunks none(0);
  EXPECT_FALSE(none.add(first_, 1, chunk(1), 1).admitted);
}

}  // namespace
}  // namespace leat
