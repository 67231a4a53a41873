// TaskManagers that leave, as the JobManager sees them: what becomes of their jobs in each state.

#include <chrono>
#include <string>

#include <gmock/gmock.h>

#include "tests/coordination/checkpoint_probe.hpp"

namespace leat::runtime::test {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

proto::SubmitJob job(std::uint32_t parallelism, CheckpointProbe::Config config = {}) {
  config.emplace("execution.checkpointing.interval", "100 s");
  return CheckpointProbe::checkpointed_job(parallelism, config);
}

/// Where the newest attempt was deployed to, in subtask order.
std::vector<Incarnation> places(const CheckpointProbe& jm) {
  std::vector<Incarnation> places;
  for (const auto& ref : jm.deployments())
    places.push_back(jm.deployed_to(ref));
  return places;
}

void expect_no_failure(CheckpointProbe& jm) {
  EXPECT_EQ(jm.status_now().restarts(), 0U);
  EXPECT_FALSE(is_error(jm.status_now().failure()));
  EXPECT_EQ(jm.logged("restart"), 0U);
}

TEST(Leave, ATaskManagerWithoutSubtasksMayAtOnceAndItsSlotsAreNotGivenOut) {
  CheckpointProbe jm(job(1));
  jm.register_tm(1, 1);
  EXPECT_TRUE(jm.leave(1));
  EXPECT_EQ(jm.logged("taskmanager_leaving"), 1U);
  EXPECT_EQ(jm.logged("taskmanager_left"), 1U);
  EXPECT_EQ(jm.logged("taskmanager_lost"), 0U);
  EXPECT_THAT(jm.all<DropTaskManager>(), SizeIs(1));
  jm.accept(jm.job());
  EXPECT_EQ(jm.state(), proto::JOB_CREATED);
}

TEST(Leave, ARunningJobMovesThroughACheckpointAndNothingHasFailed) {
  CheckpointProbe jm(job(2));
  jm.run();
  jm.register_tm(3, 1);
  EXPECT_FALSE(jm.leave(1));
  EXPECT_EQ(jm.triggered(), 1U) << "at once";
  jm.take_checkpoint_and_let_go();
  EXPECT_TRUE(jm.leave(1));
  EXPECT_EQ(jm.state(), proto::JOB_DEPLOYING);
  EXPECT_THAT(places(jm), testing::UnorderedElementsAre(jm.tm(2), jm.tm(3)));
  EXPECT_EQ(jm.deployment(jm.deployments()[0]).restore().checkpoint(), 1U);
  jm.start();
  EXPECT_EQ(jm.state(), proto::JOB_RUNNING);
  EXPECT_EQ(jm.status_now().attempt(), 2U);
  EXPECT_EQ(jm.logged("move"), 1U);
  EXPECT_EQ(jm.logged("taskmanager_left"), 1U);
  expect_no_failure(jm);
  jm.advance(seconds(5));
  EXPECT_EQ(jm.triggered(), 1U) << "it has all it wants";
}

TEST(Leave, NeitherIntervalNorPausesDelayTheMove) {
  CheckpointProbe jm(job(2, {{"execution.checkpointing.interval", "1 s"},
                             {"execution.checkpointing.min-pause", "1000 s"}}));
  jm.run();
  jm.complete();
  jm.register_tm(3, 2);
  for (const std::uint64_t leaving : {1U, 2U}) {
    const auto before = jm.triggered();
    EXPECT_FALSE(jm.leave(leaving));
    EXPECT_EQ(jm.triggered(), before + 1);
    jm.take_checkpoint_and_let_go();
    EXPECT_TRUE(jm.leave(leaving));
    jm.start();
  }
  EXPECT_THAT(places(jm), ElementsAre(jm.tm(3), jm.tm(3)));
  expect_no_failure(jm);
}

TEST(Leave, ACheckpointUnderWayIsLetEndFirst) {
  CheckpointProbe jm(job(1, {{"execution.checkpointing.interval", "1 s"}}));
  jm.run();
  jm.register_tm(2, 1);
  const auto periodic = jm.trigger();
  EXPECT_FALSE(jm.leave(1));
  EXPECT_EQ(jm.triggered(), periodic);
  jm.ack_all(periodic);
  jm.persist_all();
  EXPECT_EQ(jm.triggered(), periodic + 1);
  jm.take_checkpoint_and_let_go();
  EXPECT_TRUE(jm.leave(1));
}

TEST(Leave, ACheckpointThatFailsIsTriedAgainSoon) {
  CheckpointProbe jm(job(1));
  jm.run();
  jm.register_tm(2, 1);
  jm.leave(1);
  jm.decline(jm.deployments()[0], jm.triggered());
  EXPECT_EQ(jm.state(), proto::JOB_RUNNING);
  jm.advance(milliseconds(900));
  EXPECT_EQ(jm.triggered(), 1U);
  jm.advance(milliseconds(200));
  EXPECT_EQ(jm.triggered(), 2U);
  jm.take_checkpoint_and_let_go();
  EXPECT_THAT(places(jm), ElementsAre(jm.tm(2)));
}

TEST(Leave, SeveralTogetherCostOneMove) {
  CheckpointProbe jm(job(3));
  jm.run();
  jm.register_tm(4, 2);
  EXPECT_FALSE(jm.leave(1));
  EXPECT_FALSE(jm.leave(2));
  EXPECT_EQ(jm.triggered(), 1U);
  jm.take_checkpoint_and_let_go();
  EXPECT_TRUE(jm.leave(1));
  EXPECT_TRUE(jm.leave(2));
  EXPECT_THAT(places(jm), testing::UnorderedElementsAre(jm.tm(3), jm.tm(4), jm.tm(4)));
  EXPECT_EQ(jm.triggered(), 1U);
}

// ---- too few slots elsewhere

TEST(Leave, WithTooFewSlotsElsewhereAnAdaptiveJobRunsWithFewerAndTakesUpMoreCalmly) {
  CheckpointProbe jm(job(2));
  jm.run();
  jm.leave(1);
  jm.take_checkpoint_and_let_go();
  EXPECT_TRUE(jm.leave(1));
  EXPECT_THAT(places(jm), ElementsAre(jm.tm(2)));
  jm.start();
  jm.register_tm(3, 1);
  jm.advance(seconds(9));
  EXPECT_EQ(jm.triggered(), 1U) << "the next one may leave any moment";
  jm.advance(seconds(2));
  EXPECT_EQ(jm.triggered(), 2U);
  jm.take_checkpoint_and_let_go();
  EXPECT_THAT(jm.deployments(), SizeIs(2));
  expect_no_failure(jm);
}

TEST(Leave, AFixedJobWaitsForAsManySlotsAsItHadAndGoesOnFromThatCheckpoint) {
  CheckpointProbe jm(job(2, {{"scheduler", "fixed"}}));
  jm.run();
  jm.leave(1);
  jm.take_checkpoint_and_let_go();
  EXPECT_TRUE(jm.leave(1));
  jm.advance(seconds(10));
  EXPECT_EQ(jm.state(), proto::JOB_CREATED);
  jm.register_tm(3, 1);
  EXPECT_EQ(jm.state(), proto::JOB_DEPLOYING);
  EXPECT_THAT(jm.deployments(), SizeIs(2));
  EXPECT_EQ(jm.deployment(jm.deployments()[0]).restore().checkpoint(), 1U);
  expect_no_failure(jm);
}

TEST(Leave, WithNoSlotElsewhereAJobTakesTheCheckpointAndWaitsForWhatItHad) {
  JobManagerOptions engine;
  engine.resource_wait = seconds(3);
  CheckpointProbe jm(job(2), 1, {}, engine);
  jm.run();
  EXPECT_FALSE(jm.leave(1));
  EXPECT_FALSE(jm.leave(2));
  jm.take_checkpoint_and_let_go();
  EXPECT_TRUE(jm.leave(1));
  EXPECT_TRUE(jm.leave(2));
  jm.advance(seconds(10));
  EXPECT_EQ(jm.state(), proto::JOB_CREATED);
  jm.register_tm(3, 1);
  EXPECT_EQ(jm.state(), proto::JOB_CREATED) << "the others come in a moment";
  jm.register_tm(4, 1);
  EXPECT_EQ(jm.state(), proto::JOB_DEPLOYING);
  EXPECT_THAT(jm.deployments(), SizeIs(2));
  EXPECT_EQ(jm.deployment(jm.deployments()[0]).restore().checkpoint(), 1U);
}

TEST(Leave, SlotsThatAppearWithTheMoveAreTakenUpByIt) {
  CheckpointProbe jm(job(3));
  jm.register_tm(1, 1);
  jm.accept(jm.job());
  jm.advance(milliseconds(10));
  jm.start();
  jm.register_tm(2, 3);
  jm.leave(1);
  jm.take_checkpoint_and_let_go();
  EXPECT_THAT(places(jm), ElementsAre(jm.tm(2), jm.tm(2), jm.tm(2)));
}

// ---- other states

TEST(Leave, AJobThatIsBeingDeployedStartsElsewhereAtOnce) {
  CheckpointProbe jm(job(1));
  jm.register_tm(1, 1);
  jm.accept(jm.job());
  ASSERT_EQ(jm.state(), proto::JOB_DEPLOYING);
  jm.register_tm(2, 1);
  EXPECT_FALSE(jm.leave(1));
  EXPECT_EQ(jm.state(), proto::JOB_RESTARTING);
  EXPECT_THAT(jm.sent<proto::ReleaseAttempt>(), SizeIs(1));
  jm.release_all();
  jm.persist_all();
  EXPECT_TRUE(jm.leave(1));
  EXPECT_EQ(jm.state(), proto::JOB_DEPLOYING);
  EXPECT_THAT(places(jm), ElementsAre(jm.tm(2)));
  EXPECT_EQ(jm.triggered(), 0U);
  expect_no_failure(jm);
}

TEST(Leave, AJobThatRestartsDoesSoElsewhere) {
  CheckpointProbe jm(job(1));
  jm.run();
  jm.failed(jm.deployments()[0]);
  jm.register_tm(2, 1);
  EXPECT_FALSE(jm.leave(1)) << "its slot has not let go";
  jm.restart();
  EXPECT_TRUE(jm.leave(1));
  EXPECT_THAT(places(jm), ElementsAre(jm.tm(2)));
  EXPECT_EQ(jm.status_now().restarts(), 1U);
}

TEST(Leave, ASubtaskThatHasFinishedMovesWithTheOthers) {
  CheckpointProbe jm(job(2));
  jm.run();
  jm.finished(jm.deployments()[0], "early");
  jm.register_tm(3, 1);
  EXPECT_FALSE(jm.leave(1));
  jm.ack_all(jm.triggered());
  jm.persist_all();
  EXPECT_THAT(jm.outputs_sent(1), ElementsAre("early"));
  jm.commit_all(1);
  jm.release_all();
  jm.persist_all();
  EXPECT_TRUE(jm.leave(1));
  EXPECT_THAT(jm.deployments(), SizeIs(2));
}

TEST(Leave, OutputThatIsBeingCommittedThereIsWaitedFor) {
  CheckpointProbe jm(job(1));
  jm.run();
  jm.register_tm(2, 1);
  jm.leave(1);
  jm.ack_all(jm.triggered(), CheckpointProbe::with_output("part"));
  jm.persist_all();
  jm.release_all();
  jm.persist_all();
  EXPECT_FALSE(jm.leave(1));
  EXPECT_EQ(jm.state(), proto::JOB_RESTARTING);
  jm.commit_all(1);
  jm.persist_all();
  EXPECT_TRUE(jm.leave(1));
  EXPECT_EQ(jm.state(), proto::JOB_DEPLOYING);
}

TEST(Leave, AJobInItsLastCommitEndsFirst) {
  CheckpointProbe jm(job(1));
  jm.run();
  jm.finish_all();
  EXPECT_FALSE(jm.leave(1));
  jm.persist_all();
  EXPECT_EQ(jm.state(), proto::JOB_COMMITTING);
  EXPECT_FALSE(jm.leave(1));
  jm.commit_all(0);
  jm.release_all();
  jm.persist_all();
  EXPECT_EQ(jm.state(), proto::JOB_FINISHED);
  EXPECT_TRUE(jm.leave(1));
}

TEST(Leave, OutputIsCommittedByThoseThatStay) {
  CheckpointProbe jm(job(1));
  jm.register_tm(5, 1);
  jm.accept(jm.job());
  jm.start();
  jm.register_tm(1, 1);  // its incarnation comes first
  proto::SubmitJob other = job(1);
  other.set_job_id(JobId(0, 2).hex());
  jm.accept(other);
  jm.leave(1);  // holds the other one
  jm.register_tm(3, 1);
  const auto id = [&] {
    jm.advance(seconds(101));
    return jm.sent<proto::TriggerCheckpoint>().back().second.checkpoint();
  };
  const auto first = jm.sent<proto::DeploySubtask>().front().second.ref();
  const auto checkpoint = id();
  jm.ack(first, checkpoint, CheckpointProbe::with_output("part"));
  jm.persist_all();
  const auto before = jm.sent<proto::CommitOutput>().size();
  ASSERT_GT(before, 0U);
  jm.down(5);
  const auto commits = jm.sent<proto::CommitOutput>();
  ASSERT_GT(commits.size(), before);
  EXPECT_EQ(commits.back().first, jm.tm(3));
}

TEST(Leave, WhoseTimeIsUpIsLostButTheJobHasNotFailed) {
  CheckpointProbe jm(job(1, {{"execution.checkpointing.interval", "1 s"}}));
  jm.run();
  jm.complete();
  jm.register_tm(2, 1);
  jm.leave(1);
  jm.down(1);
  EXPECT_EQ(jm.logged("taskmanager_lost"), 1U);
  EXPECT_EQ(jm.state(), proto::JOB_RESTARTING);
  jm.persist_all();
  EXPECT_EQ(jm.state(), proto::JOB_DEPLOYING) << "without a backoff";
  EXPECT_EQ(jm.deployment(jm.deployments()[0]).restore().checkpoint(), 1U);
  expect_no_failure(jm);
}

TEST(Leave, AJobThatStopsWithASavepointDoesNotMove) {
  CheckpointProbe jm(job(1));
  jm.run();
  jm.register_tm(2, 1);
  proto::TriggerSavepoint stop;
  stop.set_job_id(jm.job().job_id());
  stop.set_trigger_id(JobId(9, 9).hex());
  stop.set_directory("/savepoints");
  stop.set_stop(true);
  jm.core().trigger_savepoint(jm.ask(), stop, jm.now(), jm.out());
  const auto savepoint = jm.triggered();
  EXPECT_FALSE(jm.leave(1));
  jm.ack_all(savepoint);
  jm.persist_all();
  EXPECT_EQ(jm.triggered(), savepoint);
  EXPECT_EQ(jm.state(), proto::JOB_RUNNING);
  jm.core().on_savepoint_written(jm.last<WriteSavepoint>().token, std::string("/savepoints/1"),
                                 jm.now(), jm.out());
  jm.persist_all();
  jm.release_all();
  jm.persist_all();
  EXPECT_EQ(jm.state(), proto::JOB_FINISHED);
  EXPECT_TRUE(jm.leave(1));
}

TEST(Leave, OneThatRegistersAnewIsNotLeavingAnyMore) {
  CheckpointProbe jm(job(1));
  jm.register_tm(1, 1);
  jm.accept(jm.job());
  jm.start();
  jm.leave(1);
  jm.register_tm(1, 1);
  jm.persist_all();
  EXPECT_EQ(jm.state(), proto::JOB_DEPLOYING);
}

// ---- without checkpoints by time

TEST(Leave, WithoutAnIntervalACheckpointIsTakenForTheMoveAndWhatItCostIsTakenUpAgain) {
  CheckpointProbe jm(job(2, {{"execution.checkpointing.interval", "0"}}));
  jm.run();
  jm.leave(1);
  jm.take_checkpoint_and_let_go();
  EXPECT_THAT(places(jm), ElementsAre(jm.tm(2)));
  jm.start();
  jm.leave(1);
  jm.register_tm(3, 1);
  jm.advance(seconds(11));
  EXPECT_EQ(jm.triggered(), 2U);
  jm.take_checkpoint_and_let_go();
  EXPECT_THAT(jm.deployments(), SizeIs(2));
}

TEST(Leave, RowsThatAreVisibleAtOnceForbidAMove) {
  auto collecting =
      CheckpointProbe::checkpointed_job(1, {{"execution.checkpointing.interval", "0"}}, true);
  collecting.set_attached(true);
  CheckpointProbe jm(collecting);
  jm.run();
  jm.register_tm(2, 1);
  EXPECT_FALSE(jm.leave(1));
  jm.advance(seconds(5));
  EXPECT_EQ(jm.triggered(), 0U);
  EXPECT_EQ(jm.state(), proto::JOB_RUNNING);
  jm.down(1);  // its time is up
  jm.persist_all();
  EXPECT_THAT(places(jm), ElementsAre(jm.tm(2)));
  EXPECT_FALSE(jm.deployment(jm.deployments()[0]).has_restore()) << "from its beginning";
  expect_no_failure(jm);
}

TEST(Leave, ASlotWhoseSubtasksHaveAllFinishedIsNotWaitedFor) {
  auto collecting =
      CheckpointProbe::checkpointed_job(1, {{"execution.checkpointing.interval", "0"}}, true);
  collecting.set_attached(true);
  CheckpointProbe jm(collecting);
  jm.run();
  proto::CollectRows rows;
  *rows.mutable_ref() = jm.deployments()[0];
  rows.add_rows("one");
  jm.core().collect_rows(jm.tm(1), rows, jm.now(), jm.out());
  jm.finish_all(false);
  ASSERT_EQ(jm.state(), proto::JOB_RUNNING) << "the client has not fetched the row";
  EXPECT_TRUE(jm.leave(1));
  EXPECT_EQ(jm.state(), proto::JOB_RUNNING);
  jm.fetch(jm.job(), 1, 1);
  jm.persist_all();
  EXPECT_EQ(jm.state(), proto::JOB_FINISHED);
}

}  // namespace
}  // namespace leat::runtime::test
