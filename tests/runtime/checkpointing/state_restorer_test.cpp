// Restoring through a whole pipeline: what it refuses, in words.

#include "runtime/checkpointing/state_restorer.hpp"

#include <memory>
#include <string>

#include <gtest/gtest.h>

#include "runtime/checkpointing/packed_pieces.hpp"
#include "runtime/dataflow/slot_task.hpp"
#include "tests/support/graph_of.hpp"
#include "tests/support/memory_connectors.hpp"
#include "tests/support/memory_file_system.hpp"
#include "tests/support/recording_outbox.hpp"
#include "tests/support/stepped_clock.hpp"

namespace leat::runtime {
namespace {

/// One pipeline that counts, told to restore a segment of `type`.
class Restoring : public testing::Test {
 protected:
  std::unique_ptr<SlotTask> task(const std::string& type) {
    auto rows = std::make_shared<test::MemoryRows<std::pair<std::uint64_t, std::uint64_t>>>();
    graph_ = test::graph_of([&](Environment& env) {
      env.source(test::vector_source(std::vector<std::uint64_t>{1}))
          .key_by([](std::uint64_t n) { return n; })
          .count()
          .uid("counts")
          .sink(test::memory_sink(rows));
    });
    proto::RestoreSubtask restore;
    restore.set_checkpoint(4);
    auto& keyed = *restore.add_keyed();
    keyed.set_uid("counts");
    keyed.set_type(type);
    append_packed(*keyed.add_segments()->mutable_chain(), {.chunk = {2, 9}, .length = 10});
    auto created = SlotTask::create(
        *graph_, {JobId(1, 2), Attempt{1}, 0, 1, 128, files_, clock_, outbox_, &restore});
    EXPECT_TRUE(created.ok());
    return std::move(*created);
  }
  /// The type that the job's own state has.
  std::string own_type() {
    const auto created = task("something else");
    created->turn(clock_.now());
    const std::string message = created->failure()->error.message();
    const std::string before = "the job's is of type ";
    const auto begin = message.find(before) + before.size();
    return message.substr(begin, message.find(';', begin) - begin);
  }

  std::shared_ptr<const JobGraph> graph_;
  test::MemoryFileSystem files_;
  test::SteppedClock clock_;
  test::RecordingOutbox outbox_;
};

TEST_F(Restoring, StateOfAnotherTypeIsRefusedInWords) {
  const auto created = task("something else");
  EXPECT_EQ(created->turn(clock_.now()).next, TurnOutcome::Next::kFailed);
  const Error& error = created->failure()->error;
  EXPECT_EQ(error.kind(), ErrorKind::kInput);
  EXPECT_NE(error.message().find("(uid counts) in checkpoint 4 is of type something else"),
            std::string::npos)
      << error.message();
  EXPECT_FALSE(created->failure()->restore_damaged);
}

TEST_F(Restoring, NothingIsReadBeforeAllChunksAreThere) {
  const auto created = task(own_type());
  EXPECT_EQ(created->turn(clock_.now()).next, TurnOutcome::Next::kIdle);
  ASSERT_EQ(outbox_.fetched, (std::vector<ChunkId>{{2, 9}}));
  EXPECT_TRUE(outbox_.split_requests.empty());
}

TEST_F(Restoring, ADamagedChunkFailsThePipelineAndIsNamed) {
  const auto created = task(own_type());
  created->turn(clock_.now());
  proto::ChunkData chunk;
  chunk.set_epoch(2);
  chunk.set_counter(9);
  chunk.set_data("0123456789");
  created->on_chunk_data(chunk);
  EXPECT_EQ(created->turn(clock_.now()).next, TurnOutcome::Next::kFailed);
  EXPECT_EQ(created->failure()->error.kind(), ErrorKind::kProtocol);
  EXPECT_NE(created->failure()->error.message().find("chunk 2/9"), std::string::npos);
  EXPECT_TRUE(created->failure()->restore_damaged);
}

TEST_F(Restoring, AStoreThatCannotBeReadAtPresentIsNoDamage) {
  const auto created = task(own_type());
  created->turn(clock_.now());
  proto::ChunkData chunk;
  chunk.set_epoch(2);
  chunk.set_counter(9);
  chunk.mutable_error()->set_kind(proto::ERROR_IO);
  chunk.mutable_error()->set_message("the store is being reopened");
  created->on_chunk_data(chunk);
  EXPECT_EQ(created->turn(clock_.now()).next, TurnOutcome::Next::kFailed);
  EXPECT_FALSE(created->failure()->restore_damaged);
}

}  // namespace
}  // namespace leat::runtime
