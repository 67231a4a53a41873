#include "runtime/checkpointing/local_copies.hpp"

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "runtime/checkpointing/packed_pieces.hpp"
#include "serialization/crc32c.hpp"
#include "tests/support/memory_file_system.hpp"

namespace leat::runtime {
namespace {

class LocalCopiesTest : public ::testing::Test {
 protected:
  static proto::SubtaskRef subtask(std::uint32_t number, std::uint32_t attempt = 1) {
    proto::SubtaskRef ref;
    ref.set_job_id("job");
    ref.set_attempt(attempt);
    ref.set_subtask(number);
    return ref;
  }
  static StoredPiece piece(ChunkId id, const std::string& chunk) {
    return {id, 0, static_cast<std::uint32_t>(chunk.size()), crc32c(chunk), false};
  }
  void send(std::uint64_t checkpoint, std::uint64_t sequence, const std::string& data) {
    proto::SnapshotChunk chunk;
    *chunk.mutable_ref() = subtask(0);
    chunk.set_checkpoint(checkpoint);
    chunk.set_sequence(sequence);
    chunk.set_data(data);
    copies_.sent(chunk);
  }
  void stored(std::uint64_t checkpoint, std::uint64_t sequence, ChunkId id) {
    proto::ChunkStored stored;
    *stored.mutable_ref() = subtask(0);
    stored.set_checkpoint(checkpoint);
    stored.set_sequence(sequence);
    stored.set_epoch(id.epoch);
    stored.set_counter(id.counter);
    copies_.stored(stored);
  }
  void complete(std::uint64_t checkpoint, const std::vector<ChunkId>& chunks) {
    proto::SubtaskEvent::CheckpointAck ack;
    ack.set_checkpoint(checkpoint);
    for (const ChunkId id : chunks) {
      proto::ChunkKey& key = *ack.mutable_snapshot()->add_chunks();
      key.set_epoch(id.epoch);
      key.set_counter(id.counter);
    }
    copies_.acknowledged(subtask(0), ack);
    proto::CheckpointComplete complete;
    *complete.mutable_ref() = subtask(0);
    complete.set_checkpoint(checkpoint);
    copies_.completed(complete);
  }
  /// What a subtask that restores gets without asking the store.
  std::optional<std::string> fetch(ChunkId id, const std::string& expected) {
    std::optional<std::string> got;
    copies_.fetch(id, {piece(id, expected)},
                  [&got](std::optional<std::string> chunk) { got = std::move(chunk); });
    return got;
  }

  test::MemoryFileSystem files_;
  LocalCopies copies_{
      [](const LocalCopies::Work& work, const LocalCopies::Then& then) { then(work()); }, files_,
      "/copies", 1000};
};

constexpr ChunkId kFirst{3, 1};
constexpr ChunkId kSecond{3, 2};

TEST_F(LocalCopiesTest, AChunkThatTheStoreHasIsReadBackFromHere) {
  send(1, 0, "first chunk");
  EXPECT_EQ(fetch(kFirst, "first chunk"), std::nullopt) << "nobody knows what it is called";
  stored(1, 0, kFirst);
  EXPECT_EQ(fetch(kFirst, "first chunk"), "first chunk");
  EXPECT_EQ(fetch(kSecond, "another"), std::nullopt) << "only what is missing travels";
}

TEST_F(LocalCopiesTest, ACopyThatIsDamagedIsNoAnswerAndGone) {
  send(1, 0, "first chunk");
  stored(1, 0, kFirst);
  files_.add_file("/copies/3-1", "fIrst chunk");
  EXPECT_EQ(fetch(kFirst, "first chunk"), std::nullopt);
  EXPECT_EQ(files_.names("/copies"), "");
  EXPECT_FALSE(copies_.fetch(kFirst, {piece(kFirst, "first chunk")}, [](const auto&) {}));
}

TEST_F(LocalCopiesTest, ACopyThatIsCutShortOrCannotBeReadIsNoAnswer) {
  send(1, 0, "first chunk");
  stored(1, 0, kFirst);
  files_.add_file("/copies/3-1", "first");
  EXPECT_EQ(fetch(kFirst, "first chunk"), std::nullopt);
  send(1, 1, "second");
  stored(1, 1, kSecond);
  files_.fail(test::FileOperation::kRead, "3-2", "bad sector");
  EXPECT_EQ(fetch(kSecond, "second"), std::nullopt);
}

TEST_F(LocalCopiesTest, WhatTheLastCompleteCheckpointDoesNotReferToGoes) {
  send(1, 0, "first chunk");
  stored(1, 0, kFirst);
  complete(1, {kFirst});
  send(2, 0, "second");
  stored(2, 0, kSecond);
  EXPECT_EQ(files_.names("/copies"), "3-1 3-2");
  complete(2, {kSecond});
  EXPECT_EQ(files_.names("/copies"), "3-2");
}

TEST_F(LocalCopiesTest, WhatWasSentForACheckpointThatFailedIsNotKeptInMemory) {
  for (std::uint64_t checkpoint = 1; checkpoint <= 50; ++checkpoint) {
    send(checkpoint, 0, "never answered");
    send(checkpoint, 1, "nor this");
  }
  EXPECT_EQ(copies_.unanswered(), 2U);
  copies_.gone(subtask(0));
  EXPECT_EQ(copies_.unanswered(), 0U);
}

TEST_F(LocalCopiesTest, NothingIsKeptWhereNothingCanBeWritten) {
  files_.set_space(0);
  send(1, 0, "first chunk");
  stored(1, 0, kFirst);
  EXPECT_EQ(fetch(kFirst, "first chunk"), std::nullopt);
}

}  // namespace
}  // namespace leat::runtime
