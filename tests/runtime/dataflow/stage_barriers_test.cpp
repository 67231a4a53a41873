#include "runtime/dataflow/stage_barriers.hpp"

#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/runtime/dataflow/edge_fixture.hpp"

namespace leat::runtime {
namespace {

/// A stage with one input of two channels.
class StageBarriersTest : public Edge {
 protected:
  StageBarriersTest() { barriers_.add_input(two_); }

  void arrives(std::uint16_t from, std::uint64_t checkpoint) {
    const Barrier barrier{.checkpoint = checkpoint, .chunk_window = 1};
    ASSERT_TRUE(two_.add({0, from, 0}, sequence_[from]++, make_barrier_buffer(barrier)).ok());
  }
  /// A step of the stage: reads up to the next barrier.
  void step() {
    barriers_.check(Time{});
    ASSERT_TRUE(two_.read(10, unblocked_).ok());
    barriers_.collect(two_, Time{});
  }

  EdgeInput two_{0, 0, 2, 0, std::make_unique<TypedEdgeReader<std::string>>(texts_), route_};
  StageBarriers barriers_;
  std::uint64_t sequence_[2] = {0, 0};
};

TEST_F(StageBarriersTest, IsReachedWhenTheLastChannelHasDeliveredIt) {
  arrives(0, 1);
  step();
  EXPECT_FALSE(barriers_.reached());
  arrives(1, 1);
  step();
  ASSERT_TRUE(barriers_.reached());
  EXPECT_EQ(barriers_.take_reached(false)->checkpoint, 1U);
}

TEST_F(StageBarriersTest, AnOlderOneThatIsCompletedWhenANewerOneHasArrivedIsOver) {
  arrives(0, 1);
  step();
  arrives(0, 2);  // behind the first, on a channel that is blocked
  arrives(1, 1);
  step();  // the last channel delivers the older one
  EXPECT_FALSE(barriers_.reached())
      << "nobody waits for it any more, and not all stand at the newer";
  step();
  EXPECT_FALSE(barriers_.reached());
  arrives(1, 2);
  step();
  ASSERT_TRUE(barriers_.reached());
  EXPECT_EQ(barriers_.take_reached(false)->checkpoint, 2U);
}

TEST_F(StageBarriersTest, AnAbortedOneBlocksNoChannel) {
  arrives(0, 1);
  step();
  barriers_.abort(1);
  arrives(0, 2);
  arrives(1, 1);
  arrives(1, 2);
  for (int i = 0; i < 3; ++i)
    step();
  ASSERT_TRUE(barriers_.reached());
  EXPECT_EQ(barriers_.take_reached(false)->checkpoint, 2U);
}

}  // namespace
}  // namespace leat::runtime
