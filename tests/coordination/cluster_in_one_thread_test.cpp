// Whole jobs through JobManagerCore, TaskManagerCores and slots, step by step in one thread. Each test
// runs from several seeds; a failing one is named in the output.

#include <chrono>
#include <cstdint>
#include <numeric>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "runtime/coordination/job_state.hpp"
#include "tests/sim_support/scripted_job.hpp"
#include "tests/sim_support/sim_cluster.hpp"

namespace leat::sim {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

std::vector<std::uint64_t> all_splits(const ScriptedOutputs& outputs) {
  std::vector<std::uint64_t> all(outputs.splits);
  std::iota(all.begin(), all.end(), 0U);
  return all;
}

/// One cluster of 4 × 2 slots, and what its jobs read and write.
class ClusterInOneThread : public ::testing::TestWithParam<std::uint64_t> {
 protected:
  static SimClusterOptions options() {
    SimClusterOptions options;
    options.seed = GetParam();
    return options;
  }
  void expect_whole_output() const { EXPECT_EQ(outputs_.visible_splits(), all_splits(outputs_)); }

  ScriptedOutputs outputs_;
  ScriptedFaults faults_;
};
INSTANTIATE_TEST_SUITE_P(Seeds, ClusterInOneThread, ::testing::Range<std::uint64_t>(1, 11));

TEST_P(ClusterInOneThread, RunsAJobToItsEndAndFreesItsSlots) {
  SimCluster cluster(options(), scripted_slots(outputs_, faults_), outputs_);
  const auto job = scripted_job(1, 6);
  ASSERT_EQ(cluster.submit(job).error().message(), "");
  const auto status = cluster.run_to_end(job.job_id());
  EXPECT_EQ(status.state(), proto::JOB_FINISHED) << status.ShortDebugString();
  EXPECT_EQ(status.records_in(), outputs_.splits);
  expect_whole_output();
  EXPECT_TRUE(outputs_.pending.empty());
  cluster.world().run_for(seconds(1));
  for (std::size_t index = 0; index < cluster.size(); ++index)
    EXPECT_EQ(cluster.task_manager(index).slots_in_use(), 0U);
}

TEST_P(ClusterInOneThread, RunsWithTheSlotsThereAreAndSaysSo) {
  faults_.idle = true;
  SimCluster cluster(options(), scripted_slots(outputs_, faults_), outputs_);
  cluster.world().run_for(seconds(1));
  const auto job = scripted_job(1, 10);
  ASSERT_EQ(cluster.submit(job).error().message(), "");
  ASSERT_TRUE(cluster.run_until(job.job_id(), proto::JOB_RUNNING));
  const auto status = cluster.status(job.job_id());
  EXPECT_EQ(status.requested_parallelism(), 10U);
  EXPECT_EQ(status.running_subtasks(), 8U);
  EXPECT_EQ(status.waiting_subtasks(), 2U);
  EXPECT_GE(status.duration_ms(), 3000U);
  EXPECT_LE(status.duration_ms(), 3500U);
}

TEST_P(ClusterInOneThread, FinishesWithFewerSlotsThanAskedFor) {
  SimCluster cluster(options(), scripted_slots(outputs_, faults_), outputs_);
  const auto job = scripted_job(1, 10);
  ASSERT_EQ(cluster.submit(job).error().message(), "");
  EXPECT_EQ(cluster.run_to_end(job.job_id()).state(), proto::JOB_FINISHED);
  expect_whole_output();
}

TEST_P(ClusterInOneThread, SurvivesALostTaskManager) {
  outputs_.splits = 200;
  SimCluster cluster(options(), scripted_slots(outputs_, faults_), outputs_);
  cluster.world().run_for(seconds(1));  // all register, so that the job is spread over all
  const auto job = scripted_job(1, 6);
  ASSERT_EQ(cluster.submit(job).error().message(), "");
  ASSERT_TRUE(cluster.run_until(job.job_id(), proto::JOB_RUNNING));
  cluster.world().run_for(std::chrono::microseconds(GetParam() * 500));
  cluster.kill_task_manager(0);
  const auto status = cluster.run_to_end(job.job_id());
  EXPECT_EQ(status.state(), proto::JOB_FINISHED) << status.ShortDebugString();
  EXPECT_EQ(status.attempt(), 2U);
  expect_whole_output();
  EXPECT_TRUE(outputs_.pending.empty());
}

TEST_P(ClusterInOneThread, TakesJobsUpAgainAfterARestartOfTheJobManager) {
  outputs_.splits = 200;
  SimCluster cluster(options(), scripted_slots(outputs_, faults_), outputs_);
  const auto job = scripted_job(1, 6);
  ASSERT_EQ(cluster.submit(job).error().message(), "");
  ASSERT_TRUE(cluster.run_until(job.job_id(), proto::JOB_RUNNING));
  cluster.kill_job_manager();
  cluster.world().run_for(milliseconds(500));
  cluster.restart_job_manager();
  const auto status = cluster.run_to_end(job.job_id());
  EXPECT_EQ(status.state(), proto::JOB_FINISHED) << status.ShortDebugString();
  EXPECT_EQ(status.attempt(), 2U);
  expect_whole_output();
}

}  // namespace
}  // namespace leat::sim
