// Processes that die at each step of a checkpoint, of its commit and of a restore: sequence.so comes out
// exact all the same. docs/development.md lists the points.

#include <gmock/gmock.h>

#include "tests/integration/checkpoints.hpp"

namespace leat::test {
namespace {

constexpr int kCrashed = 137;

std::string test_name(const ::testing::TestParamInfo<const char*>& point) {
  std::string name = point.param;
  for (char& c : name)
    c = std::isalnum(static_cast<unsigned char>(c)) != 0 ? c : '_';
  return name;
}

class TaskManagerCrash : public ::testing::TestWithParam<const char*> {};

TEST_P(TaskManagerCrash, LosesAndDoublesNoRecord) {
  CheckpointedSequence sequence;
  sequence.count = 20'000;
  Cluster cluster;
  cluster.add_task_managers(1, 2, GetParam());
  Process client(cluster.client("run", sequence.words()));
  client.wait_for(Stream::kErr, "running 2 of 2");
  cluster.add_task_managers(1, 2);  // where it goes on
  EXPECT_EQ(cluster.task_manager(0).wait(), kCrashed);
  EXPECT_EQ(client.wait(), 0) << client.err();
  sequence.expect_exact();
}

INSTANTIATE_TEST_SUITE_P(At, TaskManagerCrash,
                         ::testing::Values("trigger-received", "trigger-received:6", "before-ack",
                                           "before-ack:4", "output-committed",
                                           "output-committed:3"),
                         test_name);

TEST(TaskManagerCrashAtRestore, LosesAndDoublesNoRecord) {
  CheckpointedSequence sequence;
  sequence.count = 30'000;
  Cluster cluster;
  cluster.add_task_managers(1, 2);
  Process client(cluster.client("run", sequence.words()));
  wait_for_checkpoints(cluster, job_id(client), 3);
  cluster.add_task_managers(1, 2, "chunk-fetched");
  cluster.kill_task_manager(0);
  EXPECT_EQ(cluster.task_manager(1).wait(), kCrashed);
  cluster.add_task_managers(1, 2);
  EXPECT_EQ(client.wait(), 0) << client.err();
  sequence.expect_exact();
}

class JobManagerCrash : public ::testing::TestWithParam<const char*> {};

TEST_P(JobManagerCrash, LosesAndDoublesNoRecord) {
  CheckpointedSequence sequence;
  sequence.count = 20'000;
  Cluster cluster({}, GetParam());
  cluster.add_task_managers(2, 1);
  Process client(cluster.client("run", sequence.words()));
  cluster.await_crash_and_restart_job_manager();
  EXPECT_EQ(client.wait(), 0) << client.err();
  sequence.expect_exact();
}

INSTANTIATE_TEST_SUITE_P(At, JobManagerCrash,
                         ::testing::Values("chunks-stored", "chunks-stored:4", "before-manifest",
                                           "before-manifest:3", "manifest-written",
                                           "manifest-written:3", "commit-sent", "commit-sent:3"),
                         test_name);

TEST(JobManagerCrashInASavepoint, LeavesNoneAndTheJobGoesOn) {
  for (const char* point : {"savepoint-slice-written", "savepoint-written"}) {
    CheckpointedSequence sequence;
    sequence.count = 20'000;
    const TempDir savepoints;
    Cluster cluster({}, point);
    cluster.add_task_managers(2, 1);
    Process client(cluster.client("run", sequence.words()));
    const std::string job = job_id(client);
    wait_for_checkpoints(cluster, job, 1);
    Process savepoint(cluster.client("savepoint", {job, savepoints.path().string()}));
    cluster.await_crash_and_restart_job_manager();
    EXPECT_EQ(client.wait(), 0) << client.err();
    sequence.expect_exact();
    savepoint.wait();
  }
}

}  // namespace
}  // namespace leat::test
