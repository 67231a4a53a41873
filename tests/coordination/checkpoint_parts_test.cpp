// The parts that checkpoints are made of, each alone.

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include <gmock/gmock.h>

#include "runtime/checkpointing/checkpoint_schedule.hpp"
#include "runtime/checkpointing/chunk_references.hpp"
#include "runtime/checkpointing/packed_pieces.hpp"
#include "runtime/checkpointing/pending_checkpoint.hpp"
#include "runtime/checkpointing/restore_plan.hpp"
#include "runtime/checkpointing/retained_checkpoints.hpp"
#include "runtime/checkpointing/snapshot_store.hpp"
#include "runtime/coordination/chunk_intake.hpp"
#include "runtime/coordination/job_restart_policy.hpp"
#include "runtime/coordination/stored_jobs.hpp"
#include "runtime/state/key_group.hpp"
#include "runtime/state/segment_id.hpp"

namespace leat::runtime {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

Time at(int second) {
  return Time(seconds(second));
}

// ---- CheckpointSchedule ----

TEST(CheckpointSchedule, TheIntervalCountsFromTheBeginningAndThePauseFromTheEnd) {
  CheckpointSchedule schedule(seconds(10), seconds(4));
  schedule.start(at(100));
  EXPECT_EQ(schedule.due(), at(110));
  schedule.began(at(110));
  schedule.ended(at(112));
  EXPECT_EQ(schedule.due(), at(120));
  schedule.began(at(120));
  schedule.ended(at(129));
  EXPECT_EQ(schedule.due(), at(133));
}

TEST(CheckpointSchedule, ARequestBringsItForwardButKeepsThePause) {
  CheckpointSchedule schedule(seconds(100), seconds(4));
  schedule.start(at(0));
  schedule.began(at(1));
  schedule.ended(at(2));
  schedule.request();
  EXPECT_EQ(schedule.due(), at(6));
  schedule.began(at(6));
  EXPECT_EQ(schedule.due(), at(106));
}

TEST(CheckpointSchedule, WithoutAnIntervalNoneIsEverDue) {
  CheckpointSchedule schedule(Duration::zero(), Duration::zero());
  schedule.start(at(0));
  EXPECT_EQ(schedule.due(), Time::max());
}

// ---- PendingCheckpoint ----

proto::SubtaskEvent::CheckpointAck ack_of(std::uint64_t checkpoint) {
  proto::SubtaskEvent::CheckpointAck ack;
  ack.set_checkpoint(checkpoint);
  return ack;
}

TEST(PendingCheckpoint, CountsEachSubtaskOnce) {
  proto::StoredCheckpoint manifest;
  manifest.mutable_info()->set_id(3);
  PendingCheckpoint pending(manifest, nullptr, 2, at(0));
  EXPECT_EQ(pending.acknowledge(0, ack_of(2)), AckOutcome::kUnknown);
  EXPECT_EQ(pending.acknowledge(2, ack_of(3)), AckOutcome::kUnknown);
  EXPECT_EQ(pending.acknowledge(0, ack_of(3)), AckOutcome::kAccepted);
  EXPECT_EQ(pending.acknowledge(0, ack_of(3)), AckOutcome::kDuplicate);
  EXPECT_EQ(pending.acknowledge(1, ack_of(3)), AckOutcome::kCompleted);
  EXPECT_EQ(pending.acknowledge(1, ack_of(3)), AckOutcome::kDuplicate);
}

TEST(PendingCheckpoint, JoinsWhatTheSubtasksOfAnOperatorHave) {
  proto::StoredCheckpoint manifest;
  manifest.mutable_info()->set_id(1);
  proto::SourceSnapshot& source = *manifest.add_sources();
  source.set_uid("source");
  source.set_enumerator("position");
  PendingCheckpoint pending(manifest, nullptr, 2, at(0));
  for (std::uint32_t subtask = 0; subtask < 2; ++subtask) {
    auto ack = ack_of(1);
    auto& keyed = *ack.mutable_snapshot()->add_keyed();
    keyed.set_uid("count");
    keyed.set_type("t");
    keyed.set_bytes(10);
    keyed.add_segments()->set_prefix(subtask);
    auto& splits = *ack.mutable_snapshot()->add_sources();
    splits.set_uid("source");
    splits.add_splits()->set_id(subtask);
    ack.mutable_snapshot()->add_channels()->set_from(subtask);
    ack.set_sent_bytes(5);
    ack.set_alignment_ms(subtask);
    ack.set_unaligned(subtask == 0);
    pending.acknowledge(subtask, ack);
  }
  const proto::StoredCheckpoint& joined = pending.manifest();
  ASSERT_EQ(joined.keyed_size(), 1);
  EXPECT_EQ(joined.keyed(0).segments_size(), 2);
  EXPECT_EQ(joined.keyed(0).bytes(), 20U);
  ASSERT_EQ(joined.sources_size(), 1);
  EXPECT_EQ(joined.sources(0).splits_size(), 2);
  EXPECT_EQ(joined.sources(0).enumerator(), "position");
  EXPECT_EQ(joined.channels_size(), 2);
  EXPECT_EQ(joined.info().sent_bytes(), 10U);
  EXPECT_EQ(joined.info().alignment_ms(), 1U);
  EXPECT_TRUE(joined.info().unaligned());
}

// ---- ChunkReferences ----

TEST(ChunkReferences, AChunkIsUnusedWhenItsLastHolderLetsGo) {
  ChunkReferences references;
  references.add({{1, 1}, {1, 2}});
  references.add(std::set<ChunkId>{{1, 2}});
  EXPECT_THAT(references.remove({{1, 1}, {1, 2}}), ElementsAre(ChunkId{1, 1}));
  EXPECT_TRUE(references.contains({1, 2}));
  EXPECT_THAT(references.remove({{1, 2}}), ElementsAre(ChunkId{1, 2}));
  EXPECT_THAT(references.all(), IsEmpty());
}

// ---- restore_plan ----

/// A segment for each prefix of so many bits.
proto::StoredCheckpoint checkpoint_of(std::uint32_t depth, std::uint32_t max_parallelism) {
  proto::StoredCheckpoint checkpoint;
  checkpoint.mutable_info()->set_id(9);
  checkpoint.set_max_parallelism(max_parallelism);
  proto::KeyedStateSnapshot& keyed = *checkpoint.add_keyed();
  keyed.set_uid("count");
  keyed.set_type("t");
  for (std::uint64_t prefix = 0; prefix < (std::uint64_t{1} << depth); ++prefix) {
    proto::SegmentSnapshot& segment = *keyed.add_segments();
    segment.set_depth(depth);
    segment.set_prefix(prefix);
    append_packed(*segment.mutable_chain(), {.chunk = {1, 1}, .length = 1});
  }
  return checkpoint;
}

TEST(RestorePlan, EveryKeyIsInASegmentOfTheSubtaskThatOwnsIt) {
  for (const std::uint32_t max_parallelism : {1U, 7U, 100U, 128U}) {
    for (const std::uint32_t depth : {0U, 3U, 9U}) {
      const auto checkpoint = checkpoint_of(depth, max_parallelism);
      for (std::uint32_t parallelism = 1; parallelism <= std::min(max_parallelism, 9U);
           ++parallelism) {
        const auto plan = restore_plan(checkpoint, parallelism);
        ASSERT_THAT(plan, SizeIs(parallelism));
        std::uint64_t hash = 12345;
        for (int key = 0; key < 200; ++key) {
          hash = hash * 6364136223846793005U + 1442695040888963407U;
          const auto owner =
              subtask_of_group(key_group(hash, max_parallelism), parallelism, max_parallelism);
          const std::uint64_t place = placement(hash, max_parallelism);
          const auto& segments = plan[owner].keyed(0).segments();
          EXPECT_TRUE(std::any_of(segments.begin(), segments.end(),
                                  [&](const auto& segment) {
                                    return contains({static_cast<std::uint8_t>(segment.depth()),
                                                     segment.prefix()},
                                                    place);
                                  }))
              << "parallelism " << parallelism << " of " << max_parallelism << ", depth " << depth;
        }
      }
    }
  }
}

TEST(RestorePlan, ASegmentWithinOneSubtasksGroupsGoesToThatOneOnly) {
  const auto plan = restore_plan(checkpoint_of(7, 128), 4);
  std::size_t all = 0;
  for (const auto& share : plan) {
    EXPECT_EQ(share.checkpoint(), 9U);
    EXPECT_EQ(share.keyed(0).segments_size(), 32);
    EXPECT_EQ(share.keyed(0).bytes(), 32U);
    all += static_cast<std::size_t>(share.keyed(0).segments_size());
  }
  EXPECT_EQ(all, 128U);
}

TEST(RestorePlan, ChannelsAreDealtByTheirSender) {
  proto::StoredCheckpoint checkpoint;
  checkpoint.set_max_parallelism(128);
  for (std::uint32_t from = 0; from < 5; ++from)
    checkpoint.add_channels()->set_from(from);
  const auto plan = restore_plan(checkpoint, 2);
  EXPECT_EQ(plan[0].channels_size(), 3);
  EXPECT_EQ(plan[1].channels_size(), 2);
}

TEST(RestorePlan, RecordsUnderWayNeedTheSameEdges) {
  proto::StoredCheckpoint savepoint;
  savepoint.set_max_parallelism(128);
  savepoint.add_channels();
  savepoint.mutable_plan()->add_edges()->set_to_stage(1);
  proto::Plan plan = savepoint.plan();
  plan.set_max_parallelism(128);
  EXPECT_TRUE(check_restorable(savepoint, plan, 1, false).ok());
  plan.mutable_edges(0)->set_partitioning(proto::PARTITIONING_HASH);
  EXPECT_FALSE(check_restorable(savepoint, plan, 1, true).ok());
}

// ---- RetainedCheckpoints ----

RetainedCheckpoints::Manifest manifest_of(std::uint64_t id, ChunkId chunk) {
  auto manifest = std::make_shared<proto::StoredCheckpoint>();
  manifest->mutable_info()->set_id(id);
  append_packed(*manifest->add_keyed()->add_segments()->mutable_chain(), {.chunk = chunk});
  return manifest;
}

TEST(RetainedCheckpoints, TheNewestSoundOneIsTheBaseAndTheResumePoint) {
  RetainedCheckpoints retained;
  EXPECT_EQ(retained.base(), nullptr);
  EXPECT_EQ(*retained.resume_point(false), nullptr);
  retained.add(manifest_of(1, {1, 1}));
  retained.add(manifest_of(2, {1, 2}));
  EXPECT_EQ(retained.base()->info().id(), 2U);
  retained.mark_lost({{1, 2}});
  EXPECT_EQ(retained.base(), nullptr) << "an older one is not what subtasks have";
  EXPECT_FALSE(retained.resume_point(false).ok());
  EXPECT_EQ((*retained.resume_point(true))->info().id(), 1U);
  retained.mark_lost({{1, 1}});
  EXPECT_FALSE(retained.resume_point(true).ok());
}

TEST(StoredJobs, ReadsCheckpointsInOrderAndReportsDamagedOnesAsSuch) {
  const JobId job(0, 1);
  proto::JobStatus status;
  status.set_state(proto::JOB_RUNNING);
  const StorePairs stored = {
      {checkpoint_key(job, 9), manifest_of(9, {1, 1})->SerializeAsString()},
      {checkpoint_key(job, 10), "\xff\xff"},
      {checkpoint_key(job, 300), manifest_of(300, {1, 2})->SerializeAsString()},
      {committed_key(job), "10"},
      {status_key(job), status.SerializeAsString()},
  };
  const StoredJobs found = read_stored_jobs(stored);
  ASSERT_THAT(found.jobs, SizeIs(1));
  const auto& entries = found.jobs[0].checkpoints.entries();
  ASSERT_THAT(entries, SizeIs(3));
  EXPECT_EQ(entries[0].id, 9U);
  EXPECT_FALSE(entries[1].manifest);
  EXPECT_EQ(entries[2].id, 300U);
  EXPECT_EQ(found.jobs[0].commits_noted, 10U);
}

// ---- ChunkIntake ----

class ChunkIntakeTest : public testing::Test {
 protected:
  void add(std::uint64_t sequence, std::size_t bytes, std::uint64_t checkpoint = 1) {
    intake.add({{JobId(0, 1), Attempt{1}, 0}, {}, checkpoint, sequence, 0}, std::string(bytes, 'x'),
               step);
  }
  [[nodiscard]] std::vector<StoreChunks> batches() const {
    std::vector<StoreChunks> all;
    for (const auto& command : out)
      all.push_back(std::get<StoreChunks>(command));
    return all;
  }

  ActionTokens actions;
  ChunkIntake intake{actions};
  JobManagerCommands out;
  JobManagerStep step{at(0), out};
};

TEST_F(ChunkIntakeTest, WhatArrivesWhileTheStoreIsBusyGoesWithItsNextBatch) {
  for (std::uint64_t i = 0; i < 12; ++i)
    add(i, kMaxChunkBytes);
  ASSERT_THAT(batches(), SizeIs(ChunkIntake::kStoresInFlight));
  const auto first = intake.take_stored(batches()[0].token, step);
  EXPECT_THAT(first, SizeIs(1));
  EXPECT_EQ(first[0].bytes, kMaxChunkBytes);
  ASSERT_THAT(batches(), SizeIs(3));
  EXPECT_THAT(batches()[2].chunks, SizeIs(8)) << "8 MiB";
  EXPECT_THAT(intake.take_stored(batches()[0].token, step), IsEmpty()) << "answered twice";
}

TEST_F(ChunkIntakeTest, ChunksOfACheckpointThatFailedAreNotStored) {
  for (std::uint64_t i = 0; i < 4; ++i)
    add(i, 10);
  add(0, 10, 2);
  intake.drop(JobId(0, 1), 1);
  intake.take_stored(batches()[0].token, step);
  const auto next = batches().back();
  const auto stored = intake.take_stored(next.token, step);
  ASSERT_THAT(stored, SizeIs(1));
  EXPECT_EQ(stored[0].checkpoint, 2U);
}

TEST(ChunkIntakeWindow, SharesTheBudget) {
  EXPECT_EQ(ChunkIntake::window(1), 8U);
  EXPECT_EQ(ChunkIntake::window(16), 4U);
  EXPECT_EQ(ChunkIntake::window(1000), 1U);
}

// ---- JobRestartPolicy ----

TEST(JobRestartPolicy, NoneGivesUpAtOnce) {
  JobOptions options;
  options.restart.strategy = RestartStrategy::kNone;
  EXPECT_FALSE(JobRestartPolicy(options, 1).on_failure(at(0)).has_value());
}

TEST(JobRestartPolicy, FixedDelayCountsTriesAndProgressDoesNotReset) {
  JobOptions options;
  options.checkpoints.interval = seconds(1);
  options.restart.strategy = RestartStrategy::kFixedDelay;
  options.restart.fixed_delay = seconds(2);
  JobRestartPolicy policy(options, 1);
  EXPECT_EQ(policy.on_failure(at(0)), Duration(seconds(2)));
  policy.on_checkpoint();
  EXPECT_EQ(policy.on_failure(at(100)), Duration(seconds(2)));
  EXPECT_FALSE(policy.on_failure(at(200)).has_value()) << "three tries in all";
}

TEST(JobRestartPolicy, FailureRateForgetsWhatIsLongAgo) {
  JobOptions options;
  options.restart.strategy = RestartStrategy::kFailureRate;
  options.restart.failure_rate_max = 1;
  options.restart.failure_rate_interval = minutes(1);
  JobRestartPolicy policy(options, 1);
  EXPECT_TRUE(policy.on_failure(at(0)).has_value());
  EXPECT_TRUE(policy.on_failure(at(61)).has_value());
  EXPECT_FALSE(policy.on_failure(at(70)).has_value());
}

TEST(JobRestartPolicy, ExponentialDelaysAreForgottenWithACheckpoint) {
  JobOptions options;
  options.checkpoints.interval = seconds(1);
  options.restart.attempts_before_reset = 2;
  options.restart.jitter = 0;
  JobRestartPolicy policy(options, 1);
  EXPECT_EQ(policy.on_failure(at(0)), Duration::zero());
  EXPECT_EQ(policy.on_failure(at(1)), Duration(milliseconds(50)));
  policy.on_checkpoint();
  EXPECT_EQ(policy.on_failure(at(2)), Duration::zero());
  EXPECT_EQ(policy.on_failure(at(3)), Duration(milliseconds(50)));
  EXPECT_FALSE(policy.on_failure(at(4)).has_value());
}

TEST(JobRestartPolicy, WithoutCheckpointsAJobIsTriedThreeTimes) {
  JobRestartPolicy policy({}, 1);
  EXPECT_TRUE(policy.on_failure(at(0)).has_value());
  EXPECT_TRUE(policy.on_failure(at(1)).has_value());
  EXPECT_FALSE(policy.on_failure(at(2)).has_value());
}

}  // namespace
}  // namespace leat::runtime
