// Faults in each state of a job: what is restarted, what is given up, what is never done twice.

#include <chrono>

#include <gtest/gtest.h>

#include "tests/coordination/job_manager_probe.hpp"

namespace leat::runtime::test {
namespace {

using sim::scripted_job;
using std::chrono::milliseconds;
using std::chrono::seconds;

/// A job of two subtasks on two TaskManagers of two slots, so that there is room for another attempt.
class JobFailure : public ::testing::Test {
 protected:
  explicit JobFailure(const JobManagerOptions& options = {}) : jm(options) {
    jm.register_tm(1, 2);
    jm.register_tm(2, 2);
    jm.accept(job);
    first = jm.deployments();
  }
  void run() { jm.deploy_all(); }
  void run_to_commit() {
    run();
    jm.finish_all();
    jm.persist();
    ASSERT_EQ(jm.state(job), proto::JOB_COMMITTING);
  }
  /// Lets the attempt go and the next one be deployed.
  void settle_restart() {
    jm.release_all();
    jm.persist();
    jm.advance(seconds(2));
  }

  const proto::SubmitJob job = scripted_job(1, 2);
  JobManagerProbe jm;
  std::vector<proto::SubtaskRef> first;
};

TEST_F(JobFailure, StartsAgainFromTheBeginningInANewAttempt) {
  run();
  jm.failed(first[0]);
  EXPECT_EQ(jm.state(job), proto::JOB_RESTARTING);
  EXPECT_EQ(jm.sent<proto::ReleaseAttempt>().size(), 2U);
  jm.released(first[0]);
  EXPECT_EQ(jm.state(job), proto::JOB_RESTARTING) << "one slot still holds the old attempt";
  jm.released(first[1]);
  EXPECT_EQ(jm.state(job), proto::JOB_RESTARTING) << "the new attempt's number is not durable";
  jm.persist();
  EXPECT_EQ(jm.state(job), proto::JOB_DEPLOYING);
  EXPECT_EQ(jm.deployments()[0].attempt(), 2U);
  EXPECT_EQ(jm.status(job).restarts(), 1U);
  EXPECT_FALSE(jm.all<CleanOutputs>().back().ended);
}

TEST_F(JobFailure, LetsGoOfASubtaskThatALostConnectionBringsToATaskManagerTakenForEmpty) {
  const Incarnation lost = jm.deployed_to(first[0]);
  const std::uint64_t number = lost == JobManagerProbe::tm(1) ? 1 : 2;
  jm.down(number);
  jm.register_tm(number, 2);
  const auto before = jm.sent<proto::ReleaseAttempt>().size();
  jm.deployed(first[0]);
  const auto releases = jm.sent<proto::ReleaseAttempt>();
  ASSERT_EQ(releases.size(), before + 1);
  EXPECT_EQ(releases.back().first, lost);
  EXPECT_EQ(releases.back().second.attempt(), 1U);
}

TEST_F(JobFailure, HandsOutAllSplitsAgain) {
  run();
  proto::SplitRequest request;
  *request.mutable_ref() = first[0];
  jm.core().split_request(jm.deployed_to(first[0]), request, jm.now(), jm.out());
  jm.failed(first[0]);
  settle_restart();
  jm.deploy_all();
  *request.mutable_ref() = jm.deployments()[0];
  jm.core().split_request(jm.deployed_to(request.ref()), request, jm.now(), jm.out());
  EXPECT_EQ(jm.sent<proto::SplitGrant>().back().second.splits(0).id(), 0U);
}

TEST_F(JobFailure, KeepsCauseOperatorAndPositionInTheStatus) {
  run();
  auto event = jm.event(first[1]);
  auto& failed = *event.mutable_failed();
  failed.mutable_error()->set_kind(proto::ERROR_USER);
  failed.mutable_error()->set_message("no such colour");
  failed.set_operator_name("paint");
  failed.set_position("a.txt, line at byte 1234");
  jm.say(event);
  EXPECT_EQ(jm.status(job).failure().kind(), proto::ERROR_USER);
  EXPECT_EQ(jm.status(job).failure().message(),
            "operator 'paint' at a.txt, line at byte 1234: no such colour");
}

TEST_F(JobFailure, RetriesAtOnceThenWithBackoffThenFails) {
  for (std::uint32_t attempt = 1; attempt <= 3; ++attempt) {
    ASSERT_EQ(jm.deployments()[0].attempt(), attempt);
    jm.deploy_all();
    jm.failed(jm.deployments()[0]);
    jm.release_all();
    jm.persist();
    if (attempt == 1) {
      EXPECT_EQ(jm.state(job), proto::JOB_DEPLOYING);
    }
    if (attempt == 2) {
      EXPECT_EQ(jm.state(job), proto::JOB_RESTARTING);
      jm.advance(milliseconds(70));
    }
  }
  jm.persist();
  EXPECT_EQ(jm.state(job), proto::JOB_FAILED);
  EXPECT_EQ(jm.status(job).failure().message(), "bad record");
  EXPECT_EQ(jm.status(job).restarts(), 2U);
  EXPECT_TRUE(jm.last<CleanOutputs>().ended);
}

TEST_F(JobFailure, LosesATaskManagerWhileDeploying) {
  jm.down(1);
  EXPECT_EQ(jm.state(job), proto::JOB_RESTARTING);
  EXPECT_NE(jm.status(job).failure().message().find("TaskManager tm-1 was lost"),
            std::string::npos);
  jm.released(first[1]);
  jm.persist();
  EXPECT_EQ(jm.state(job), proto::JOB_DEPLOYING);
  for (const auto& ref : jm.deployments())
    EXPECT_EQ(jm.deployed_to(ref), JobManagerProbe::tm(2));
}

TEST_F(JobFailure, LosesATaskManagerWhileRunning) {
  run();
  jm.down(2);
  EXPECT_EQ(jm.state(job), proto::JOB_RESTARTING);
  jm.released(jm.deployed_to(first[0]) == JobManagerProbe::tm(1) ? first[0] : first[1]);
  jm.persist();
  EXPECT_EQ(jm.state(job), proto::JOB_DEPLOYING);
}

TEST_F(JobFailure, IsNotTouchedByATaskManagerItDoesNotUse) {
  jm.register_tm(3, 2);
  run();
  jm.down(3);
  EXPECT_EQ(jm.state(job), proto::JOB_RUNNING);
}

TEST_F(JobFailure, LosesTheLastHolderWhileRestarting) {
  run();
  jm.failed(first[0]);
  jm.released(first[0]);
  jm.down(jm.deployed_to(first[1]) == JobManagerProbe::tm(1) ? 1 : 2);
  jm.persist();
  EXPECT_EQ(jm.state(job), proto::JOB_DEPLOYING) << "what is lost need not be waited for";
}

TEST_F(JobFailure, GoesOnWithoutASlotThatIsNotReleased) {
  run();
  jm.failed(first[0]);
  jm.persist();
  jm.released(first[0]);
  jm.advance(milliseconds(9900));
  EXPECT_EQ(jm.state(job), proto::JOB_RESTARTING);
  jm.advance(milliseconds(100));
  EXPECT_EQ(jm.state(job), proto::JOB_DEPLOYING);
  EXPECT_EQ(jm.logged("slots_stuck"), 1U);
  for (const auto& [to, message] : jm.sent<proto::DeploySubtask>()) {
    const bool stuck_slot =
        message.ref().attempt() == 2 && to == jm.deployed_to(first[1]) && message.slot() == 0;
    EXPECT_FALSE(stuck_slot) << "it is still taken";
  }
}

TEST_F(JobFailure, ReleasesItsSlotsAtTheEndAlsoWhenOneOfAnEarlierAttemptNeverLetGo) {
  run();
  jm.failed(first[0]);
  jm.persist();
  jm.released(first[0]);
  jm.advance(seconds(10));
  ASSERT_EQ(jm.state(job), proto::JOB_DEPLOYING);
  jm.deploy_all();
  for (const auto& ref : jm.deployments())
    jm.running(ref);
  jm.finish_all(/*with_output=*/false);
  jm.persist();
  EXPECT_EQ(jm.state(job), proto::JOB_FINISHED);
  EXPECT_EQ((jm.sent<proto::ReleaseAttempt>().back().second.attempt()), 2U);
}

TEST_F(JobFailure, ASlotThatEndsByItselfFailsTheAttempt) {
  run();
  jm.released(first[0]);
  EXPECT_EQ(jm.state(job), proto::JOB_RESTARTING);
}

TEST_F(JobFailure, ADeploymentThatIsNeverAnsweredTimesOut) {
  jm.deployed(first[0]);
  jm.advance(milliseconds(59'900));
  EXPECT_EQ(jm.state(job), proto::JOB_DEPLOYING);
  jm.advance(milliseconds(100));
  EXPECT_EQ(jm.state(job), proto::JOB_RESTARTING);
}

TEST_F(JobFailure, ARefusedDeploymentIsNotTriedAgain) {
  jm.failed(first[0], proto::ERROR_INPUT, "the output is not on shared storage");
  EXPECT_EQ(jm.state(job), proto::JOB_FAILING);
  jm.release_all();
  jm.persist();
  EXPECT_EQ(jm.state(job), proto::JOB_FAILED);
  EXPECT_EQ(jm.status(job).failure().kind(), proto::ERROR_INPUT);
}

TEST_F(JobFailure, TheSameErrorWhileRunningIsTriedAgain) {
  run();
  jm.failed(first[0], proto::ERROR_INPUT, "a file has vanished");
  EXPECT_EQ(jm.state(job), proto::JOB_RESTARTING);
}

TEST_F(JobFailure, AnUnreachablePeerIsExplainedByItsOwnFailure) {
  run();
  jm.failed(first[1], proto::ERROR_UNREACHABLE, "subtask 0 cannot be reached");
  jm.failed(first[0], proto::ERROR_USER, "division by zero");
  EXPECT_EQ(jm.status(job).failure().message(), "division by zero");
}

TEST_F(JobFailure, PairsThatCannotReachEachOtherGetNoCommonAttempt) {
  run();
  auto event = jm.event(first[0]);
  event.mutable_failed()->mutable_error()->set_kind(proto::ERROR_UNREACHABLE);
  event.mutable_failed()->add_unreachable_peers(1);
  jm.say(event);
  settle_restart();
  const auto second = jm.deployments();
  ASSERT_EQ(second[0].attempt(), 2U);
  EXPECT_EQ(jm.deployed_to(second[0]), jm.deployed_to(second[1]));
}

TEST_F(JobFailure, APeerThatFailedByItselfIsNotHeldAgainstTheNetwork) {
  run();
  auto event = jm.event(first[0]);
  event.mutable_failed()->mutable_error()->set_kind(proto::ERROR_UNREACHABLE);
  event.mutable_failed()->add_unreachable_peers(1);
  jm.say(event);
  jm.failed(first[1], proto::ERROR_INTERNAL, "the slot's actor died");
  settle_restart();
  const auto second = jm.deployments();
  EXPECT_NE(jm.deployed_to(second[0]), jm.deployed_to(second[1]));
}

TEST_F(JobFailure, DropsWhatIsStaleOrForeign) {
  run();
  auto stale = jm.event(first[0]);
  stale.mutable_failed();
  stale.mutable_ref()->set_attempt(7);
  jm.say(stale);
  stale = jm.event(first[0]);
  stale.mutable_failed();
  stale.mutable_ref()->set_epoch(9);
  jm.say(stale);
  stale = jm.event(first[0]);
  stale.mutable_failed();
  stale.set_incarnation(JobManagerProbe::tm(99).hex());
  jm.say(stale);
  stale = jm.event(first[0]);
  stale.mutable_failed();
  stale.set_incarnation(jm.deployed_to(first[1]).hex());  // another one's subtask
  jm.say(stale);
  stale.mutable_ref()->set_subtask(99);
  jm.say(stale);
  EXPECT_EQ(jm.state(job), proto::JOB_RUNNING);
}

TEST_F(JobFailure, DuplicatesChangeNothing) {
  jm.deployed(first[0]);
  jm.deployed(first[0]);
  EXPECT_EQ(jm.state(job), proto::JOB_DEPLOYING);
  jm.deployed(first[1]);
  EXPECT_EQ(jm.sent<proto::StartSubtask>().size(), 2U);
  jm.deployed(first[1]);
  EXPECT_EQ(jm.sent<proto::StartSubtask>().size(), 2U);
  jm.finished(first[0], "out");
  jm.finished(first[0], "out");
  EXPECT_EQ(jm.state(job), proto::JOB_RUNNING);
}

TEST_F(JobFailure, ALateEndOfTheOldAttemptDoesNotTouchTheNewOne) {
  run();
  jm.failed(first[0]);
  settle_restart();
  ASSERT_EQ(jm.deployments()[0].attempt(), 2U);
  jm.released(first[0]);
  jm.failed(first[1]);
  jm.finished(first[1], "old");
  EXPECT_EQ(jm.state(job), proto::JOB_DEPLOYING);
}

// ---- past the commit point ----

TEST_F(JobFailure, NeverStartsAgainOnceAllHaveFinished) {
  run();
  jm.finish_all();
  jm.down(1);
  jm.down(2);
  EXPECT_EQ(jm.state(job), proto::JOB_COMMITTING);
  jm.persist();
  EXPECT_TRUE(jm.sent<proto::CommitOutput>().empty()) << "nobody is there";
  jm.register_tm(3, 1);
  const auto commits = jm.sent<proto::CommitOutput>();
  ASSERT_EQ(commits.size(), 2U);
  for (const auto& [to, commit] : commits) {
    EXPECT_EQ(to, JobManagerProbe::tm(3)) << "any TaskManager may commit";
    jm.committed(commit.ref(), to);
  }
  jm.persist();
  EXPECT_EQ(jm.state(job), proto::JOB_FINISHED);
  EXPECT_EQ(jm.status(job).attempt(), 1U);
}

TEST_F(JobFailure, RepeatsAFailedCommitOnAnotherTaskManager) {
  run_to_commit();
  const auto commits = jm.sent<proto::CommitOutput>();
  ASSERT_EQ(commits.size(), 2U);
  jm.commit_failed(commits[0].second.ref(), commits[0].first);
  EXPECT_EQ(jm.state(job), proto::JOB_COMMITTING);
  EXPECT_EQ(jm.status(job).failure().message(), "disk full");
  jm.advance(milliseconds(400));
  const auto again = jm.sent<proto::CommitOutput>();
  ASSERT_EQ(again.size(), 3U);
  EXPECT_NE(again[2].first, commits[0].first);
  jm.committed(again[2].second.ref(), again[2].first);
  jm.committed(commits[1].second.ref(), commits[1].first);
  jm.persist();
  EXPECT_EQ(jm.state(job), proto::JOB_FINISHED);
}

TEST_F(JobFailure, RepeatsACommitWithoutAnswer) {
  run_to_commit();
  jm.advance(seconds(31));
  EXPECT_EQ(jm.sent<proto::CommitOutput>().size(), 4U);
}

TEST_F(JobFailure, CommitsElsewhereWhatALostTaskManagerHadToCommit) {
  run_to_commit();
  const auto commits = jm.sent<proto::CommitOutput>();
  jm.down(commits[0].first == JobManagerProbe::tm(1) ? 1 : 2);
  const auto again = jm.sent<proto::CommitOutput>();
  ASSERT_EQ(again.size(), 3U);
  EXPECT_NE(again[2].first, commits[0].first);
  EXPECT_EQ(again[2].second.ref().subtask(), commits[0].second.ref().subtask());
}

TEST_F(JobFailure, ARefusedCommitPointIsWrittenAgain) {
  run();
  jm.finish_all();
  jm.persist_fails();
  EXPECT_EQ(jm.state(job), proto::JOB_COMMITTING);
  EXPECT_TRUE(jm.sent<proto::CommitOutput>().empty());
  jm.advance(seconds(1));
  jm.persist();
  EXPECT_EQ(jm.sent<proto::CommitOutput>().size(), 2U);
}

TEST_F(JobFailure, ARefusedEndIsWrittenAgain) {
  run();
  jm.finish_all(/*with_output=*/false);
  jm.persist_fails();
  EXPECT_EQ(jm.state(job), proto::JOB_COMMITTING);
  jm.advance(seconds(1));
  jm.persist();
  EXPECT_EQ(jm.state(job), proto::JOB_FINISHED);
}

TEST(JobPlacement, AFixedJobGoesOnWhenTwoTaskManagersMayWorkTogetherAgain) {
  auto fixed = scripted_job(1, 2);
  (*fixed.mutable_config())["scheduler"] = "fixed";
  JobManagerProbe jm;
  jm.register_tm(1, 1);
  jm.register_tm(2, 1);
  jm.accept(fixed);
  jm.deploy_all();
  auto lost = jm.event(jm.deployments()[0]);
  lost.mutable_failed()->mutable_error()->set_kind(proto::ERROR_UNREACHABLE);
  lost.mutable_failed()->add_unreachable_peers(1);
  jm.say(lost);
  jm.release_all();
  jm.persist_all();
  jm.advance(seconds(50));
  EXPECT_EQ(jm.state(fixed), proto::JOB_CREATED) << "they cannot reach each other";
  jm.advance(seconds(20));
  EXPECT_EQ(jm.state(fixed), proto::JOB_DEPLOYING);
}

// ---- cancel ----

TEST_F(JobFailure, CancelIsAnsweredWhenItIsDurableAndEndsWhenSlotsAreFree) {
  run();
  const RequestId cancel = jm.cancel(job);
  EXPECT_EQ(jm.state(job), proto::JOB_CANCELLING);
  EXPECT_FALSE(jm.reply<proto::CancelReply>(cancel).has_value());
  jm.persist();
  EXPECT_TRUE(jm.reply<proto::CancelReply>(cancel).has_value());
  EXPECT_EQ(jm.state(job), proto::JOB_CANCELLING);
  jm.release_all();
  EXPECT_TRUE(jm.last<CleanOutputs>().ended);
  jm.persist();
  EXPECT_EQ(jm.state(job), proto::JOB_CANCELED);
  EXPECT_FALSE(is_error(jm.reply<proto::CancelReply>(jm.cancel(job))->error())) << "repeated";
}

TEST_F(JobFailure, CleansUpOnceMoreWhenALostSlotCanHaveNoEffectAnyLonger) {
  run();
  jm.down(1);
  jm.cancel(job);
  jm.release_all();
  jm.persist_all();
  ASSERT_EQ(jm.state(job), proto::JOB_CANCELED);
  const auto before = jm.all<CleanOutputs>().size();
  jm.advance(seconds(9));
  EXPECT_EQ(jm.all<CleanOutputs>().size(), before) << "its lease may still hold";
  jm.advance(seconds(2));
  ASSERT_EQ(jm.all<CleanOutputs>().size(), before + 1);
  EXPECT_TRUE(jm.last<CleanOutputs>().ended);
  jm.advance(seconds(60));
  EXPECT_EQ(jm.all<CleanOutputs>().size(), before + 1);
}

TEST_F(JobFailure, CleansUpOnceWhereAllSlotsWereReleased) {
  run();
  jm.cancel(job);
  jm.release_all();
  jm.persist_all();
  ASSERT_EQ(jm.state(job), proto::JOB_CANCELED);
  const auto before = jm.all<CleanOutputs>().size();
  jm.advance(seconds(60));
  EXPECT_EQ(jm.all<CleanOutputs>().size(), before);
}

TEST_F(JobFailure, CancelsWhileDeploying) {
  jm.cancel(job);
  jm.deploy_all();
  EXPECT_EQ(jm.state(job), proto::JOB_CANCELLING);
  EXPECT_TRUE(jm.sent<proto::StartSubtask>().empty());
  jm.release_all();
  jm.persist();
  EXPECT_EQ(jm.state(job), proto::JOB_CANCELED);
}

TEST_F(JobFailure, CancelsWhileRestarting) {
  run();
  jm.failed(first[0]);
  jm.cancel(job);
  jm.release_all();
  jm.persist();
  EXPECT_EQ(jm.state(job), proto::JOB_CANCELED);
  jm.advance(seconds(10));
  EXPECT_EQ(jm.deployments()[0].attempt(), 1U);
}

TEST_F(JobFailure, CancelsWithATaskManagerLost) {
  run();
  jm.cancel(job);
  jm.down(1);
  jm.down(2);
  jm.persist();
  EXPECT_EQ(jm.state(job), proto::JOB_CANCELED);
}

TEST_F(JobFailure, CannotCancelPastTheCommitPointUnlessCommitsFail) {
  run_to_commit();
  EXPECT_TRUE(is_error(jm.reply<proto::CancelReply>(jm.cancel(job))->error()));
  EXPECT_EQ(jm.state(job), proto::JOB_COMMITTING);
  const auto commits = jm.sent<proto::CommitOutput>();
  jm.commit_failed(commits[0].second.ref(), commits[0].first);
  const RequestId cancel = jm.cancel(job);
  EXPECT_EQ(jm.state(job), proto::JOB_CANCELLING);
  jm.persist();
  EXPECT_FALSE(is_error(jm.reply<proto::CancelReply>(cancel)->error()));
}

TEST_F(JobFailure, RefusesToCancelWhatHasEnded) {
  run();
  jm.finish_all(false);
  jm.persist();
  const auto reply = jm.reply<proto::CancelReply>(jm.cancel(job));
  EXPECT_NE(reply->error().message().find("FINISHED"), std::string::npos);
}

}  // namespace
}  // namespace leat::runtime::test
