#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "runtime/dataflow/captured_channel.hpp"
#include "runtime/dataflow/stage_barriers.hpp"
#include "tests/runtime/dataflow/edge_fixture.hpp"

namespace leat::runtime {
namespace {

/// What a barrier overtakes, at both ends of an edge.
class OvertakenEdge : public Edge {
 protected:
  /// All buffers sent so far, through the gate.
  void pass_all() {
    for (; passed_ < route_.sent.size(); ++passed_)
      ASSERT_TRUE(pass(passed_).ok());
  }
  /// What would be sent again.
  static std::vector<std::string> texts_in(const std::vector<BufferPtr>& buffers) {
    Texts texts;
    TypedEdgeReader<std::string> reader(texts);
    std::string assembly;
    for (const BufferPtr& buffer : buffers) {
      if (buffer->kind != BufferKind::kRecords)
        assembly.append(buffer->bytes.view());
      if (buffer->kind == BufferKind::kFragment)
        continue;
      ByteReader bytes(buffer->kind == BufferKind::kRecords ? buffer->bytes.view() : assembly);
      std::uint32_t left = buffer->records;
      EXPECT_TRUE(reader.read(bytes, left, kNever));
      EXPECT_TRUE(bytes.empty());
      if (buffer->kind == BufferKind::kLastFragment)
        assembly.clear();
    }
    EXPECT_TRUE(assembly.empty());
    return texts.texts;
  }

  static constexpr bool kNever = false;
  static constexpr Barrier kBarrier{.checkpoint = 1, .chunk_window = 1, .aligned_timeout_ms = 1};
  std::size_t passed_ = 0;
};

TEST_F(OvertakenEdge, ABarrierLeavesBeforeWhatIsParkedWhichIsKeptAndSentBehindIt) {
  fill_buffers(kInitialCredits + 2);
  out_.pass(kBarrier);
  ASSERT_EQ(route_.sent.size(), kInitialCredits);
  std::vector<CapturedChannel> captured;
  out_.overtake(kBarrier, captured);
  ASSERT_EQ(route_.sent.size(), kInitialCredits + 1);
  EXPECT_TRUE(read_barrier(*route_.sent.back().buffer)->overtook);
  ASSERT_EQ(captured.size(), 1U);
  EXPECT_TRUE(captured.front().at_sender);
  EXPECT_EQ(captured.front().buffers.size(), 2U);
  EXPECT_FALSE(out_.holds_barrier());
  EXPECT_TRUE(room_.blocked());
  out_.add_credit(0, 2);
  EXPECT_EQ(route_.sent.size(), kInitialCredits + 3);
  EXPECT_FALSE(room_.blocked());
}

TEST_F(OvertakenEdge, AnOlderBarrierThatIsParkedGoesWithoutATrace) {
  fill_buffers(kInitialCredits + 1);
  out_.pass(kBarrier);
  Barrier newer = kBarrier;
  newer.checkpoint = 2;
  out_.pass(newer);
  std::vector<CapturedChannel> captured;
  out_.overtake(newer, captured);
  EXPECT_FALSE(out_.holds_barrier());
  out_.add_credit(0, 1);
  std::vector<std::uint64_t> barriers;
  for (const auto& sent : route_.sent)
    if (sent.buffer->kind == BufferKind::kBarrier)
      barriers.push_back(read_barrier(*sent.buffer)->checkpoint);
  EXPECT_EQ(barriers, (std::vector<std::uint64_t>{2}));
}

TEST_F(OvertakenEdge, TheReceiverKeepsWhatItHasNotReadAndWhatArrivesUntilTheBarrier) {
  for (int i = 0; i < 5; ++i)
    out_.write<std::string>(0, "first " + std::to_string(i));
  out_.flush(EdgeOutput::Flush::kOverdue);
  pass_all();
  EXPECT_EQ(*in_.read(2, unblocked_), 2U);
  in_.capture(1);
  EXPECT_TRUE(in_.capturing());
  out_.write<std::string>(0, "second");
  out_.pass(kBarrier);
  out_.write<std::string>(0, "behind");
  out_.flush(EdgeOutput::Flush::kOverdue);
  pass_all();
  EXPECT_FALSE(in_.capturing());
  std::vector<CapturedChannel> captured;
  in_.take_captured(captured);
  ASSERT_EQ(captured.size(), 1U);
  EXPECT_EQ(texts_in(captured.front().buffers),
            (std::vector<std::string>{"first 2", "first 3", "first 4", "second"}));
  EXPECT_EQ(*in_.read(100, unblocked_), 5U) << "it is all read, too";
  EXPECT_FALSE(in_.take_barrier().has_value()) << "but not the barrier";
}

TEST_F(OvertakenEdge, ABarrierThatIsQueuedEndsWhatIsKept) {
  out_.write<std::string>(0, "before");
  out_.pass(kBarrier);
  out_.write<std::string>(0, "behind");
  out_.end();
  pass_all();
  in_.capture(1);
  EXPECT_FALSE(in_.capturing());
  std::vector<CapturedChannel> captured;
  in_.take_captured(captured);
  EXPECT_EQ(texts_in(captured.front().buffers), (std::vector<std::string>{"before"}));
  EXPECT_EQ(*in_.read(100, unblocked_), 2U);
  EXPECT_TRUE(in_.ended());
}

TEST_F(OvertakenEdge, ALargeRecordSplitByTheBarrierIsWholeInBothParts) {
  const std::string large(12 * kBufferBytes, 'z');
  out_.write<std::string>(0, large);
  out_.pass(kBarrier);
  pass_all();
  ASSERT_EQ(*in_.read(100, unblocked_), 0U) << "eight of its parts have arrived";
  std::vector<CapturedChannel> at_sender;
  out_.overtake(kBarrier, at_sender);
  in_.capture(1);
  pass_all();
  EXPECT_FALSE(in_.capturing());
  std::vector<CapturedChannel> captured;
  in_.take_captured(captured);
  std::vector<BufferPtr> all = captured.front().buffers;
  all.insert(all.end(), at_sender.front().buffers.begin(), at_sender.front().buffers.end());
  EXPECT_EQ(texts_in(all), (std::vector<std::string>{large}));
  out_.add_credit(0, kInitialCredits);
  pass_all();
  EXPECT_EQ(*in_.read(100, unblocked_), 1U);
  EXPECT_EQ(texts_.texts, (std::vector<std::string>{large}));
}

TEST_F(OvertakenEdge, ABarrierOvertakesWhenAlignmentTakesTooLong) {
  using std::chrono::milliseconds;
  StageBarriers barriers;
  EdgeInput two(0, 0, 2, 0, std::make_unique<TypedEdgeReader<std::string>>(texts_), route_);
  barriers.add_input(two);
  Barrier slow = kBarrier;
  slow.aligned_timeout_ms = 50;
  const Time start{std::chrono::seconds(1)};
  barriers.check(start);
  EXPECT_EQ(barriers.deadline(), Time::max());
  ASSERT_TRUE(two.add({0, 0, 0}, 0, make_barrier_buffer(slow)).ok());
  barriers.check(start);
  EXPECT_EQ(barriers.deadline(), start + milliseconds(50));
  ASSERT_TRUE(two.read(10, unblocked_).ok());
  barriers.collect(two, start);
  barriers.check(start + milliseconds(49));
  EXPECT_FALSE(barriers.reached());
  barriers.check(start + milliseconds(50));
  ASSERT_TRUE(barriers.reached());
  EXPECT_EQ(barriers.deadline(), Time::max());
  EXPECT_TRUE(barriers.take_reached(false)->overtook);
  EXPECT_EQ(barriers.alignment(), milliseconds(50));
  EXPECT_FALSE(barriers.captured());
  ASSERT_TRUE(two.add({0, 1, 0}, 0, make_barrier_buffer(slow)).ok());
  EXPECT_TRUE(barriers.captured());
  barriers.check(start + milliseconds(60));
  EXPECT_FALSE(barriers.reached()) << "it was reached once";
}

TEST_F(OvertakenEdge, OneThatHasOvertakenDoesNotWaitAgain) {
  StageBarriers barriers;
  EdgeInput two(0, 0, 2, 0, std::make_unique<TypedEdgeReader<std::string>>(texts_), route_);
  barriers.add_input(two);
  Barrier overtook = kBarrier;
  overtook.overtook = true;
  overtook.aligned_timeout_ms = 1000;
  ASSERT_TRUE(two.add({0, 1, 0}, 0, make_barrier_buffer(overtook)).ok());
  barriers.check(Time{});
  EXPECT_TRUE(barriers.reached());
}

}  // namespace
}  // namespace leat::runtime
