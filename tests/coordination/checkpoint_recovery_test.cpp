// Where a job goes on from after a failure, and after the JobManager died at each step.

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

proto::SubmitJob job(std::uint32_t parallelism = 2, CheckpointProbe::Config config = {}) {
  return CheckpointProbe::checkpointed_job(parallelism, std::move(config));
}

/// Without a sink that commits.
proto::SubmitJob silent_job() {
  proto::SubmitJob silent = job(1);
  silent.mutable_plan()->mutable_sinks(0)->set_kind("discard");
  return silent;
}

proto::SubtaskSnapshot with_split(std::uint64_t id) {
  proto::SubtaskSnapshot snapshot;
  proto::SourceSnapshot& source = *snapshot.add_sources();
  source.set_uid("source");
  source.add_splits()->set_id(id);
  return snapshot;
}

std::uint64_t next_split(CheckpointProbe& jm, const proto::SubtaskRef& ref) {
  proto::SplitRequest request;
  *request.mutable_ref() = ref;
  jm.core().split_request(jm.deployed_to(ref), request, jm.now(), jm.out());
  const proto::SplitGrant grant = jm.sent<proto::SplitGrant>().back().second;
  return grant.no_more() ? 999 : grant.splits(0).id();
}

TEST(CheckpointRecovery, TheNextAttemptIsDeployedWithTheStateOfTheNewestCheckpoint) {
  CheckpointProbe jm(job());
  jm.run();
  auto id = jm.trigger();
  jm.chunk(jm.deployments()[0], id, 0);
  const ChunkId chunk = jm.store().front();
  jm.ack(jm.deployments()[0], id, CheckpointProbe::with_segment(chunk));
  jm.ack(jm.deployments()[1], id);
  jm.persist_all();
  jm.failed(jm.deployments()[0]);
  jm.restart();
  ASSERT_EQ(jm.state(), proto::JOB_RUNNING);
  for (const auto& ref : jm.deployments()) {
    EXPECT_EQ(ref.attempt(), 2U);
    const auto restore = jm.deployment(ref).restore();
    EXPECT_EQ(restore.checkpoint(), id);
    ASSERT_EQ(restore.keyed_size(), 1);
    EXPECT_EQ(restore.keyed(0).segments_size(), 1) << "a segment of all key groups goes to both";
  }
  EXPECT_EQ(jm.list().restored(), id);
  jm.trigger();
  EXPECT_EQ(jm.sent<proto::TriggerCheckpoint>().back().second.base(), id);
}

TEST(CheckpointRecovery, AFailureBeforeTheFirstCheckpointStartsFromTheBeginning) {
  CheckpointProbe jm(job());
  jm.run();
  jm.ack(jm.deployments()[0], jm.trigger());
  jm.failed(jm.deployments()[0]);
  jm.restart();
  ASSERT_EQ(jm.state(), proto::JOB_RUNNING);
  EXPECT_FALSE(jm.deployment(jm.deployments()[0]).has_restore());
}

TEST(CheckpointRecovery, SplitsThatWereNotReadToTheirEndAreHandedOutFirst) {
  CheckpointProbe jm(job(1));
  jm.run();
  EXPECT_EQ(next_split(jm, jm.deployments()[0]), 0U);
  EXPECT_EQ(next_split(jm, jm.deployments()[0]), 1U);
  const auto id = jm.trigger();
  EXPECT_EQ(next_split(jm, jm.deployments()[0]), 2U) << "behind the barrier";
  jm.ack_all(id, with_split(1));
  jm.persist_all();
  jm.failed(jm.deployments()[0]);
  jm.restart();
  const auto ref = jm.deployments()[0];
  EXPECT_EQ(next_split(jm, ref), 1U);
  EXPECT_EQ(next_split(jm, ref), 2U);
  EXPECT_EQ(next_split(jm, ref), 999U);
}

TEST(CheckpointRecovery, OutputIsCommittedBeforeLeftoversAreRemovedAndAnythingRuns) {
  CheckpointProbe jm(job(1));
  jm.run();
  const auto id = jm.trigger();
  jm.ack_all(id, CheckpointProbe::with_output("a"));
  jm.persist();
  jm.failed(jm.deployments()[0]);
  jm.release_all();
  jm.persist_all();
  jm.advance(seconds(1));
  EXPECT_EQ(jm.state(), proto::JOB_RESTARTING);
  EXPECT_THAT(jm.all<CleanOutputs>(), IsEmpty());
  jm.commit_all(id);
  EXPECT_THAT(jm.all<CleanOutputs>(), SizeIs(1));
  EXPECT_EQ(jm.deployments()[0].attempt(), 2U);
}

TEST(CheckpointRecovery, CommitsThatAreDueDoNotWaitForSlotsToLetGo) {
  CheckpointProbe jm(job(1));
  jm.run();
  const auto id = jm.trigger();
  jm.ack_all(id, CheckpointProbe::with_output("a"));
  jm.persist();
  const auto [to, commit] = jm.sent<proto::CommitOutput>().back();
  jm.failed(jm.deployments()[0]);
  jm.commit_failed(commit.ref(), to, id);
  jm.advance(seconds(1));
  EXPECT_EQ(jm.state(), proto::JOB_RESTARTING);
  EXPECT_THAT(jm.outputs_sent(id), SizeIs(2));
}

TEST(CheckpointRecovery, AFailureWhileTheManifestIsWrittenWaitsForWhatComesOfIt) {
  for (const bool durable : {true, false}) {
    CheckpointProbe jm(job(1));
    jm.run();
    const auto id = jm.trigger();
    jm.ack_all(id);
    const Persist manifest = jm.last<Persist>();
    jm.failed(jm.deployments()[0]);
    jm.release_all();
    for (const Persist& write : jm.writes_open()) {
      if (write.token != manifest.token)
        jm.persisted(write, {});
    }
    jm.advance(seconds(1));
    EXPECT_EQ(jm.state(), proto::JOB_RESTARTING);
    jm.persisted(manifest, durable ? Result<void>() : Error(ErrorKind::kIo, "no space"));
    jm.persist_all();
    jm.start();
    ASSERT_EQ(jm.state(), proto::JOB_RUNNING);
    EXPECT_EQ(jm.deployment(jm.deployments()[0]).restore().checkpoint(), durable ? id : 0U);
    EXPECT_EQ(jm.manifests().size(), durable ? 1U : 0U);
  }
}

TEST(CheckpointRecovery, ANewJobManagerGoesOnFromTheManifestThatItFinds) {
  CheckpointProbe first(job());
  first.run();
  const auto id = first.trigger();
  first.chunk(first.deployments()[0], id, 0);
  const ChunkId chunk = first.store().front();
  first.ack_all(id, CheckpointProbe::with_segment(chunk));

  CheckpointProbe next(job(), 2, first.meta());
  EXPECT_THAT(next.last<KeepChunks>().ids, ElementsAre(chunk));
  next.recover();
  ASSERT_EQ(next.state(), proto::JOB_RUNNING);
  EXPECT_EQ(next.last<PrepareJob>().from.checkpoint, true);
  EXPECT_TRUE(next.last<PrepareJob>().from.sources.contains("source"));
  EXPECT_EQ(next.deployment(next.deployments()[0]).restore().checkpoint(), id);
  EXPECT_EQ(next.trigger(), id + 1);
}

TEST(CheckpointRecovery, ANewJobManagerForgetsWhatWasNotComplete) {
  CheckpointProbe first(job());
  first.run();
  first.complete();
  const auto id = first.trigger();
  first.ack(first.deployments()[0], id);
  CheckpointProbe next(job(), 2, first.meta());
  EXPECT_TRUE(next.last<KeepChunks>().release_others);
  next.recover();
  EXPECT_EQ(next.deployment(next.deployments()[0]).restore().checkpoint(), id - 1);
}

TEST(CheckpointRecovery, ANewJobManagerRepeatsCommitsThatAreNotNoted) {
  CheckpointProbe first(job(1));
  first.run();
  const auto id = first.trigger();
  first.ack_all(id, CheckpointProbe::with_output("a"));
  CheckpointProbe next(job(1), 2, first.meta());
  next.register_tm(1, 1);
  next.persist_all();
  EXPECT_THAT(next.outputs_sent(id), ElementsAre("a"));
  EXPECT_THAT(next.all<PrepareJob>(), IsEmpty());
  next.commit_all(id);
  EXPECT_THAT(next.all<CleanOutputs>(), SizeIs(1));
  EXPECT_THAT(next.all<PrepareJob>(), SizeIs(1));
}

TEST(CheckpointRecovery, ANewJobManagerDoesNotRepeatCommitsThatAreNoted) {
  CheckpointProbe first(job(1));
  first.run();
  const auto id = first.trigger();
  first.ack_all(id, CheckpointProbe::with_output("a"));
  first.persist();
  first.commit_all(id);
  CheckpointProbe next(job(1), 2, first.meta());
  next.register_tm(1, 1);
  next.persist_all();
  EXPECT_THAT(next.outputs_sent(id), IsEmpty());
  EXPECT_THAT(next.all<PrepareJob>(), SizeIs(1));
}

TEST(CheckpointRecovery, AStoredCommitWinsOverCheckpoints) {
  CheckpointProbe first(job(1));
  first.run();
  first.complete();
  first.finished(first.deployments()[0], "last");
  CheckpointProbe next(job(1), 2, first.meta());
  next.register_tm(1, 1);
  EXPECT_EQ(next.state(), proto::JOB_COMMITTING);
  next.commit_all(0);
  next.persist_all();
  EXPECT_EQ(next.state(), proto::JOB_FINISHED);
  EXPECT_THAT(next.manifests(), IsEmpty());
}

TEST(CheckpointRecovery, AMissingChunkOfTheNewestFailsAJobThatCommitsAndKeepsItsCheckpoints) {
  CheckpointProbe first(job(1));
  first.run();
  first.complete();
  const auto id = first.trigger();
  first.chunk(first.deployments()[0], id, 0);
  const ChunkId chunk = first.store().front();
  first.ack_all(id, CheckpointProbe::with_segment(chunk));
  CheckpointProbe next(job(1), 2, first.meta());
  next.recover({chunk});
  EXPECT_EQ(next.state(), proto::JOB_FAILED);
  EXPECT_THAT(next.status_now().failure().message(), HasSubstr("publish output again"));
  EXPECT_THAT(next.manifests(), SizeIs(2));
  EXPECT_THAT(next.released_chunks(), IsEmpty());
  EXPECT_EQ(next.list().checkpoints_size(), 2);
  CheckpointProbe later(job(1), 3, next.meta());
  EXPECT_THAT(later.last<KeepChunks>().ids, ElementsAre(chunk)) << "kept over restarts";
}

TEST(CheckpointRecovery, OutputOfACheckpointThatCannotBeRestoredIsCommittedAllTheSame) {
  CheckpointProbe first(job(1));
  first.run();
  const auto id = first.trigger();
  first.chunk(first.deployments()[0], id, 0);
  const ChunkId chunk = first.store().front();
  auto snapshot = CheckpointProbe::with_segment(chunk);
  CheckpointProbe::add_output(snapshot, "a");
  first.ack_all(id, snapshot);
  CheckpointProbe next(job(1), 2, first.meta());
  next.register_tm(1, 1);
  next.answer_kept({chunk});
  next.persist_all();
  EXPECT_EQ(next.state(), proto::JOB_FAILING);
  EXPECT_THAT(next.outputs_sent(id), ElementsAre("a"));
  EXPECT_THAT(next.all<CleanOutputs>(), IsEmpty());
  next.commit_all(id);
  next.persist_all();
  EXPECT_EQ(next.state(), proto::JOB_FAILED);
  EXPECT_THAT(next.all<CleanOutputs>(), SizeIs(1));
}

TEST(CheckpointRecovery, ASlotThatIsLostBeforeASavepointOfFinishedSubtasksRestartsThem) {
  CheckpointProbe jm(job(2));
  jm.run();
  proto::TriggerSavepoint trigger;
  trigger.set_job_id(jm.job().job_id());
  trigger.set_trigger_id("t1");
  trigger.set_directory("/savepoints");
  jm.core().trigger_savepoint(jm.ask(), trigger, jm.now(), jm.out());
  jm.finish_all();
  jm.down(1);
  EXPECT_EQ(jm.state(), proto::JOB_RESTARTING) << "its part can never be acknowledged";
}

TEST(CheckpointRecovery, AJobThatCommitsNothingFallsBackToAnOlderOne) {
  CheckpointProbe first(silent_job());
  first.run();
  const auto older = first.complete();
  const auto id = first.trigger();
  first.chunk(first.deployments()[0], id, 0);
  const ChunkId chunk = first.store().front();
  first.ack_all(id, CheckpointProbe::with_segment(chunk));
  CheckpointProbe next(silent_job(), 2, first.meta());
  next.recover({chunk});
  ASSERT_EQ(next.state(), proto::JOB_RUNNING);
  EXPECT_EQ(next.deployment(next.deployments()[0]).restore().checkpoint(), older);
  next.persist_all();
  EXPECT_THAT(next.manifests(), SizeIs(1)) << "the damaged one must not come back";
  EXPECT_GT(next.trigger(), id);
}

TEST(CheckpointRecovery, WithNoSoundCheckpointLeftTheJobIsFailedNeverEmpty) {
  CheckpointProbe first(silent_job());
  first.run();
  first.complete();
  Stored stored = first.meta();
  for (auto& [key, value] : stored) {
    if (key.find("/checkpoint/") != std::string::npos)
      value = "\xff\xff";
  }
  CheckpointProbe next(silent_job(), 2, stored);
  EXPECT_FALSE(next.last<KeepChunks>().release_others) << "nobody knows which are its";
  next.recover();
  EXPECT_EQ(next.state(), proto::JOB_FAILED);
  EXPECT_THAT(next.status_now().failure().message(), HasSubstr("does not decode"));
}

TEST(CheckpointRecovery, AManifestThatIsMissingIsNoReasonToStartFromBeforeIt) {
  CheckpointProbe first(job(1));
  first.run();
  first.complete();
  first.complete();
  for (const bool all : {false, true}) {
    Stored stored = first.meta();
    std::erase_if(stored, [all](const auto& entry) {
      return entry.first.ends_with("/checkpoint/0000000000000002") ||
             (all && entry.first.find("/checkpoint/") != std::string::npos);
    });
    CheckpointProbe next(job(1), 2, stored);
    EXPECT_FALSE(next.last<KeepChunks>().release_others);
    next.recover();
    EXPECT_EQ(next.state(), proto::JOB_FAILED);
    EXPECT_THAT(next.status_now().failure().message(), HasSubstr("its manifest is missing"));
  }
}

TEST(CheckpointRecovery, ADamagedManifestOfAJobThatCommitsFailsItAndAnOlderOneIsOfNoConcern) {
  CheckpointProbe first(job(1));
  first.run();
  first.complete();
  first.complete();
  for (const bool newest : {false, true}) {
    Stored stored = first.meta();
    for (auto& [key, value] : stored) {
      if (key.ends_with(newest ? "/checkpoint/0000000000000002" : "/checkpoint/0000000000000001"))
        value = "\xff\xff";
    }
    CheckpointProbe next(job(1), 2, stored);
    next.recover();
    EXPECT_EQ(next.state(), newest ? proto::JOB_FAILED : proto::JOB_RUNNING);
  }
}

TEST(CheckpointRecovery, DamageThatASubtaskFindsTwiceCounts) {
  CheckpointProbe jm(job(1));
  jm.run();
  jm.complete();
  for (int i = 0; i < 2; ++i) {
    jm.failed(jm.deployments()[0]);
    jm.restart();
    ASSERT_EQ(jm.state(), proto::JOB_RUNNING);
    auto failed = jm.event(jm.deployments()[0]);
    failed.mutable_failed()->set_restore_damaged(true);
    failed.mutable_failed()->mutable_error()->set_kind(proto::ERROR_IO);
    failed.mutable_failed()->mutable_error()->set_message("CRC of chunk 1/1 is wrong");
    jm.say(failed);
    jm.release_all();
    jm.persist_all();
    jm.advance(seconds(1));
    jm.persist_all();
    if (i == 0)
      jm.start();
  }
  jm.persist_all();
  EXPECT_EQ(jm.state(), proto::JOB_FAILED);
  EXPECT_THAT(jm.status_now().failure().message(), HasSubstr("CRC of chunk"));
}

TEST(CheckpointRecovery, DamageThatAllSubtasksOfOneAttemptFindCountsOnce) {
  CheckpointProbe jm(job(2));
  jm.run();
  jm.complete();
  jm.failed(jm.deployments()[0]);
  jm.restart();
  for (const auto& ref : jm.deployments()) {
    auto failed = jm.event(ref);
    failed.mutable_failed()->set_restore_damaged(true);
    failed.mutable_failed()->mutable_error()->set_kind(proto::ERROR_PROTOCOL);
    jm.say(failed);
  }
  jm.restart();
  EXPECT_EQ(jm.state(), proto::JOB_RUNNING);
}

TEST(CheckpointRecovery, ChunksAreReadForSubtasksOfThisAttemptAndThisCheckpointOnly) {
  CheckpointProbe jm(job(1));
  jm.run();
  const auto id = jm.trigger();
  jm.chunk(jm.deployments()[0], id, 0);
  const ChunkId chunk = jm.store().front();
  jm.ack_all(id, CheckpointProbe::with_segment(chunk));
  jm.persist_all();
  jm.failed(jm.deployments()[0]);
  jm.restart();
  const auto ref = jm.deployments()[0];
  proto::FetchChunk fetch;
  *fetch.mutable_ref() = ref;
  fetch.set_epoch(chunk.epoch);
  fetch.set_counter(chunk.counter);
  jm.core().fetch_chunk(JobManagerProbe::tm(99), fetch, jm.now(), jm.out());
  EXPECT_THAT(jm.all<LoadChunk>(), IsEmpty());
  jm.core().fetch_chunk(jm.deployed_to(ref), fetch, jm.now(), jm.out());
  jm.core().on_chunk_loaded(jm.last<LoadChunk>().token, std::string("state"), jm.now(), jm.out());
  EXPECT_EQ(jm.sent<proto::ChunkData>().back().second.data(), "state");
  fetch.set_counter(chunk.counter + 1);
  jm.core().fetch_chunk(jm.deployed_to(ref), fetch, jm.now(), jm.out());
  EXPECT_THAT(jm.all<LoadChunk>(), SizeIs(1));
  EXPECT_EQ(jm.sent<proto::ChunkData>().back().second.error().kind(), proto::ERROR_PROTOCOL);
}

TEST(CheckpointRecovery, FailuresCountUntilACheckpointIsComplete) {
  const CheckpointProbe::Config config{
      {"restart-strategy.exponential-delay.attempts-before-reset-backoff", "2"}};
  CheckpointProbe jm(job(1, config));
  jm.run();
  for (int i = 0; i < 6; ++i) {
    jm.failed(jm.deployments()[0]);
    jm.release_all();
    jm.persist_all();
    jm.advance(seconds(1));
    ASSERT_EQ(jm.state(), proto::JOB_DEPLOYING) << i;
    jm.start();
    if (i % 2 == 1)
      jm.complete();
  }
  for (int i = 0; i < 2; ++i) {
    jm.failed(jm.deployments()[0]);
    jm.release_all();
    jm.persist_all();
    jm.advance(seconds(1));
    jm.start();
  }
  jm.failed(jm.deployments()[0]);
  jm.release_all();
  jm.persist_all();
  EXPECT_EQ(jm.state(), proto::JOB_FAILED);
}

}  // namespace
}  // namespace leat::runtime::test
