// A job's way through its states, with nothing going wrong but the number of slots.

#include <chrono>
#include <set>

#include <gtest/gtest.h>

#include "runtime/coordination/job_state.hpp"
#include "tests/coordination/job_manager_probe.hpp"

namespace leat::runtime::test {
namespace {

using sim::scripted_job;
using std::chrono::milliseconds;
using std::chrono::seconds;

TEST(JobState, LeadsNowhereFromItsEnds) {
  for (int from = 0; from <= proto::JobState_MAX; ++from) {
    const auto state = static_cast<proto::JobState>(from);
    bool any = false;
    for (int to = 0; to <= proto::JobState_MAX; ++to)
      any = any || may_follow(state, static_cast<proto::JobState>(to));
    EXPECT_EQ(any, !has_ended(state)) << state_name(state);
  }
}

TEST(JobState, LeadsFromTheCommitPointOnlyToAnEnd) {
  EXPECT_TRUE(may_follow(proto::JOB_COMMITTING, proto::JOB_FINISHED));
  EXPECT_FALSE(may_follow(proto::JOB_COMMITTING, proto::JOB_RESTARTING));
  EXPECT_FALSE(may_follow(proto::JOB_COMMITTING, proto::JOB_CREATED));
  EXPECT_FALSE(may_follow(proto::JOB_COMMITTING, proto::JOB_FAILING));
}

TEST(JobLife, GoesThroughItsStatesToFinished) {
  JobManagerProbe jm;
  jm.register_tm(1, 2);
  const auto job = scripted_job(1, 2);
  jm.accept(job);
  EXPECT_EQ(jm.state(job), proto::JOB_DEPLOYING);
  EXPECT_TRUE(jm.sent<proto::StartSubtask>().empty());
  jm.deploy_all();
  EXPECT_EQ(jm.state(job), proto::JOB_RUNNING);
  EXPECT_EQ(jm.sent<proto::StartSubtask>().size(), 2U);
  jm.finish_all();
  EXPECT_EQ(jm.state(job), proto::JOB_COMMITTING);
  EXPECT_TRUE(jm.sent<proto::CommitOutput>().empty()) << "before the commit point is durable";
  jm.persist();
  ASSERT_EQ(jm.sent<proto::CommitOutput>().size(), 2U);
  EXPECT_TRUE(jm.sent<proto::ReleaseAttempt>().empty());
  for (const auto& [to, commit] : jm.sent<proto::CommitOutput>())
    jm.committed(commit.ref(), to);
  EXPECT_EQ(jm.sent<proto::ReleaseAttempt>().size(), 1U);
  EXPECT_TRUE(jm.last<CleanOutputs>().ended);
  EXPECT_EQ(jm.state(job), proto::JOB_COMMITTING) << "FINISHED is not durable yet";
  jm.persist();
  EXPECT_EQ(jm.state(job), proto::JOB_FINISHED);
  EXPECT_EQ(jm.store().size(), 2U) << "status, and what the next JobManager cleans up";
}

TEST(JobLife, StoresTheAttemptBeforeItIsUsed) {
  JobManagerProbe jm;
  const auto job = scripted_job(1, 1);
  jm.accept(job);
  proto::JobStatus stored;
  ASSERT_TRUE(stored.ParseFromString(jm.store().back().second));
  EXPECT_EQ(stored.attempt(), 1U);
}

TEST(JobLife, EndsWithoutACommitWhenNothingIsToBecomeVisible) {
  JobManagerProbe jm;
  jm.register_tm(1, 1);
  const auto job = scripted_job(1, 1);
  jm.accept(job);
  jm.deploy_all();
  jm.finish_all(/*with_output=*/false);
  jm.persist();
  EXPECT_EQ(jm.state(job), proto::JOB_FINISHED);
  EXPECT_EQ(jm.all<Persist>().size(), 2U);
  EXPECT_EQ(jm.status(job).records_in(), 10U);
}

TEST(JobLife, DeploysWithAllThatASlotNeeds) {
  JobManagerProbe jm;
  jm.register_tm(1, 1);
  jm.register_tm(2, 1);
  auto job = scripted_job(1, 2);
  job.add_arguments("--input=x");
  (*job.mutable_config())["k"] = "v";
  jm.accept(job);
  const auto deployments = jm.sent<proto::DeploySubtask>();
  ASSERT_EQ(deployments.size(), 2U);
  const auto& message = deployments[1].second;
  EXPECT_EQ(message.ref().epoch(), 1U);
  EXPECT_EQ(message.ref().attempt(), 1U);
  EXPECT_EQ(message.ref().subtask(), 1U);
  EXPECT_EQ(message.parallelism(), 2U);
  EXPECT_EQ(message.arguments(0), "--input=x");
  EXPECT_EQ(message.config().at("k"), "v");
  EXPECT_EQ(message.artefact_sha256(), job.artefact_sha256());
  EXPECT_EQ(message.plan_sha256(), job.plan_sha256());
  EXPECT_EQ(message.output_nonces(0), "/out/.nonce");
  ASSERT_EQ(message.peers_size(), 2);
  EXPECT_EQ(message.peers(0).task_manager_id(), "tm-1");
  EXPECT_EQ(message.peers(1).incarnation(), JobManagerProbe::tm(2).hex());
}

TEST(JobLife, WaitsForAllItsSlotsThenTakesWhatThereIs) {
  JobManagerProbe jm;
  jm.register_tm(1, 8);
  const auto job = scripted_job(1, 10);
  jm.accept(job);
  jm.advance(milliseconds(2999));
  EXPECT_EQ(jm.state(job), proto::JOB_CREATED);
  EXPECT_EQ(jm.status(job).waiting_subtasks(), 10U);
  jm.advance(milliseconds(1));
  EXPECT_EQ(jm.state(job), proto::JOB_DEPLOYING);
  EXPECT_EQ(jm.status(job).running_subtasks(), 8U);
  EXPECT_EQ(jm.status(job).waiting_subtasks(), 2U);
  EXPECT_EQ(jm.sent<proto::DeploySubtask>().front().second.parallelism(), 8U);
}

TEST(JobLife, StartsAsSoonAsAllItsSlotsAreThere) {
  JobManagerProbe jm;
  jm.register_tm(1, 1);
  const auto job = scripted_job(1, 2);
  jm.accept(job);
  jm.advance(seconds(1));
  EXPECT_EQ(jm.state(job), proto::JOB_CREATED);
  jm.register_tm(2, 1);
  EXPECT_EQ(jm.state(job), proto::JOB_DEPLOYING);
}

TEST(JobLife, WithoutASlotWaitsUntilThereIsOneAndThenForTheRest) {
  JobManagerProbe jm;
  const auto job = scripted_job(1, 2);
  jm.accept(job);
  jm.advance(seconds(100));
  EXPECT_EQ(jm.state(job), proto::JOB_CREATED);
  jm.register_tm(1, 1);
  EXPECT_EQ(jm.state(job), proto::JOB_CREATED) << "a second slot may follow";
  jm.advance(milliseconds(3000));
  EXPECT_EQ(jm.state(job), proto::JOB_DEPLOYING);
}

TEST(JobLife, IsServedInOrderOfSubmission) {
  JobManagerProbe jm;
  jm.register_tm(1, 2);
  const auto large = scripted_job(1, 3);
  const auto small = scripted_job(2, 1);
  jm.accept(large);
  jm.accept(small);
  EXPECT_EQ(jm.state(small), proto::JOB_CREATED) << "it would take a slot from the first";
  jm.advance(milliseconds(3000));
  EXPECT_EQ(jm.status(large).running_subtasks(), 2U);
  EXPECT_EQ(jm.state(small), proto::JOB_CREATED);
}

TEST(JobLife, SpreadsItsPipelinesOverTaskManagers) {
  JobManagerProbe jm;
  for (std::uint64_t number = 1; number <= 4; ++number)
    jm.register_tm(number, 2);
  jm.accept(scripted_job(1, 4));
  std::set<Incarnation> used;
  for (const auto& [to, message] : jm.sent<proto::DeploySubtask>())
    used.insert(to);
  EXPECT_EQ(used.size(), 4U);
}

TEST(JobLife, ASecondJobTakesTheSlotsThatAreLeft) {
  JobManagerProbe jm;
  jm.register_tm(1, 3);
  jm.accept(scripted_job(1, 2));
  const auto second = scripted_job(2, 1);
  jm.accept(second);
  EXPECT_EQ(jm.state(second), proto::JOB_DEPLOYING);
  EXPECT_EQ(jm.sent<proto::DeploySubtask>().back().second.slot(), 2U);
}

TEST(JobLife, HandsOutSplitsInOrderAndSaysWhenThereAreNoMore) {
  JobManagerProbe jm;
  jm.register_tm(1, 1);
  jm.accept(scripted_job(1, 1), 2);
  jm.deploy_all();
  proto::SplitRequest request;
  *request.mutable_ref() = jm.deployments()[0];
  for (int i = 0; i < 3; ++i)
    jm.core().split_request(JobManagerProbe::tm(1), request, jm.now(), jm.out());
  const auto grants = jm.sent<proto::SplitGrant>();
  ASSERT_EQ(grants.size(), 3U);
  EXPECT_EQ(grants[0].second.splits(0).id(), 0U);
  EXPECT_EQ(grants[1].second.splits(0).id(), 1U);
  EXPECT_TRUE(grants[2].second.no_more());
}

TEST(JobLife, GivesNoSplitToStrangersOldAttemptsOrUnknownSources) {
  JobManagerProbe jm;
  jm.register_tm(1, 1);
  jm.register_tm(2, 1);
  jm.accept(scripted_job(1, 1));
  jm.deploy_all();
  proto::SplitRequest request;
  *request.mutable_ref() = jm.deployments()[0];
  const Incarnation holder = jm.deployed_to(request.ref());
  const Incarnation stranger =
      holder == JobManagerProbe::tm(1) ? JobManagerProbe::tm(2) : JobManagerProbe::tm(1);
  jm.core().split_request(stranger, request, jm.now(), jm.out());
  request.set_source(5);
  jm.core().split_request(holder, request, jm.now(), jm.out());
  request.set_source(0);
  request.mutable_ref()->set_attempt(9);
  jm.core().split_request(holder, request, jm.now(), jm.out());
  request.mutable_ref()->set_attempt(1);
  request.mutable_ref()->set_epoch(9);
  jm.core().split_request(holder, request, jm.now(), jm.out());
  EXPECT_TRUE(jm.sent<proto::SplitGrant>().empty());
}

TEST(JobLife, CountsWhatHeartbeatsReport) {
  JobManagerProbe jm;
  jm.register_tm(1, 2);
  const auto job = scripted_job(1, 2);
  jm.accept(job);
  jm.deploy_all();
  proto::Heartbeat heartbeat;
  heartbeat.set_incarnation(JobManagerProbe::tm(1).hex());
  heartbeat.set_epoch(1);
  heartbeat.set_sequence(1);
  for (std::uint32_t subtask = 0; subtask < 2; ++subtask) {
    auto& metrics = *heartbeat.add_metrics();
    metrics.set_job_id(job.job_id());
    metrics.set_attempt(1);
    metrics.set_subtask(subtask);
    metrics.set_records_in(100 + subtask);
    metrics.set_records_out(50);
  }
  jm.core().heartbeat(jm.ask(), heartbeat, jm.now(), jm.out());
  EXPECT_EQ(jm.status(job).records_in(), 201U);
  EXPECT_EQ(jm.status(job).records_out(), 100U);
}

TEST(JobLife, WatchIsAnsweredWhenSomethingChanges) {
  JobManagerProbe jm;
  const auto job = scripted_job(1, 1);
  jm.accept(job);
  const auto seen = jm.status(job).version();
  const RequestId watch = jm.watch(job, seen, 60'000);
  EXPECT_FALSE(jm.reply<proto::JobStatus>(watch).has_value());
  jm.register_tm(1, 1);
  ASSERT_TRUE(jm.reply<proto::JobStatus>(watch).has_value());
  EXPECT_EQ(jm.reply<proto::JobStatus>(watch)->state(), proto::JOB_DEPLOYING);
  EXPECT_GT(jm.reply<proto::JobStatus>(watch)->version(), seen);
}

TEST(JobLife, WatchIsAnsweredWhenItsTimeIsUp) {
  JobManagerProbe jm;
  const auto job = scripted_job(1, 1);
  jm.accept(job);
  const RequestId watch = jm.watch(job, jm.status(job).version(), 500);
  jm.advance(milliseconds(499));
  EXPECT_FALSE(jm.reply<proto::JobStatus>(watch).has_value());
  jm.advance(milliseconds(1));
  EXPECT_TRUE(jm.reply<proto::JobStatus>(watch).has_value());
}

TEST(JobLife, ListShowsEndedJobsOnlyWhenAsked) {
  JobManagerProbe jm;
  jm.register_tm(1, 1);
  jm.accept(scripted_job(1, 1));
  jm.deploy_all();
  jm.finish_all(false);
  jm.persist();
  jm.accept(scripted_job(2, 1));
  proto::ListJobs list;
  RequestId request = jm.ask();
  jm.core().list(request, list, jm.now(), jm.out());
  ASSERT_EQ(jm.reply<proto::JobList>(request)->jobs_size(), 1);
  EXPECT_EQ(jm.reply<proto::JobList>(request)->jobs(0).name(), "scripted-2");
  list.set_all(true);
  request = jm.ask();
  jm.core().list(request, list, jm.now(), jm.out());
  EXPECT_EQ(jm.reply<proto::JobList>(request)->jobs_size(), 2);
}

TEST(JobLife, ForgetsTheOldestEndedJobsHereAndInTheStore) {
  JobManagerOptions options;
  options.ended_jobs_kept = 2;
  JobManagerProbe jm(options);
  jm.register_tm(1, 1);
  for (std::uint64_t id = 1; id <= 3; ++id) {
    jm.accept(scripted_job(id, 1));
    jm.deploy_all();
    jm.finish_all(false);
    jm.persist();
    jm.release_all();
  }
  EXPECT_EQ(jm.store().size(), 2U * 2U);
  EXPECT_TRUE(is_error(jm.status(scripted_job(1, 1)).error()));
  EXPECT_EQ(jm.state(scripted_job(3, 1)), proto::JOB_FINISHED);
}

TEST(JobLife, AnUnknownJobIsAnErrorInWords) {
  JobManagerProbe jm;
  const auto job = scripted_job(1, 1);
  EXPECT_NE(jm.status(job).error().message().find("there is no job"), std::string::npos);
  EXPECT_TRUE(is_error(jm.reply<proto::CancelReply>(jm.cancel(job))->error()));
  EXPECT_TRUE(is_error(jm.reply<proto::ResultBatch>(jm.fetch(job, 0, 0))->error()));
}

}  // namespace
}  // namespace leat::runtime::test
