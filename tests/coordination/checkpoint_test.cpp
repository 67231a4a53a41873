// One checkpoint after another of a job that runs, and what may go wrong on the way to its commit point.

#include <chrono>
#include <string>

#include <gmock/gmock.h>

#include "tests/coordination/checkpoint_probe.hpp"

namespace leat::runtime::test {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using testing::UnorderedElementsAre;

proto::SubmitJob job(std::uint32_t parallelism = 2, CheckpointProbe::Config config = {}) {
  return CheckpointProbe::checkpointed_job(parallelism, std::move(config));
}

TEST(Checkpoint, BeginsAnIntervalAfterAllSubtasksRun) {
  CheckpointProbe jm(job());
  for (std::uint64_t number : {1, 2})
    jm.register_tm(number, 1);
  jm.accept(jm.job());
  jm.deploy_all();
  jm.running(jm.deployments()[0]);
  jm.advance(seconds(3));
  EXPECT_EQ(jm.triggered(), 0U) << "one subtask does not run yet";
  jm.running(jm.deployments()[1]);
  const auto triggers = jm.sent<proto::TriggerCheckpoint>();
  ASSERT_THAT(triggers, SizeIs(2));
  EXPECT_EQ(triggers[0].second.checkpoint(), 1U);
  EXPECT_EQ(triggers[0].second.base(), 0U);
  EXPECT_TRUE(triggers[0].second.align());
  EXPECT_GE(triggers[0].second.chunk_window(), 1U);
  EXPECT_NE(triggers[0].first, triggers[1].first);
}

TEST(Checkpoint, IsNotTakenWithoutAnInterval) {
  CheckpointProbe jm(job(2, {{"execution.checkpointing.interval", "0"}}));
  jm.run();
  jm.advance(seconds(60));
  EXPECT_EQ(jm.triggered(), 0U);
}

TEST(Checkpoint, TheManifestIsWrittenWhenAllHaveAcknowledgedAndCompleteOnceItIsDurable) {
  CheckpointProbe jm(job());
  jm.run();
  const auto id = jm.trigger();
  jm.ack(jm.deployments()[0], id);
  jm.ack(jm.deployments()[0], id);
  EXPECT_THAT(jm.manifests(), IsEmpty()) << "an acknowledgement counted twice";
  jm.ack(jm.deployments()[1], id);
  EXPECT_THAT(jm.manifests(), ElementsAre("0000000000000001"));
  EXPECT_THAT(jm.sent<proto::CheckpointComplete>(), IsEmpty()) << "announced before it is durable";
  jm.persist();
  EXPECT_THAT(jm.sent<proto::CheckpointComplete>(), SizeIs(2));
  const auto listed = jm.list();
  ASSERT_EQ(listed.checkpoints_size(), 1);
  EXPECT_EQ(listed.checkpoints(0).status(), proto::CHECKPOINT_COMPLETED);
  EXPECT_TRUE(listed.checkpoints(0).retained());
  EXPECT_EQ(jm.trigger(), 2U);
  EXPECT_EQ(jm.sent<proto::TriggerCheckpoint>().back().second.base(), 1U);
}

TEST(Checkpoint, AcknowledgementsOfOtherAttemptsCheckpointsAndPlacesChangeNothing) {
  CheckpointProbe jm(job());
  jm.run();
  const auto id = jm.trigger();
  jm.ack(jm.deployments()[0], id);
  auto old = jm.event(jm.deployments()[1]);
  old.mutable_ref()->set_attempt(0);
  old.mutable_checkpoint_ack()->set_checkpoint(id);
  jm.say(old);
  auto elsewhere = jm.event(jm.deployments()[1]);
  elsewhere.set_incarnation(JobManagerProbe::tm(1).hex() == elsewhere.incarnation()
                                ? JobManagerProbe::tm(2).hex()
                                : JobManagerProbe::tm(1).hex());
  elsewhere.mutable_checkpoint_ack()->set_checkpoint(id);
  jm.say(elsewhere);
  auto other_epoch = jm.event(jm.deployments()[1]);
  other_epoch.mutable_ref()->set_epoch(9);
  other_epoch.mutable_checkpoint_ack()->set_checkpoint(id);
  jm.say(other_epoch);
  jm.ack(jm.deployments()[1], id + 1);
  EXPECT_THAT(jm.manifests(), IsEmpty());
}

TEST(Checkpoint, OneIsUnderWayAtATimeAndTheNextKeepsThePause) {
  CheckpointProbe jm(job(2, {{"execution.checkpointing.min-pause", "5 s"}}));
  jm.run();
  const auto id = jm.trigger();
  jm.advance(seconds(3));
  EXPECT_EQ(jm.triggered(), id);
  jm.ack_all(id);
  jm.persist_all();
  jm.advance(seconds(4));
  EXPECT_EQ(jm.triggered(), id);
  jm.advance(seconds(2));
  EXPECT_EQ(jm.triggered(), id + 1);
}

TEST(Checkpoint, TheNextOneWaitsUntilOutputIsCommittedAndThatIsNoted) {
  CheckpointProbe jm(job());
  jm.run();
  const auto id = jm.trigger();
  jm.ack(jm.deployments()[0], id, CheckpointProbe::with_output("a"));
  jm.ack(jm.deployments()[1], id);
  EXPECT_THAT(jm.outputs_sent(id), IsEmpty()) << "committed before the manifest is durable";
  jm.persist();
  EXPECT_THAT(jm.outputs_sent(id), ElementsAre("a"));
  jm.advance(seconds(10));
  EXPECT_EQ(jm.triggered(), id);
  jm.commit_all(id);
  const auto note = jm.last<Persist>().writes;
  ASSERT_FALSE(note.empty());
  EXPECT_THAT(note[0].first, HasSubstr("/committed"));
  EXPECT_EQ(note[0].second, "1");
  EXPECT_EQ(jm.triggered(), id + 1);
}

TEST(Checkpoint, ACommitThatFailsIsRepeated) {
  CheckpointProbe jm(job());
  jm.run();
  const auto id = jm.trigger();
  jm.ack_all(id, CheckpointProbe::with_output("a"));
  jm.persist();
  const auto [to, message] = jm.sent<proto::CommitOutput>().front();
  proto::SubtaskEvent failed;
  *failed.mutable_ref() = message.ref();
  failed.set_incarnation(to.hex());
  failed.mutable_committed()->set_checkpoint(id);
  failed.mutable_committed()->mutable_error()->set_kind(proto::ERROR_IO);
  failed.mutable_committed()->mutable_error()->set_message("disk full");
  jm.say(failed);
  EXPECT_EQ(jm.state(), proto::JOB_RUNNING);
  jm.advance(seconds(1));
  EXPECT_EQ(jm.outputs_sent(id).size(), 3U);
  jm.commit_all(id);
  EXPECT_EQ(jm.triggered(), id + 1);
}

TEST(Checkpoint, OldOnesGoWhenTheirDeletionIsDurableAndTheirChunksWithThem) {
  CheckpointProbe jm(job(1, {{"execution.checkpointing.num-retained", "2"}}));
  jm.run();
  std::vector<ChunkId> chunks;
  for (int i = 0; i < 3; ++i) {
    const auto id = jm.trigger();
    jm.chunk(jm.deployments()[0], id, 0);
    chunks.push_back(jm.store().front());
    jm.ack_all(id, CheckpointProbe::with_segment(chunks.back()));
    jm.persist();
    EXPECT_THAT(jm.released_chunks(), IsEmpty());
    if (i < 2)
      jm.persist_all();
  }
  EXPECT_THAT(jm.manifests(), ElementsAre("0000000000000002", "0000000000000003"));
  jm.persist_all();
  EXPECT_THAT(jm.released_chunks(), ElementsAre(chunks[0]));
}

TEST(Checkpoint, OneThatRetiresWhileADeletionIsRepeatedGoesWithTheNextDeletion) {
  CheckpointProbe jm(job(1, {{"execution.checkpointing.num-retained", "1"}}));
  jm.run();
  jm.complete();
  auto id = jm.trigger();
  jm.chunk(jm.deployments()[0], id, 0);
  const ChunkId chunk = jm.store().front();
  jm.ack_all(id, CheckpointProbe::with_segment(chunk));
  jm.persist();
  jm.persist_fails();  // the deletion of the first one
  id = jm.trigger();
  for (const Persist& write : jm.writes_open())
    jm.persisted(write, Error(ErrorKind::kIo, "no space"));  // and again, whenever it was repeated
  jm.ack_all(id, CheckpointProbe::with_output("a"));
  jm.persist();  // the manifest; its output is still to be committed
  jm.advance(seconds(5));
  jm.persist_all();  // the deletion of the first one, at last
  EXPECT_THAT(jm.released_chunks(), IsEmpty()) << "the manifest that refers to it is still there";
  jm.commit_all(id);
  jm.persist_all();
  EXPECT_THAT(jm.manifests(), ElementsAre("0000000000000003"));
  EXPECT_THAT(jm.released_chunks(), ElementsAre(chunk));
}

TEST(Checkpoint, ChunksThatNoAcknowledgementRefersToAreReleased) {
  CheckpointProbe jm(job(1));
  jm.run();
  const auto id = jm.trigger();
  jm.chunk(jm.deployments()[0], id, 0);
  const ChunkId used = jm.store().front();
  jm.chunk(jm.deployments()[0], id, 1);
  const ChunkId unused = jm.store().front();
  jm.ack_all(id, CheckpointProbe::with_segment(used));
  jm.persist();
  EXPECT_THAT(jm.released_chunks(), ElementsAre(unused));
}

TEST(Checkpoint, AnAcknowledgementThatRefersToUnknownChunksFailsIt) {
  CheckpointProbe jm(job());
  jm.run();
  const auto id = jm.trigger();
  jm.ack(jm.deployments()[0], id, CheckpointProbe::with_segment({5, 77}));
  EXPECT_THAT(jm.sent<proto::AbortCheckpoint>(), SizeIs(2));
  EXPECT_THAT(jm.list().checkpoints(0).failure(), HasSubstr("5/77"));
  EXPECT_EQ(jm.state(), proto::JOB_RUNNING);
}

TEST(Checkpoint, ADeclinedOneIsAbortedEverywhereAndItsChunksReleased) {
  CheckpointProbe jm(job());
  jm.run();
  const auto id = jm.trigger();
  jm.chunk(jm.deployments()[0], id, 0);
  const auto stored = jm.store();
  jm.decline(jm.deployments()[1], id);
  EXPECT_THAT(jm.sent<proto::AbortCheckpoint>(), SizeIs(2));
  EXPECT_THAT(jm.released_chunks(), ElementsAre(stored[0]));
  jm.ack_all(id);
  EXPECT_THAT(jm.manifests(), IsEmpty()) << "acknowledged too late";
  EXPECT_EQ(jm.list().checkpoints(0).status(), proto::CHECKPOINT_FAILED);
  EXPECT_EQ(jm.state(), proto::JOB_RUNNING);
  EXPECT_EQ(jm.trigger(), id + 1) << "numbers are not used again";
}

TEST(Checkpoint, ChunksStoredAfterItFailedAreReleased) {
  CheckpointProbe jm(job());
  jm.run();
  const auto id = jm.trigger();
  jm.chunk(jm.deployments()[0], id, 0);
  jm.decline(jm.deployments()[1], id);
  const auto late = jm.store();
  EXPECT_THAT(jm.released_chunks(), ElementsAre(late[0]));
  EXPECT_THAT(jm.sent<proto::ChunkStored>(), IsEmpty());
}

TEST(Checkpoint, ThatIsNotCompleteInTimeIsAborted) {
  CheckpointProbe jm(job(2, {{"execution.checkpointing.timeout", "4 s"}}));
  jm.run();
  const auto id = jm.trigger();
  jm.ack(jm.deployments()[0], id);
  jm.advance(milliseconds(3900));
  EXPECT_THAT(jm.sent<proto::AbortCheckpoint>(), IsEmpty());
  jm.advance(milliseconds(200));
  EXPECT_THAT(jm.sent<proto::AbortCheckpoint>(), SizeIs(2));
  EXPECT_THAT(jm.list().checkpoints(1).failure(), HasSubstr("1 of 2"));
}

TEST(Checkpoint, FailedOnesCostNothingUnlessABoundIsSet) {
  CheckpointProbe jm(job());
  jm.run();
  for (int i = 0; i < 20; ++i)
    jm.decline(jm.deployments()[0], jm.trigger());
  EXPECT_EQ(jm.state(), proto::JOB_RUNNING);
}

TEST(Checkpoint, MoreFailedInARowThanToleratedFailTheAttempt) {
  CheckpointProbe jm(job(2, {{"execution.checkpointing.tolerable-failed-checkpoints", "1"}}));
  jm.run();
  jm.decline(jm.deployments()[0], jm.trigger());
  jm.complete();
  jm.decline(jm.deployments()[0], jm.trigger());
  EXPECT_EQ(jm.state(), proto::JOB_RUNNING) << "a completed one lies between them";
  jm.decline(jm.deployments()[0], jm.trigger());
  EXPECT_EQ(jm.state(), proto::JOB_RESTARTING);
  EXPECT_THAT(jm.status_now().failure().message(), HasSubstr("no memory"));
}

TEST(Checkpoint, ChunksAreAnsweredWithTheirKeysOnceDurable) {
  CheckpointProbe jm(job());
  jm.run();
  const auto id = jm.trigger();
  jm.chunk(jm.deployments()[1], id, 0);
  EXPECT_THAT(jm.sent<proto::ChunkStored>(), IsEmpty());
  const auto stored = jm.store();
  const auto answers = jm.sent<proto::ChunkStored>();
  ASSERT_THAT(answers, SizeIs(1));
  EXPECT_EQ(answers[0].first, jm.deployed_to(jm.deployments()[1]));
  EXPECT_EQ(answers[0].second.ref().subtask(), 1U);
  EXPECT_EQ(answers[0].second.counter(), stored[0].counter);
}

TEST(Checkpoint, AStoreThatRefusesChunksFailsItAndTheJobRunsOn) {
  CheckpointProbe jm(job());
  jm.run();
  const auto id = jm.trigger();
  jm.chunk(jm.deployments()[0], id, 0);
  jm.store_fails();
  EXPECT_THAT(jm.sent<proto::AbortCheckpoint>(), SizeIs(2));
  EXPECT_THAT(jm.list().checkpoints(0).failure(), HasSubstr("disk full"));
  EXPECT_EQ(jm.state(), proto::JOB_RUNNING);
  jm.complete();
}

TEST(Checkpoint, ChunksOfStrangersAreNotTaken) {
  CheckpointProbe jm(job());
  jm.run();
  const auto id = jm.trigger();
  jm.chunk(jm.deployments()[0], id + 1, 0);
  auto old = jm.deployments()[0];
  proto::SnapshotChunk message;
  message.set_checkpoint(id);
  *message.mutable_ref() = old;
  message.mutable_ref()->set_epoch(9);
  jm.core().snapshot_chunk(jm.deployed_to(old), message, jm.now(), jm.out());
  *message.mutable_ref() = old;
  jm.core().snapshot_chunk(JobManagerProbe::tm(99), message, jm.now(), jm.out());
  jm.ack(old, id);
  jm.chunk(old, id, 0);
  EXPECT_THAT(jm.all<StoreChunks>(), IsEmpty());
}

TEST(Checkpoint, ARefusedManifestIsTakenBackBeforeTheNextAndItsChunksLiveUntilThen) {
  CheckpointProbe jm(job(1));
  jm.run();
  const auto id = jm.trigger();
  jm.chunk(jm.deployments()[0], id, 0);
  const ChunkId chunk = jm.store().front();
  jm.ack_all(id, CheckpointProbe::with_segment(chunk));
  jm.persist_fails();
  EXPECT_THAT(jm.sent<proto::AbortCheckpoint>(), SizeIs(1));
  EXPECT_THAT(jm.released_chunks(), IsEmpty()) << "the manifest may be on disk";
  jm.persist_fails();
  jm.advance(seconds(3));
  EXPECT_EQ(jm.triggered(), id) << "it is not certain which checkpoint is the newest";
  jm.persist();
  EXPECT_THAT(jm.manifests(), IsEmpty());
  EXPECT_THAT(jm.released_chunks(), ElementsAre(chunk));
  EXPECT_EQ(jm.triggered(), id + 1);
  EXPECT_EQ(jm.state(), proto::JOB_RUNNING);
}

TEST(Checkpoint, WhatAFinishedSubtaskReportedBelongsToTheNextOneAndIsCommittedOnce) {
  CheckpointProbe jm(job());
  jm.run();
  const auto refs = jm.deployments();
  jm.finished(refs[0], "first");
  const auto id = jm.trigger();
  jm.ack(refs[0], id);
  jm.ack(refs[1], id, CheckpointProbe::with_output("second"));
  jm.persist_all();
  EXPECT_THAT(jm.outputs_sent(id), ElementsAre("first", "second"));
  jm.commit_all(id);
  jm.persist_all();
  const auto next = jm.trigger();
  jm.ack_all(next);
  jm.persist_all();
  EXPECT_THAT(jm.outputs_sent(next), IsEmpty());
  jm.finished(refs[1], "third");
  jm.persist_all();
  EXPECT_THAT(jm.outputs_sent(0), ElementsAre("third"));
}

TEST(Checkpoint, OutputThatIsRepeatedWithFinishedIsNotCommittedAgain) {
  CheckpointProbe jm(job(1));
  jm.run();
  const auto ref = jm.deployments()[0];
  const auto id = jm.trigger();
  jm.ack(ref, id, CheckpointProbe::with_output("first"));
  jm.persist_all();
  jm.commit_all(id);
  jm.persist_all();
  auto message = jm.event(ref);  // sent before it knew that the checkpoint was complete
  for (const char* handle : {"first", "second"}) {
    auto& committable = *message.mutable_finished()->add_committables();
    committable.set_sink_uid("sink");
    committable.set_kind("text_directory");
    committable.set_handle(handle);
  }
  jm.say(message);
  jm.persist_all();
  EXPECT_THAT(jm.outputs_sent(0), ElementsAre("second"));
}

TEST(Checkpoint, WhatEndsWithTheJobTakesUncommittedOutputOfTheNewestCheckpointAlong) {
  CheckpointProbe jm(job(1));
  jm.run();
  const auto ref = jm.deployments()[0];
  const auto id = jm.trigger();
  jm.ack(ref, id, CheckpointProbe::with_output("first"));
  jm.persist();
  auto message = jm.event(ref);
  auto& committable = *message.mutable_finished()->add_committables();
  committable.set_sink_uid("sink");
  committable.set_kind("text_directory");
  committable.set_handle("second");
  jm.say(message);
  EXPECT_EQ(jm.state(), proto::JOB_COMMITTING);
  jm.persist_all();
  EXPECT_THAT(jm.outputs_sent(0), UnorderedElementsAre("first", "second"));
  jm.commit_all(0);
  jm.persist_all();
  EXPECT_EQ(jm.state(), proto::JOB_FINISHED);
  EXPECT_THAT(jm.manifests(), IsEmpty());
}

TEST(Checkpoint, TheEndOfTheInputAbortsOneUnderWay) {
  CheckpointProbe jm(job());
  jm.run();
  const auto id = jm.trigger();
  jm.ack(jm.deployments()[0], id);
  jm.finish_all();
  EXPECT_THAT(jm.sent<proto::AbortCheckpoint>(), SizeIs(2));
  EXPECT_EQ(jm.state(), proto::JOB_COMMITTING);
}

TEST(Checkpoint, AnEndedJobLeavesNoManifestAndNoChunk) {
  CheckpointProbe jm(job(1));
  jm.run();
  const auto id = jm.trigger();
  jm.chunk(jm.deployments()[0], id, 0);
  const auto chunk = jm.store().front();
  jm.ack_all(id, CheckpointProbe::with_segment(chunk));
  jm.persist_all();
  jm.finish_all(false);
  EXPECT_THAT(jm.released_chunks(), IsEmpty());
  jm.persist_all();
  EXPECT_EQ(jm.state(), proto::JOB_FINISHED);
  EXPECT_THAT(jm.manifests(), IsEmpty());
  EXPECT_THAT(jm.released_chunks(), ElementsAre(chunk));
}

TEST(Checkpoint, ACancelledJobFinishesTheOutputOfItsNewestCheckpointAndDropsIt) {
  CheckpointProbe jm(job(1));
  jm.run();
  const auto id = jm.trigger();
  jm.ack_all(id, CheckpointProbe::with_output("a"));
  jm.persist();
  jm.cancel(jm.job());
  jm.persist_all();
  jm.release_all();
  EXPECT_THAT(jm.all<CleanOutputs>(), IsEmpty()) << "half of the output would be missing";
  jm.commit_all(id);
  jm.persist_all();
  EXPECT_EQ(jm.state(), proto::JOB_CANCELED);
  EXPECT_THAT(jm.manifests(), IsEmpty());
}

TEST(Checkpoint, AManifestThatIsRefusedWhileTheJobFailsIsTakenBackBeforeItHasFailed) {
  CheckpointProbe jm(job(1, {{"restart-strategy.type", "none"}}));
  jm.run();
  jm.ack_all(jm.trigger());
  const Persist manifest = jm.last<Persist>();
  jm.failed(jm.deployments()[0]);
  jm.release_all();
  jm.persisted(manifest, Error(ErrorKind::kIo, "no space"));
  jm.persist_fails();
  EXPECT_EQ(jm.state(), proto::JOB_FAILING);
  jm.advance(seconds(2));
  jm.persist_all();
  EXPECT_EQ(jm.state(), proto::JOB_FAILED);
  EXPECT_THAT(jm.manifests(), IsEmpty());
}

TEST(Checkpoint, ASubmissionWithAnImpossibleIntervalIsRefused) {
  CheckpointProbe jm(job(1, {{"execution.checkpointing.interval", "soon"}}));
  const auto request = jm.submit(jm.job());
  const auto reply = jm.reply<proto::SubmitReply>(request);
  ASSERT_TRUE(reply.has_value());
  EXPECT_THAT(reply->error().message(), HasSubstr("execution.checkpointing.interval"));
}

}  // namespace
}  // namespace leat::runtime::test
