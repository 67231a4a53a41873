#include "runtime/checkpointing/snapshot_writer.hpp"

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "runtime/checkpointing/pieces.hpp"
#include "serialization/crc32c.hpp"
#include "tests/support/recording_outbox.hpp"

namespace leat::runtime {
namespace {

/// State whose segments and their contents the test lays down.
class ScriptedState final : public KeyedState {
 public:
  struct Segment {
    SegmentId id;
    SegmentContent content;
    std::string bytes;
  };

  [[nodiscard]] std::string type_fingerprint() const override { return "string>u64"; }
  void begin_snapshot(std::uint64_t number, std::uint64_t base,
                      const SnapshotBase& chains) override {
    begun = number;
    base_seen = base;
    left = next;
    sizes.clear();
    for (const Segment& segment : next)
      if (const ChainSize* size = chains.find(segment.id))
        sizes[segment.id] = *size;
  }
  bool advance_snapshot(std::size_t /*budget*/, SegmentSink& out) override {
    if (left.empty())
      return true;
    out.segment(left.back().id, left.back().content, left.back().bytes);
    left.pop_back();
    return left.empty();
  }
  void abort_snapshot() override {
    ++aborts;
    left.clear();
  }
  [[nodiscard]] std::size_t pending_bytes() const override { return 0; }
  Result<void> restore(SegmentId, SegmentContent, std::string_view) override { return {}; }
  void finish_restore(std::uint64_t) override {}
  [[nodiscard]] std::size_t entries() const override { return 0; }
  [[nodiscard]] std::size_t bytes() const override { return 0; }

  std::vector<Segment> next;  ///< of the next snapshot
  std::vector<Segment> left;
  std::uint64_t begun = 0;
  std::uint64_t base_seen = 0;
  std::map<SegmentId, ChainSize> sizes;
  int aborts = 0;
};

constexpr SegmentId kLeft{1, 0};
constexpr SegmentId kRight{1, 1};

class SnapshotWriting : public testing::Test {
 protected:
  void begin(std::uint64_t checkpoint, std::uint64_t base = 0, std::uint32_t window = 4) {
    outbox_.chunks.clear();
    writer_.begin({.checkpoint = checkpoint, .base = base, .chunk_window = window});
    checkpoint_ = checkpoint;
    base_ = base;
    writer_.add("count", state_);
    writer_.finish();
  }
  void advance() {
    while (writer_.advance(1000)) {
    }
  }
  void store(std::size_t index, std::uint64_t counter) {
    const auto& chunk = outbox_.chunks[index];
    stored_[{2, counter}] = chunk.data;
    writer_.chunk_stored(chunk.checkpoint, chunk.sequence, {2, counter});
  }
  proto::SubtaskSnapshot take() {
    EXPECT_TRUE(writer_.durable());
    proto::SubtaskSnapshot snapshot;
    writer_.take(snapshot);
    chunks_ = {};
    for (const proto::ChunkKey& key : snapshot.chunks())
      chunks_.insert({key.epoch(), key.counter()});
    for (proto::KeyedStateSnapshot& keyed : *snapshot.mutable_keyed())
      for (proto::SegmentSnapshot& segment : *keyed.mutable_segments())
        join(segment);
    return snapshot;
  }
  /// As the JobManager does.
  void join(proto::SegmentSnapshot& segment) {
    const std::pair place(segment.depth(), segment.prefix());
    if (segment.on_base())
      segment.set_chain(chains_.at(base_).at(place) + segment.chain());
    segment.set_on_base(false);
    chains_[checkpoint_][place] = segment.chain();
  }
  /// A snapshot of which all goes into one chunk.
  proto::SubtaskSnapshot write(std::uint64_t checkpoint, std::uint64_t base) {
    begin(checkpoint, base);
    advance();
    for (std::size_t i = 0; i < outbox_.chunks.size(); ++i)
      store(i, 100 * checkpoint + i);
    return take();
  }
  /// What the chain of a segment says, from the chunks stored; images and deltas separated by '|'.
  std::string read(const proto::SubtaskSnapshot& snapshot, SegmentId id) {
    std::string bytes;
    for (const auto& segment : snapshot.keyed(0).segments())
      if (segment.depth() == id.depth && segment.prefix() == id.prefix)
        for_each_piece(segment, [&](const StoredPiece& piece) {
          const std::string part = stored_.at(piece.chunk).substr(piece.offset, piece.length);
          EXPECT_EQ(crc32c(part), piece.crc32c);
          bytes += part + (piece.continued ? "" : "|");
        });
    return bytes;
  }

  test::RecordingOutbox outbox_;
  SnapshotWriter writer_{outbox_};
  ScriptedState state_;
  std::map<ChunkId, std::string> stored_;
  std::uint64_t checkpoint_ = 0;
  std::uint64_t base_ = 0;
  using Place = std::pair<std::uint32_t, std::uint64_t>;
  std::map<std::uint64_t, std::map<Place, std::string>> chains_;  ///< of checkpoints taken, packed
  std::set<ChunkId> chunks_;                                      ///< that the newest one names
};

TEST_F(SnapshotWriting, PacksSegmentsIntoAChunkAndSaysWhereTheyLie) {
  state_.next = {{kLeft, SegmentContent::kWhole, "left"},
                 {kRight, SegmentContent::kWhole, "right"}};
  begin(7);
  EXPECT_EQ(state_.begun, 7U);
  EXPECT_FALSE(writer_.durable());
  advance();
  ASSERT_EQ(outbox_.chunks.size(), 1U);
  EXPECT_FALSE(writer_.durable()) << "sent is not stored";
  store(0, 1);
  const auto snapshot = take();
  ASSERT_EQ(snapshot.keyed_size(), 1);
  EXPECT_EQ(snapshot.keyed(0).uid(), "count");
  EXPECT_EQ(snapshot.keyed(0).type(), "string>u64");
  EXPECT_EQ(snapshot.keyed(0).bytes(), 9U);
  EXPECT_EQ(read(snapshot, kLeft), "left|");
  EXPECT_EQ(read(snapshot, kRight), "right|");
  EXPECT_EQ(writer_.sent_bytes(), 9U);
}

TEST_F(SnapshotWriting, SendsNoMoreThanTheWindowAndEncodesNoMoreThanABound) {
  const std::string large(700'000, 'x');
  for (std::uint64_t i = 0; i < 12; ++i)
    state_.next.push_back({{4, i}, SegmentContent::kWhole, large});
  begin(1, 0, 2);
  advance();
  EXPECT_EQ(outbox_.chunks.size(), 2U);
  EXPECT_GE(state_.left.size(), 7U) << "the rest waits unencoded";
  EXPECT_FALSE(writer_.can_advance());
  store(1, 11);
  EXPECT_TRUE(writer_.can_advance());
  advance();
  EXPECT_EQ(outbox_.chunks.size(), 3U);
  for (std::size_t i = 0; i < outbox_.chunks.size(); ++i) {
    EXPECT_LE(outbox_.chunks[i].data.size(), kMaxChunkBytes);
    store(i, i == 1 ? 11 : 20 + i);  // the second once more
    advance();
  }
  const auto snapshot = take();
  for (std::uint64_t i = 0; i < 12; ++i)
    EXPECT_EQ(read(snapshot, {4, i}), large + "|");
}

TEST_F(SnapshotWriting, ASegmentLargerThanAChunkBecomesContinuedPieces) {
  const std::string huge = std::string(kMaxChunkBytes, 'a') + std::string(1000, 'b');
  state_.next = {{kRight, SegmentContent::kWhole, "r"}, {kLeft, SegmentContent::kWhole, huge}};
  auto snapshot = write(1, 0);
  EXPECT_EQ(read(snapshot, kLeft), huge + "|");
  writer_.complete(1);
  state_.next = {{kLeft, SegmentContent::kDelta, huge}};
  snapshot = write(2, 1);
  EXPECT_EQ(read(snapshot, kLeft), huge + "|" + huge + "|");
  EXPECT_EQ(state_.sizes[kLeft].whole_bytes, huge.size());
  EXPECT_EQ(state_.sizes[kLeft].deltas, 0U);
  for (const auto& segment : snapshot.keyed(0).segments()) {
    const SegmentChain chain = chain_of(segment);
    EXPECT_EQ(chain.size.whole_bytes, huge.size());
    EXPECT_EQ(chain.size.delta_bytes, huge.size());
    EXPECT_EQ(chain.size.deltas, 1U);
  }
}

TEST_F(SnapshotWriting, RefersToTheBaseForWhatHasNotChanged) {
  state_.next = {{kLeft, SegmentContent::kWhole, "left"},
                 {kRight, SegmentContent::kWhole, "right"}};
  write(1, 0);
  writer_.complete(1);
  state_.next = {{kLeft, SegmentContent::kUnchanged, ""}, {kRight, SegmentContent::kDelta, "+1"}};
  const auto snapshot = write(2, 1);
  EXPECT_EQ(state_.base_seen, 1U);
  EXPECT_EQ(read(snapshot, kLeft), "left|");
  EXPECT_EQ(read(snapshot, kRight), "right|+1|");
  EXPECT_EQ(writer_.sent_bytes(), 2U);
  EXPECT_EQ(snapshot.keyed(0).bytes(), 11U);
  EXPECT_EQ(chunks_, (std::set<ChunkId>{{2, 100}, {2, 200}}));
  writer_.complete(2);
  state_.next = {{kLeft, SegmentContent::kWhole, "l"}, {kRight, SegmentContent::kWhole, "r"}};
  write(3, 2);
  EXPECT_EQ(chunks_, (std::set<ChunkId>{{2, 300}})) << "all is written anew";
}

TEST_F(SnapshotWriting, OnlyACompleteCheckpointIsABase) {
  state_.next = {{kLeft, SegmentContent::kWhole, "one"}};
  write(1, 0);
  writer_.complete(1);
  state_.next = {{kLeft, SegmentContent::kWhole, "two"}};
  write(2, 1);  // acknowledged, then aborted elsewhere
  state_.next = {{kLeft, SegmentContent::kDelta, "+3"}};
  const auto third = write(3, 1);
  EXPECT_EQ(state_.base_seen, 1U);
  EXPECT_EQ(read(third, kLeft), "one|+3|");
  state_.next = {{kLeft, SegmentContent::kWhole, "four"}};
  write(4, 2);
  EXPECT_EQ(state_.base_seen, 0U) << "nobody said that 2 is complete";
}

TEST_F(SnapshotWriting, ABarrierThatNamesItAsBaseSaysThatACheckpointIsComplete) {
  state_.next = {{kLeft, SegmentContent::kWhole, "one"}};
  write(1, 0);
  state_.next = {{kLeft, SegmentContent::kUnchanged, ""}};
  EXPECT_EQ(read(write(2, 1), kLeft), "one|");
}

TEST_F(SnapshotWriting, ANewerBarrierDiscardsWhatIsLeftOfAnOlderSnapshot) {
  state_.next = {{kLeft, SegmentContent::kWhole, "old"}, {kRight, SegmentContent::kWhole, "old"}};
  begin(1);
  EXPECT_TRUE(writer_.advance(1));
  state_.next = {{kLeft, SegmentContent::kWhole, "new"}};
  begin(2);
  EXPECT_EQ(state_.aborts, 1);
  writer_.chunk_stored(1, 0, {2, 5});
  advance();
  EXPECT_FALSE(writer_.durable()) << "an answer for checkpoint 1 counts for nothing";
  ASSERT_EQ(outbox_.chunks.size(), 1U);
  store(0, 6);
  EXPECT_EQ(read(take(), kLeft), "new|");
}

TEST_F(SnapshotWriting, GoesOnFromWhatWasRestored) {
  PipelineChains chains;
  proto::SegmentSnapshot left;
  append_packed(*left.mutable_chain(), {{1, 9}, 10, 4, crc32c("left"), false});
  chains["count"][kLeft] = chain_of(left);
  chains_[5][{kLeft.depth, kLeft.prefix}] = left.chain();
  writer_.restored(5, std::move(chains));
  stored_[{1, 9}] = "0123456789left";
  state_.next = {{kLeft, SegmentContent::kUnchanged, ""}};
  EXPECT_EQ(read(write(6, 5), kLeft), "left|");
  EXPECT_EQ(state_.base_seen, 5U);
}

TEST_F(SnapshotWriting, StateWithoutASegmentIsDurableAtOnce) {
  begin(1);
  advance();
  EXPECT_TRUE(outbox_.chunks.empty());
  EXPECT_EQ(take().keyed(0).uid(), "count");
}

}  // namespace
}  // namespace leat::runtime
