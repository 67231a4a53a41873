// A new JobManager on the store of the last one.

#include <chrono>

#include <gtest/gtest.h>

#include "runtime/coordination/stored_jobs.hpp"
#include "tests/coordination/job_manager_probe.hpp"

namespace leat::runtime::test {
namespace {

using sim::scripted_job;
using std::chrono::seconds;

/// The successor of `before`, with one TaskManager that has registered anew.
std::unique_ptr<JobManagerProbe> successor(const JobManagerProbe& before) {
  auto probe = std::make_unique<JobManagerProbe>(JobManagerOptions{}, 2, before.store());
  probe->register_tm(1, 2);
  return probe;
}

class Recovery : public ::testing::Test {
 protected:
  Recovery() {
    jm.register_tm(1, 2);
    jm.accept(job);
  }
  const proto::SubmitJob job = scripted_job(1, 2);
  JobManagerProbe jm;
};

TEST_F(Recovery, StartsAnUnfinishedJobAgainInANewAttempt) {
  jm.deploy_all();
  const auto next = successor(jm);
  EXPECT_EQ(next->state(job), proto::JOB_RESTARTING);
  EXPECT_TRUE(next->sent<proto::DeploySubtask>().empty());
  next->persist();
  next->prepare();
  ASSERT_EQ(next->deployments().size(), 2U);
  EXPECT_EQ(next->deployments()[0].attempt(), 2U);
  EXPECT_EQ(next->deployments()[0].epoch(), 2U);
  EXPECT_EQ(next->status(job).restarts(), 0U) << "no failure of the job";
  EXPECT_EQ(next->status(job).start_time_ms(), jm.status(job).start_time_ms());
}

TEST_F(Recovery, NeverUsesAnAttemptNumberTwice) {
  jm.deploy_all();
  jm.failed(jm.deployments()[0]);  // attempt 2 is written, but never deployed
  const auto second = successor(jm);
  second->persist();
  second->prepare();
  EXPECT_EQ(second->deployments()[0].attempt(), 3U);
}

TEST_F(Recovery, CleansUpAfterTheLastAttemptFirst) {
  jm.deploy_all();
  const auto next = successor(jm);
  const auto cleaned = next->all<CleanOutputs>();
  ASSERT_EQ(cleaned.size(), 1U);
  EXPECT_EQ(cleaned[0].attempt, Attempt{1});
  EXPECT_FALSE(cleaned[0].ended);
}

TEST_F(Recovery, RepeatsTheCommitsOfACommittingJobAndNeverRunsItAgain) {
  jm.deploy_all();
  jm.finish_all();
  jm.persist();
  const auto next = successor(jm);
  EXPECT_EQ(next->state(job), proto::JOB_COMMITTING);
  EXPECT_TRUE(next->all<PrepareJob>().empty());
  const auto commits = next->sent<proto::CommitOutput>();
  ASSERT_EQ(commits.size(), 2U);
  EXPECT_EQ(commits[0].second.ref().epoch(), 2U);
  EXPECT_EQ(commits[0].second.ref().attempt(), 1U);
  EXPECT_EQ(commits[0].second.committables(0).handle(), "out-0");
  for (const auto& [to, commit] : commits)
    next->committed(commit.ref(), to);
  next->persist();
  EXPECT_EQ(next->state(job), proto::JOB_FINISHED);
  EXPECT_EQ(next->status(job).records_in(), 20U);
}

TEST_F(Recovery, RunsAJobAgainThatHadNotReachedItsCommitPoint) {
  jm.deploy_all();
  jm.finish_all();  // the commit point is asked for, but not durable
  auto store = jm.store();
  std::erase_if(store, [](const auto& pair) { return pair.first.ends_with("/commit"); });
  proto::JobStatus status;
  for (auto& [key, value] : store) {
    if (key.ends_with("/status") && status.ParseFromString(value)) {
      status.set_state(proto::JOB_CREATED);
      value = status.SerializeAsString();
    }
  }
  JobManagerProbe next({}, 2, store);
  EXPECT_EQ(next.state(job), proto::JOB_RESTARTING);
}

TEST_F(Recovery, ListsEndedJobs) {
  jm.deploy_all();
  jm.finish_all(false);
  jm.persist();
  const auto next = successor(jm);
  EXPECT_EQ(next->state(job), proto::JOB_FINISHED);
  EXPECT_TRUE(next->sent<proto::DeploySubtask>().empty());
  EXPECT_FALSE(is_error(next->reply<proto::SubmitReply>(next->submit(job))->error()))
      << "a repeated submission is recognised";
  EXPECT_TRUE(next->all<PrepareJob>().empty());
}

TEST_F(Recovery, CleansUpAfterAJobWhoseEndIsWrittenAndNotYetItsCleanUpDone) {
  jm.deploy_all();
  jm.finish_all(false);
  jm.persist();
  const auto next = successor(jm);
  ASSERT_EQ(next->all<CleanOutputs>().size(), 1U);
  EXPECT_EQ(next->last<CleanOutputs>().job, *JobId::parse(job.job_id(), "job id"));
  EXPECT_EQ(next->last<CleanOutputs>().attempt, Attempt{1});
  EXPECT_TRUE(next->last<CleanOutputs>().ended);
  next->persist();
  next->advance(std::chrono::seconds(60));
  EXPECT_EQ(next->all<CleanOutputs>().size(), 2U) << "a slot of it may have gone on for a while";
  EXPECT_TRUE(successor(*next)->all<CleanOutputs>().empty());
}

TEST_F(Recovery, CancelsWhatWasBeingCancelled) {
  jm.deploy_all();
  jm.cancel(job);
  jm.persist();
  const auto next = successor(jm);
  EXPECT_EQ(next->state(job), proto::JOB_CANCELLING);
  EXPECT_TRUE(next->last<CleanOutputs>().ended);
  next->persist();
  EXPECT_EQ(next->state(job), proto::JOB_CANCELED);
}

TEST_F(Recovery, EndsWhatWasFailingWithItsCause) {
  jm.failed(jm.deployments()[0], proto::ERROR_INPUT, "not on shared storage");
  jm.persist();
  const auto next = successor(jm);
  next->persist();
  EXPECT_EQ(next->state(job), proto::JOB_FAILED);
  EXPECT_EQ(next->status(job).failure().message(), "not on shared storage");
}

TEST_F(Recovery, TriesAgainWhenInputsAreNotThereAtFirst) {
  const auto next = successor(jm);
  next->persist();
  next->prepare_fails(Error(ErrorKind::kInput, "the volume is not mounted"));
  EXPECT_EQ(next->state(job), proto::JOB_RESTARTING);
  next->persist();
  EXPECT_EQ(next->all<PrepareJob>().size(), 2U);
  next->prepare();
  EXPECT_EQ(next->state(job), proto::JOB_DEPLOYING);
}

TEST_F(Recovery, FailsAJobWhoseInputsStayAway) {
  const auto next = successor(jm);
  for (int attempt = 0; attempt < 3; ++attempt) {
    next->persist();
    next->advance(seconds(1));
    next->prepare_fails(Error(ErrorKind::kInput, "the volume is not mounted"));
  }
  next->persist();
  next->persist();
  EXPECT_EQ(next->state(job), proto::JOB_FAILED);
  EXPECT_EQ(next->status(job).failure().message(), "the volume is not mounted");
}

TEST_F(Recovery, CancelsWhileInputsAreListedAgain) {
  const auto next = successor(jm);
  next->persist();
  const RequestId cancel = next->cancel(job);
  next->persist();
  EXPECT_TRUE(next->reply<proto::CancelReply>(cancel).has_value());
  EXPECT_EQ(next->state(job), proto::JOB_CANCELLING) << "a listing is under way";
  next->prepare();
  EXPECT_TRUE(next->last<CleanOutputs>().ended);
  next->persist();
  EXPECT_EQ(next->state(job), proto::JOB_CANCELED);
}

TEST_F(Recovery, VersionsGoOnGrowing) {
  jm.deploy_all();
  const auto seen = jm.status(job).version();
  const auto next = successor(jm);
  EXPECT_GT(next->status(job).version(), seen);
}

TEST_F(Recovery, IgnoresWhatTheLastJobManagersSlotsSay) {
  jm.deploy_all();
  const auto old = jm.deployments();
  const auto next = successor(jm);
  next->persist();
  next->prepare();
  auto event = jm.event(old[0]);
  event.mutable_failed();
  next->say(event);
  event.mutable_released();
  next->say(event);
  EXPECT_EQ(next->state(job), proto::JOB_DEPLOYING);
}

TEST_F(Recovery, LeavesWhatItCannotReadAloneAndSaysSo) {
  auto store = jm.store();
  for (auto& [key, value] : store) {
    if (key.ends_with("/spec"))
      value = "\xff\xff garbage";
  }
  store.emplace_back("epoch", "1");
  JobManagerProbe next({}, 2, store);
  EXPECT_EQ(next.logged("stored_job_unreadable"), 1U);
  EXPECT_TRUE(is_error(next.status(job).error()));
  const auto again = next.reply<proto::SubmitReply>(next.submit(job));
  ASSERT_TRUE(again.has_value());
  EXPECT_TRUE(is_error(again->error())) << "its checkpoints would be another job's";
  EXPECT_TRUE(next.all<Persist>().empty()) << "nothing is deleted";
}

TEST(StoredJobs, ComeBackInOrderOfSubmission) {
  const auto entry = [](std::uint64_t id, std::uint64_t start) {
    proto::JobStatus status;
    status.set_start_time_ms(start);
    return std::pair(status_key(JobId(0, id)), status.SerializeAsString());
  };
  const auto found = read_stored_jobs({entry(1, 300), entry(2, 100), entry(3, 200)});
  ASSERT_EQ(found.jobs.size(), 3U);
  EXPECT_EQ(found.jobs[0].id, JobId(0, 2));
  EXPECT_EQ(found.jobs[1].id, JobId(0, 3));
  EXPECT_EQ(found.jobs[2].id, JobId(0, 1));
}

}  // namespace
}  // namespace leat::runtime::test
