// Savepoints of a running job, a job that is stopped with one, and a job that begins with one.

#include <algorithm>
#include <chrono>
#include <string>

#include <gmock/gmock.h>

#include "tests/coordination/checkpoint_probe.hpp"

namespace leat::runtime::test {
namespace {

using std::chrono::seconds;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

proto::SubmitJob job(std::uint32_t parallelism = 1, CheckpointProbe::Config config = {}) {
  return CheckpointProbe::checkpointed_job(parallelism, std::move(config));
}

/// No checkpoints by time.
proto::SubmitJob quiet_job() {
  return job(1, {{"execution.checkpointing.interval", "0"}});
}

enum class Then { kGoOn, kStop, kDrain };

RequestId trigger_savepoint(CheckpointProbe& jm, Then then = Then::kGoOn,
                            const std::string& trigger_id = "t1", std::uint32_t max_wait_ms = 0) {
  proto::TriggerSavepoint trigger;
  trigger.set_job_id(jm.job().job_id());
  trigger.set_trigger_id(trigger_id);
  trigger.set_directory("/savepoints");
  trigger.set_stop(then != Then::kGoOn);
  trigger.set_drain(then == Then::kDrain);
  trigger.set_max_wait_ms(max_wait_ms);
  const RequestId request = jm.ask();
  jm.core().trigger_savepoint(request, trigger, jm.now(), jm.out());
  return request;
}

proto::SavepointReply reply(CheckpointProbe& jm, RequestId request) {
  return jm.reply<proto::SavepointReply>(request).value();
}

void written(CheckpointProbe& jm,
             const Result<std::string>& outcome = std::string("/savepoints/s")) {
  jm.core().on_savepoint_written(jm.last<WriteSavepoint>().token, outcome, jm.now(), jm.out());
  if (outcome)
    jm.persist();  // where it lies
}

TEST(Savepoint, IsWrittenOnceItsOutputIsCommittedAndAnsweredWithItsPath) {
  CheckpointProbe jm(quiet_job());
  jm.run();
  const RequestId waiting = trigger_savepoint(jm, Then::kGoOn, "t1", 60'000);
  ASSERT_EQ(jm.triggered(), 1U);
  const auto trigger = jm.sent<proto::TriggerCheckpoint>().back().second;
  EXPECT_EQ(trigger.kind(), proto::CHECKPOINT_SAVEPOINT);
  EXPECT_TRUE(trigger.align());
  EXPECT_EQ(trigger.aligned_timeout_ms(), 0U);
  EXPECT_FALSE(trigger.end_sources());
  jm.ack_all(1, CheckpointProbe::with_output("a"));
  jm.persist_all();
  EXPECT_THAT(jm.all<WriteSavepoint>(), IsEmpty());
  jm.commit_all(1);
  ASSERT_THAT(jm.all<WriteSavepoint>(), SizeIs(1));
  EXPECT_EQ(jm.last<WriteSavepoint>().directory, "/savepoints");
  EXPECT_THAT(jm.last<WriteSavepoint>().manifest.commits(), IsEmpty()) << "committed here";
  EXPECT_FALSE(jm.reply<proto::SavepointReply>(waiting).has_value());
  written(jm);
  EXPECT_EQ(reply(jm, waiting).path(), "/savepoints/s");
  EXPECT_EQ(jm.list().checkpoints(0).path(), "/savepoints/s");
  EXPECT_EQ(jm.state(), proto::JOB_RUNNING);
}

TEST(Savepoint, ARepeatedRequestJoinsTheFirst) {
  CheckpointProbe jm(quiet_job());
  jm.run();
  EXPECT_TRUE(reply(jm, trigger_savepoint(jm)).pending());
  EXPECT_TRUE(reply(jm, trigger_savepoint(jm)).pending());
  jm.ack_all(1);
  jm.persist_all();
  written(jm);
  EXPECT_EQ(reply(jm, trigger_savepoint(jm)).path(), "/savepoints/s");
  EXPECT_EQ(jm.triggered(), 1U);
  EXPECT_TRUE(reply(jm, trigger_savepoint(jm, Then::kGoOn, "t2")).pending());
  EXPECT_EQ(jm.triggered(), 2U);
}

TEST(Savepoint, ARequestRepeatedToTheNextJobManagerIsAnsweredWithTheSavepointThatIsThere) {
  CheckpointProbe first(quiet_job());
  first.run();
  const RequestId request = trigger_savepoint(first, Then::kGoOn, "t1", 60'000);
  first.ack_all(1);
  first.persist_all();
  first.core().on_savepoint_written(first.last<WriteSavepoint>().token,
                                    std::string("/save points/s"), first.now(), first.out());
  EXPECT_FALSE(first.reply<proto::SavepointReply>(request).has_value()) << "not durable yet";
  trigger_savepoint(first, Then::kGoOn, "t2");
  first.ack_all(2);
  first.persist_all();
  written(first, std::string("/save points/s2"));
  CheckpointProbe next(quiet_job(), 2, first.meta());
  next.recover();
  EXPECT_EQ(reply(next, trigger_savepoint(next)).path(), "/save points/s");
  EXPECT_EQ(reply(next, trigger_savepoint(next, Then::kGoOn, "t2")).path(), "/save points/s2");
  EXPECT_EQ(next.triggered(), 0U);
}

TEST(Savepoint, ThatWasCutOffByTheEndOfTheJobManagerIsTakenWhenAskedForAgain) {
  CheckpointProbe first(quiet_job());
  first.run();
  trigger_savepoint(first);
  first.ack_all(1);
  first.persist_all();
  CheckpointProbe next(quiet_job(), 2, first.meta());
  next.recover();
  EXPECT_TRUE(reply(next, trigger_savepoint(next)).pending());
  EXPECT_EQ(next.triggered(), 2U);
}

TEST(Savepoint, IsAnsweredAsPendingAfterTheWait) {
  CheckpointProbe jm(quiet_job());
  jm.run();
  const RequestId request = trigger_savepoint(jm, Then::kGoOn, "t1", 2000);
  jm.advance(seconds(1));
  EXPECT_FALSE(jm.reply<proto::SavepointReply>(request).has_value());
  jm.advance(seconds(2));
  EXPECT_TRUE(reply(jm, request).pending());
}

TEST(Savepoint, WaitsForTheCheckpointUnderWayAndComesBeforeTheNext) {
  CheckpointProbe jm(job());
  jm.run();
  const auto id = jm.trigger();
  trigger_savepoint(jm);
  EXPECT_EQ(jm.triggered(), id);
  jm.ack_all(id);
  jm.persist_all();
  EXPECT_EQ(jm.triggered(), id + 1);
  EXPECT_EQ(jm.sent<proto::TriggerCheckpoint>().back().second.kind(), proto::CHECKPOINT_SAVEPOINT);
}

TEST(Savepoint, ThatIsDeclinedOrCutOffByAFailureIsAnsweredWithAnError) {
  CheckpointProbe jm(quiet_job());
  jm.run();
  const RequestId declined = trigger_savepoint(jm, Then::kGoOn, "t1", 60'000);
  jm.decline(jm.deployments()[0], 1);
  EXPECT_THAT(reply(jm, declined).error().message(), HasSubstr("no memory"));
  EXPECT_THAT(reply(jm, trigger_savepoint(jm)).error().message(), HasSubstr("no memory"));
  const RequestId failed = trigger_savepoint(jm, Then::kGoOn, "t2", 60'000);
  jm.failed(jm.deployments()[0]);
  EXPECT_THAT(reply(jm, failed).error().message(), HasSubstr("bad record"));
}

TEST(Savepoint, AskedForWhileTheJobRestartsIsTakenWhenItRuns) {
  CheckpointProbe jm(quiet_job());
  jm.run();
  jm.failed(jm.deployments()[0]);
  trigger_savepoint(jm);
  EXPECT_EQ(jm.triggered(), 0U);
  jm.restart();
  EXPECT_EQ(jm.triggered(), 1U);
}

TEST(Savepoint, ThatCannotBeWrittenIsAnErrorAndTheJobGoesOn) {
  CheckpointProbe jm(job());
  jm.run();
  const RequestId request = trigger_savepoint(jm, Then::kStop, "t1", 60'000);
  jm.ack_all(1);
  jm.persist_all();
  written(jm, Error(ErrorKind::kIo, "no such directory"));
  EXPECT_THAT(reply(jm, request).error().message(), HasSubstr("no such directory"));
  EXPECT_EQ(jm.state(), proto::JOB_RUNNING);
  jm.complete();
}

TEST(Savepoint, ItsChunksLiveWhileTheyAreCopied) {
  CheckpointProbe jm(job(1, {{"execution.checkpointing.num-retained", "1"}}));
  jm.run();
  trigger_savepoint(jm);
  jm.chunk(jm.deployments()[0], 1, 0);
  const ChunkId chunk = jm.store().front();
  jm.ack_all(1, CheckpointProbe::with_segment(chunk));
  jm.persist_all();
  jm.complete();
  EXPECT_THAT(jm.manifests(), ElementsAre("0000000000000002"));
  EXPECT_THAT(jm.released_chunks(), IsEmpty());
  written(jm);
  EXPECT_THAT(jm.released_chunks(), ElementsAre(chunk));
}

TEST(Savepoint, AJobIsStoppedWithItAndNothingBehindItIsCommitted) {
  CheckpointProbe jm(job());
  jm.run();
  const RequestId request = trigger_savepoint(jm, Then::kStop, "t1", 60'000);
  EXPECT_FALSE(jm.sent<proto::TriggerCheckpoint>().back().second.end_sources());
  jm.ack_all(1, CheckpointProbe::with_output("a"));
  jm.persist_all();
  jm.commit_all(1);
  jm.persist_all();
  jm.advance(seconds(5));
  EXPECT_EQ(jm.triggered(), 1U) << "output of a later one would be there twice";
  jm.finish_all();  // behind the barrier
  written(jm);
  EXPECT_FALSE(jm.reply<proto::SavepointReply>(request).has_value());
  jm.persist_all();
  jm.release_all();
  jm.persist_all();
  EXPECT_EQ(jm.state(), proto::JOB_FINISHED);
  EXPECT_THAT(jm.outputs_sent(0), IsEmpty());
  EXPECT_EQ(reply(jm, request).path(), "/savepoints/s");
  EXPECT_EQ(reply(jm, trigger_savepoint(jm, Then::kStop)).path(), "/savepoints/s");
  EXPECT_EQ(reply(jm, trigger_savepoint(jm, Then::kStop, "t2")).error().kind(), proto::ERROR_USAGE);
}

TEST(Savepoint, AStoppedJobIsCleanedUpBehindItsSubtasks) {
  CheckpointProbe jm(job());
  jm.run();
  trigger_savepoint(jm, Then::kStop);
  jm.ack_all(1);
  jm.persist_all();
  written(jm);
  jm.persist_all();
  EXPECT_EQ(jm.state(), proto::JOB_COMMITTING);
  EXPECT_THAT(jm.sent<proto::ReleaseAttempt>(), SizeIs(1));
  EXPECT_THAT(jm.all<CleanOutputs>(), IsEmpty());
  jm.release_all();
  EXPECT_THAT(jm.all<CleanOutputs>(), SizeIs(1));
}

TEST(Savepoint, WithDrainSourcesEndFirstAndTheLastOutputIsCommitted) {
  CheckpointProbe jm(job());
  jm.run();
  trigger_savepoint(jm, Then::kDrain);
  EXPECT_TRUE(jm.sent<proto::TriggerCheckpoint>().back().second.end_sources());
  jm.finished(jm.deployments()[0], "last");
  EXPECT_EQ(jm.state(), proto::JOB_RUNNING) << "the end waits for the savepoint";
  jm.ack_all(1);
  jm.persist_all();
  EXPECT_THAT(jm.outputs_sent(1), ElementsAre("last"));
  jm.commit_all(1);
  written(jm);
  jm.persist_all();
  EXPECT_EQ(jm.state(), proto::JOB_FINISHED);
  EXPECT_THAT(jm.outputs_sent(0), IsEmpty());
}

TEST(Savepoint, AFailureBetweenItsCommitPointAndTheEndStillStopsTheJob) {
  CheckpointProbe jm(job());
  jm.run();
  trigger_savepoint(jm, Then::kStop);
  jm.ack_all(1);
  jm.persist_all();
  jm.failed(jm.deployments()[0]);
  jm.restart();
  EXPECT_EQ(jm.state(), proto::JOB_RUNNING);
  jm.advance(seconds(3));
  EXPECT_EQ(jm.triggered(), 1U);
  written(jm);
  jm.persist_all();
  jm.release_all();
  jm.persist_all();
  EXPECT_EQ(jm.state(), proto::JOB_FINISHED);
}

TEST(Savepoint, WithDrainNothingThatALaterAttemptReadsIsCommitted) {
  CheckpointProbe jm(job());
  jm.run();
  trigger_savepoint(jm, Then::kDrain);
  jm.ack_all(1);
  jm.persist_all();
  jm.failed(jm.deployments()[0]);
  jm.restart();
  jm.finished(jm.deployments()[0], "read on");
  EXPECT_EQ(jm.state(), proto::JOB_RUNNING) << "the end waits for the savepoint";
  written(jm);
  jm.persist_all();
  EXPECT_EQ(jm.state(), proto::JOB_FINISHED);
  EXPECT_THAT(jm.outputs_sent(0), IsEmpty()) << "what the savepoint has left would come twice";
}

TEST(Savepoint, AJobThatWasDrainedForOneThatFailedReadsOnInANewAttempt) {
  for (const bool declined : {true, false}) {
    CheckpointProbe jm(job());
    jm.run();
    const RequestId request = trigger_savepoint(jm, Then::kDrain, "t1", 60'000);
    if (declined) {
      jm.decline(jm.deployments()[0], 1);
    } else {
      jm.ack_all(1);
      jm.persist_all();
      jm.finished(jm.deployments()[0], "cut short");
      written(jm, Error(ErrorKind::kIo, "no such directory"));
    }
    EXPECT_EQ(jm.state(), proto::JOB_RESTARTING) << "its sources have been told to end";
    EXPECT_TRUE(is_error(reply(jm, request).error()));
    jm.restart();
    EXPECT_EQ(jm.state(), proto::JOB_RUNNING);
    EXPECT_EQ(jm.deployment(jm.deployments()[0]).restore().checkpoint(), declined ? 0U : 1U);
    EXPECT_EQ(jm.status_now().restarts(), 0U);
    jm.complete();
    EXPECT_EQ(jm.state(), proto::JOB_RUNNING);
  }
}

TEST(Savepoint, AJobThatWasToStopWithOneStopsUnderTheNextJobManager) {
  CheckpointProbe first(job());
  first.run();
  trigger_savepoint(first, Then::kStop);
  first.ack_all(1);
  first.persist_all();
  first.core().on_savepoint_written(first.last<WriteSavepoint>().token,
                                    std::string("/savepoints/s"), first.now(), first.out());
  CheckpointProbe next(job(), 2, first.meta());
  next.recover();
  const RequestId request = trigger_savepoint(next, Then::kStop, "t1", 60'000);
  EXPECT_EQ(next.triggered(), 0U);
  EXPECT_EQ(next.state(), proto::JOB_COMMITTING);
  next.persist_all();
  next.release_all();
  next.persist_all();
  EXPECT_EQ(next.state(), proto::JOB_FINISHED);
  EXPECT_EQ(reply(next, request).path(), "/savepoints/s");
}

TEST(Savepoint, AnEntryThatDoesNotDecodeStopsNoJob) {
  CheckpointProbe first(CheckpointProbe::checkpointed_job(1));
  first.run();
  first.complete();
  Stored damaged = first.meta();
  damaged.emplace_back("job/" + first.job().job_id() + "/savepoints", "\xff\xff");
  std::sort(damaged.begin(), damaged.end());
  CheckpointProbe next(first.job(), 2, damaged);
  EXPECT_EQ(next.logged("stored_job_unreadable"), 1U);
  EXPECT_TRUE(is_error(next.status_now().error())) << "it is left alone";
}

TEST(Savepoint, ACancelledJobAnswersThatThereIsNone) {
  CheckpointProbe jm(quiet_job());
  jm.run();
  const RequestId request = trigger_savepoint(jm, Then::kGoOn, "t1", 60'000);
  jm.cancel(jm.job());
  EXPECT_THAT(reply(jm, request).error().message(), HasSubstr("cancelled"));
}

// ---- beginning with one ----

proto::SubmitJob restored_job(std::uint32_t parallelism = 1, bool allow = false) {
  proto::SubmitJob restored = job(parallelism);
  restored.set_restore_from("/savepoints/s");
  restored.set_allow_non_restored_state(allow);
  return restored;
}

proto::StoredCheckpoint savepoint_of(const std::string& uid) {
  proto::StoredCheckpoint manifest;
  manifest.mutable_info()->set_id(7);
  manifest.set_max_parallelism(128);
  manifest.set_parallelism(2);
  proto::KeyedStateSnapshot& keyed = *manifest.add_keyed();
  keyed.set_uid(uid);
  append_packed(*keyed.add_segments()->mutable_chain(), {.chunk = {4, 2}});
  proto::SourceSnapshot& source = *manifest.add_sources();
  source.set_uid("source");
  source.add_splits()->set_id(1);
  return manifest;
}

void read(CheckpointProbe& jm, Result<proto::StoredCheckpoint> outcome) {
  jm.core().on_savepoint_read(jm.last<ReadSavepoint>().token, std::move(outcome), jm.now(),
                              jm.out());
}

TEST(RestoreFromSavepoint, TheJobBeginsWithItAndGoesBackToItAfterAFailure) {
  CheckpointProbe jm(restored_job());
  jm.register_tm(1, 1);
  const RequestId request = jm.submit(jm.job());
  EXPECT_EQ(jm.last<ReadSavepoint>().directory, "/savepoints/s");
  EXPECT_THAT(jm.all<PrepareJob>(), IsEmpty());
  read(jm, savepoint_of("count"));
  EXPECT_TRUE(jm.last<PrepareJob>().from.checkpoint);
  EXPECT_TRUE(jm.last<PrepareJob>().from.sources.contains("source"));
  jm.prepare();
  EXPECT_FALSE(jm.reply<proto::SubmitReply>(request).has_value());
  EXPECT_THAT(jm.manifests(), ElementsAre("0000000000000007"));
  jm.persist();
  EXPECT_FALSE(is_error(jm.reply<proto::SubmitReply>(request)->error()));
  for (int attempt = 1; attempt <= 2; ++attempt) {
    ASSERT_THAT(jm.deployments(), SizeIs(1));
    const auto restore = jm.deployment(jm.deployments()[0]).restore();
    EXPECT_EQ(restore.checkpoint(), 7U);
    ASSERT_EQ(restore.keyed_size(), 1);
    EXPECT_EQ(restore.keyed(0).segments_size(), 1);
    if (attempt == 1)
      jm.start();
    jm.failed(jm.deployments()[0]);
    jm.release_all();
    jm.persist_all();
  }
}

TEST(RestoreFromSavepoint, ANewJobManagerFindsItUnderItsId) {
  CheckpointProbe first(restored_job());
  first.submit(first.job());
  read(first, savepoint_of("count"));
  first.prepare();
  CheckpointProbe next(restored_job(), 2, first.meta());
  EXPECT_THAT(next.last<KeepChunks>().ids, ElementsAre(ChunkId{4, 2}));
  next.recover();
  EXPECT_EQ(next.deployment(next.deployments()[0]).restore().checkpoint(), 7U);
}

TEST(RestoreFromSavepoint, StateOfAnUnknownOperatorIsRefusedInWordsAndLeavesNothing) {
  CheckpointProbe jm(restored_job());
  const RequestId request = jm.submit(jm.job());
  read(jm, savepoint_of("sum"));
  const auto refused = jm.reply<proto::SubmitReply>(request);
  ASSERT_TRUE(refused.has_value());
  EXPECT_THAT(refused->error().message(), HasSubstr("'sum'"));
  EXPECT_THAT(refused->error().message(), HasSubstr("-n"));
  EXPECT_THAT(jm.released_chunks(), ElementsAre(ChunkId{4, 2}));
  EXPECT_THAT(jm.meta(), IsEmpty());
}

TEST(RestoreFromSavepoint, StateOfAnUnknownOperatorIsDroppedWhenAllowed) {
  CheckpointProbe jm(restored_job(1, true));
  jm.register_tm(1, 1);
  jm.submit(jm.job());
  read(jm, savepoint_of("sum"));
  jm.prepare();
  jm.persist();
  EXPECT_EQ(jm.deployment(jm.deployments()[0]).restore().keyed_size(), 0);
  EXPECT_THAT(jm.released_chunks(), SizeIs(1)) << "what it was read into";
}

TEST(RestoreFromSavepoint, AParallelismAboveItsMaximumOrAnotherMaximumIsRefused) {
  auto small = savepoint_of("count");
  small.set_max_parallelism(2);
  for (const std::uint32_t parallelism : {3U, 1U}) {
    CheckpointProbe jm(restored_job(parallelism));
    const RequestId request = jm.submit(jm.job());
    read(jm, small);
    const auto refused = jm.reply<proto::SubmitReply>(request);
    ASSERT_TRUE(refused.has_value());
    EXPECT_THAT(refused->error().message(), HasSubstr("maximum parallelism"));
  }
}

TEST(RestoreFromSavepoint, WhatCannotBeReadIsRefusedBeforeAnythingIsPrepared) {
  CheckpointProbe jm(restored_job());
  const RequestId request = jm.submit(jm.job());
  read(jm, Error(ErrorKind::kInput, "there is no such directory"));
  EXPECT_THAT(jm.reply<proto::SubmitReply>(request)->error().message(),
              HasSubstr("savepoint '/savepoints/s'"));
  EXPECT_THAT(jm.all<PrepareJob>(), IsEmpty());
  EXPECT_THAT(jm.meta(), IsEmpty());
}

}  // namespace
}  // namespace leat::runtime::test
