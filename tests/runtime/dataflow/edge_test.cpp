// Both ends of an edge without a pipeline: credits, parking, flushing, large records.

#include <cstdint>
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "runtime/dataflow/edge_input.hpp"
#include "runtime/dataflow/edge_output.hpp"
#include "runtime/dataflow/stage_barriers.hpp"
#include "tests/runtime/dataflow/edge_fixture.hpp"

namespace leat::runtime {
namespace {

TEST_F(Edge, SendsAsManyBuffersAsWereGrantedAndParksTheRest) {
  fill_buffers(kInitialCredits);
  EXPECT_FALSE(room_.blocked());
  fill_buffers(2);
  EXPECT_EQ(route_.sent.size(), kInitialCredits);
  EXPECT_TRUE(room_.blocked());
  out_.add_credit(0, 1);
  EXPECT_EQ(route_.sent.size(), kInitialCredits + 1);
  EXPECT_TRUE(room_.blocked()) << "one is still parked";
  out_.add_credit(0, 4);
  EXPECT_EQ(route_.sent.size(), kInitialCredits + 2);
  EXPECT_FALSE(room_.blocked());
  for (std::size_t i = 0; i < route_.sent.size(); ++i)
    EXPECT_EQ(route_.sent[i].sequence, i);
}

TEST_F(Edge, AnIdleFlushLeavesAtMostOnePartialBufferOnItsWay) {
  out_.write<std::string>(0, "a");
  out_.flush(EdgeOutput::Flush::kIdle);
  ASSERT_EQ(route_.sent.size(), 1U);
  out_.write<std::string>(0, "b");
  out_.flush(EdgeOutput::Flush::kIdle);
  EXPECT_EQ(route_.sent.size(), 1U) << "the first one has not been read yet";
  out_.add_credit(0, 1);
  out_.flush(EdgeOutput::Flush::kIdle);
  EXPECT_EQ(route_.sent.size(), 2U);
}

TEST_F(Edge, AnOverdueFlushSendsWhereThereIsCredit) {
  out_.write<std::string>(0, "a");
  out_.flush(EdgeOutput::Flush::kIdle);
  out_.write<std::string>(0, "b");
  out_.flush(EdgeOutput::Flush::kOverdue);
  EXPECT_EQ(route_.sent.size(), 2U);
  fill_buffers(kInitialCredits - 2);
  out_.write<std::string>(0, "c");
  out_.flush(EdgeOutput::Flush::kOverdue);
  EXPECT_EQ(route_.sent.size(), kInitialCredits) << "no credit is left";
  EXPECT_FALSE(room_.blocked()) << "a partial buffer waits without blocking";
}

TEST_F(Edge, CreditGoesBackByHalfWindowsAndWhenNothingIsLeft) {
  fill_buffers(kInitialCredits);
  for (std::size_t i = 0; i < kInitialCredits; ++i)
    ASSERT_TRUE(pass(i).ok());
  ASSERT_TRUE(in_.read(3, unblocked_).ok());
  EXPECT_TRUE(route_.credits.empty());
  ASSERT_TRUE(in_.read(1, unblocked_).ok());
  EXPECT_EQ(route_.credits, (std::vector<std::uint32_t>{4}));
  ASSERT_TRUE(in_.read(100, unblocked_).ok());
  EXPECT_EQ(route_.credits, (std::vector<std::uint32_t>{4, 4}));
  EXPECT_EQ(texts_.texts.size(), kInitialCredits);
}

TEST_F(Edge, ALargeRecordTravelsInFragmentsBetweenItsNeighbours) {
  const std::string large(5 * kBufferBytes, 'y');
  out_.write<std::string>(0, "before");
  out_.write<std::string>(0, large);
  out_.write<std::string>(0, "after");
  out_.flush(EdgeOutput::Flush::kOverdue);
  EXPECT_EQ(route_.sent.front().buffer->kind, BufferKind::kRecords);
  EXPECT_EQ(route_.sent[1].buffer->kind, BufferKind::kFragment);
  for (std::size_t i = 0; i < route_.sent.size(); ++i) {
    EXPECT_LE(route_.sent[i].buffer->bytes.size(), kLargestBufferBytes);
    ASSERT_TRUE(pass(i).ok());
  }
  ASSERT_TRUE(in_.read(100, unblocked_).ok());
  EXPECT_EQ(texts_.texts, (std::vector<std::string>{"before", large, "after"}));
}

TEST_F(Edge, TheEndComesAfterWhatWasParkedAndNothingAfterTheEnd) {
  fill_buffers(kInitialCredits);
  out_.write<std::string>(0, "last");
  out_.end();
  EXPECT_FALSE(out_.drained());
  for (std::size_t i = 0; i < kInitialCredits; ++i)
    ASSERT_TRUE(pass(i).ok());
  ASSERT_TRUE(in_.read(100, unblocked_).ok());
  out_.add_credit(0, kInitialCredits);
  EXPECT_TRUE(out_.drained());
  ASSERT_TRUE(pass(kInitialCredits).ok());
  ASSERT_TRUE(pass(kInitialCredits + 1).ok());
  EXPECT_FALSE(in_.ended());
  ASSERT_TRUE(in_.read(100, unblocked_).ok());
  EXPECT_TRUE(in_.ended());
  EXPECT_EQ(texts_.texts.back(), "last");
  const auto late = in_.add({0, 0, 0}, kInitialCredits + 2, std::make_shared<const Buffer>());
  ASSERT_FALSE(late.ok());
  EXPECT_NE(late.error().message().find("after the end of input"), std::string::npos);
}

TEST_F(Edge, ReadingStopsWhenAnOutputIsFullAndGoesOnWhereItStopped) {
  for (int i = 0; i < 100; ++i)
    out_.write<std::string>(0, std::to_string(i));
  out_.flush(EdgeOutput::Flush::kIdle);
  ASSERT_TRUE(pass(0).ok());
  const bool blocked = true;
  EXPECT_EQ(*in_.read(100, blocked), 0U);
  EXPECT_EQ(*in_.read(40, unblocked_), 40U);
  EXPECT_TRUE(in_.has_data());
  EXPECT_EQ(*in_.read(100, unblocked_), 60U);
  EXPECT_FALSE(in_.has_data());
  for (int i = 0; i < 100; ++i)
    EXPECT_EQ(texts_.texts[static_cast<std::size_t>(i)], std::to_string(i));
}

TEST_F(Edge, ABarrierComesBehindWhatWasWrittenAndTakesNoCredit) {
  fill_buffers(kInitialCredits);
  out_.pass({.checkpoint = 1, .chunk_window = 1});
  ASSERT_EQ(route_.sent.size(), kInitialCredits + 1) << "without credit";
  EXPECT_EQ(route_.sent.back().buffer->kind, BufferKind::kBarrier);
  EXPECT_FALSE(room_.blocked());
  out_.write<std::string>(0, "behind");
  fill_buffers(1);
  out_.pass({.checkpoint = 2, .chunk_window = 1});
  EXPECT_TRUE(out_.holds_barrier()) << "it does not overtake what is parked";
  for (std::size_t i = 0; i <= kInitialCredits; ++i)
    ASSERT_TRUE(pass(i).ok());
  ASSERT_EQ(*in_.read(100, unblocked_), kInitialCredits);
  const auto barrier = in_.take_barrier();
  ASSERT_TRUE(barrier.has_value());
  EXPECT_EQ(*barrier, (Barrier{.checkpoint = 1, .chunk_window = 1}));
  EXPECT_FALSE(in_.take_barrier().has_value());
  out_.add_credit(0, 1);
  EXPECT_FALSE(out_.holds_barrier());
  EXPECT_EQ(route_.sent.back().buffer->kind, BufferKind::kBarrier);
  EXPECT_TRUE(out_.drained());
}

TEST_F(Edge, ReadingEndsAtABarrierAndABlockedChannelKeepsWhatIsBehindIt) {
  out_.write<std::string>(0, "before");
  out_.pass({.checkpoint = 1, .chunk_window = 1});
  out_.write<std::string>(0, "behind");
  out_.flush(EdgeOutput::Flush::kOverdue);
  for (std::size_t i = 0; i < route_.sent.size(); ++i)
    ASSERT_TRUE(pass(i).ok());
  EXPECT_EQ(*in_.read(100, unblocked_), 1U);
  ASSERT_TRUE(in_.take_barrier().has_value());
  in_.block();
  EXPECT_FALSE(in_.has_data());
  EXPECT_EQ(*in_.read(100, unblocked_), 0U);
  in_.unblock();
  EXPECT_EQ(*in_.read(100, unblocked_), 1U);
  EXPECT_EQ(texts_.texts, (std::vector<std::string>{"before", "behind"}));
}

TEST_F(Edge, BarriersFollowTheEndOfInput) {
  out_.write<std::string>(0, "last");
  out_.end();
  out_.pass({.checkpoint = 1, .chunk_window = 1});
  out_.pass({.checkpoint = 2, .chunk_window = 1});
  for (std::size_t i = 0; i < route_.sent.size(); ++i)
    ASSERT_TRUE(pass(i).ok());
  EXPECT_EQ(*in_.read(100, unblocked_), 1U);
  EXPECT_TRUE(in_.ended());
  EXPECT_EQ(in_.take_barrier()->checkpoint, 1U);
  EXPECT_EQ(*in_.read(100, unblocked_), 0U);
  EXPECT_EQ(in_.take_barrier()->checkpoint, 2U);
}

TEST_F(Edge, BarriersOutOfOrderOrOfOtherBytesAreRefused) {
  ASSERT_TRUE(
      in_.add({0, 0, 0}, 0, make_barrier_buffer({.checkpoint = 3, .chunk_window = 1})).ok());
  const auto older =
      in_.add({0, 0, 0}, 1, make_barrier_buffer({.checkpoint = 3, .chunk_window = 1}));
  ASSERT_FALSE(older.ok());
  EXPECT_NE(older.error().message().find("checkpoint 3 arrived after"), std::string::npos);
  Buffer broken;
  broken.kind = BufferKind::kBarrier;
  broken.bytes = ByteBlock("short");
  EXPECT_FALSE(in_.add({0, 0, 0}, 1, std::make_shared<const Buffer>(std::move(broken))).ok());
}

/// Several channels into one stage: numbered texts with a barrier in each, delivered in any order.
TEST(EdgeAlignment, NothingBehindABarrierIsReadBeforeAllBarriersAreThere) {
  const bool unblocked = false;
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    std::mt19937_64 random(seed);
    const auto channels = static_cast<std::uint32_t>(2 + random() % 5);
    RecordedRoute route;
    OutputRoom room;
    Texts texts;
    EdgeInput in(0, 0, channels, 0, std::make_unique<TypedEdgeReader<std::string>>(texts), route);
    std::vector<std::vector<RecordedRoute::Sent>> sent(channels);
    std::size_t before = 0;
    for (std::uint32_t from = 0; from < channels; ++from) {
      RecordedRoute own;
      EdgeOutput out(0, static_cast<std::uint16_t>(from), 0, 1, room, own);
      for (std::uint64_t i = random() % 4; i > 0; --i, ++before) {
        out.write<std::string>(0, "before");
        if (random() % 2 == 0)
          out.flush(EdgeOutput::Flush::kOverdue);
      }
      out.pass({.checkpoint = 1, .chunk_window = 1});
      for (std::uint64_t i = random() % 3; i > 0; --i) {
        out.write<std::string>(0, "behind");
        out.flush(EdgeOutput::Flush::kOverdue);
      }
      out.end();
      sent[from] = std::move(own.sent);
    }
    StageBarriers barriers;
    barriers.add_input(in);
    std::vector<std::size_t> next(channels);
    while (!barriers.reached()) {
      const std::size_t from = random() % channels;
      if (next[from] < sent[from].size() && random() % 2 == 0) {
        const auto& one = sent[from][next[from]++];
        ASSERT_TRUE(in.add(one.channel, one.sequence, one.buffer).ok());
      }
      const auto read = in.read(static_cast<std::uint32_t>(1 + random() % 3), unblocked);
      ASSERT_TRUE(read.ok());
      barriers.collect(in, Time{});
    }
    EXPECT_EQ(texts.texts, std::vector<std::string>(before, "before")) << "seed " << seed;
    ASSERT_TRUE(barriers.take_reached(false).has_value());
    for (std::size_t from = 0; from < channels; ++from)
      for (; next[from] < sent[from].size(); ++next[from]) {
        const auto& one = sent[from][next[from]];
        ASSERT_TRUE(in.add(one.channel, one.sequence, one.buffer).ok());
      }
    ASSERT_TRUE(in.read(1000, unblocked).ok());
    EXPECT_TRUE(in.ended()) << "seed " << seed;
  }
}

}  // namespace
}  // namespace leat::runtime
