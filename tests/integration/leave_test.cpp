// SIGTERM to daemons of a cluster with a running job: a TaskManager leaves, a JobManager's successor goes on.

#include <chrono>
#include <csignal>

#include <gmock/gmock.h>

#include "tests/integration/checkpoints.hpp"
#include "tests/integration/cluster.hpp"

namespace leat::test {
namespace {

using std::chrono::seconds;
using std::chrono::steady_clock;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char* kRunning = "event=job_state [^\n]* to=RUNNING";

/// Ends with 0 long before its time is up.
void expect_left(Process& task_manager, steady_clock::time_point told) {
  EXPECT_EQ(task_manager.wait(), 0);
  EXPECT_LT(steady_clock::now() - told, seconds(15));
  EXPECT_THAT(task_manager.err(), HasSubstr("event=leaving"));
  EXPECT_THAT(task_manager.err(), HasSubstr("event=left"));
  EXPECT_THAT(task_manager.err(), Not(HasSubstr("event=leave_timeout")));
}

void expect_no_failure(Cluster& cluster) {
  EXPECT_THAT(cluster.job_manager().err(), Not(HasSubstr("event=restart ")));
  EXPECT_THAT(cluster.job_manager().err(), Not(HasSubstr("event=taskmanager_lost")));
}

TEST(Leave, ATaskManagerHandsItsSubtaskToASpareOne) {
  CheckpointedSequence sequence;
  Cluster cluster;
  cluster.add_task_managers(2, 1);
  Process client(cluster.client("run", sequence.words()));
  wait_for_checkpoints(cluster, job_id(client), 2);
  cluster.add_task_managers(1, 1);
  const auto told = steady_clock::now();
  cluster.task_manager(0).signal(SIGTERM);
  expect_left(cluster.task_manager(0), told);
  cluster.job_manager().wait_for(Stream::kErr, "event=taskmanager_leaving");
  cluster.job_manager().wait_for(Stream::kErr, "event=move [^\n]*from=2 to=2");
  cluster.job_manager().wait_for(Stream::kErr, "event=taskmanager_left");
  EXPECT_EQ(client.wait(), 0) << client.err();
  expect_no_failure(cluster);
  sequence.expect_exact();
}

TEST(Leave, AllTaskManagersAreReplacedOneAfterTheOther) {
  CheckpointedSequence sequence;
  sequence.count = 100'000;
  Cluster cluster;
  cluster.add_task_managers(2, 1);
  Process client(cluster.client("run", sequence.words()));
  wait_for_checkpoints(cluster, job_id(client), 1);
  for (std::size_t old = 0; old < 2; ++old) {
    cluster.add_task_managers(1, 1);
    const auto told = steady_clock::now();
    cluster.task_manager(old).signal(SIGTERM);
    expect_left(cluster.task_manager(old), told);
    cluster.job_manager().wait_for(Stream::kErr, kRunning, old + 2);
  }
  EXPECT_EQ(client.wait(), 0) << client.err();
  expect_no_failure(cluster);
  sequence.expect_exact();
}

TEST(Leave, FewerSlotsAreMadeDoWithAndNoneAreWaitedFor) {
  CheckpointedSequence sequence;
  sequence.count = 80'000;
  sequence.parallelism = "3";
  Cluster cluster;
  cluster.add_task_managers(3, 1);
  Process client(cluster.client("run", sequence.words()));
  wait_for_checkpoints(cluster, job_id(client), 1);
  auto told = steady_clock::now();
  for (const std::size_t leaving : {0U, 1U})
    cluster.task_manager(leaving).signal(SIGTERM);
  for (const std::size_t leaving : {0U, 1U})
    expect_left(cluster.task_manager(leaving), told);
  cluster.job_manager().wait_for(Stream::kErr, "event=taskmanager_left", 2);
  cluster.job_manager().wait_for(Stream::kErr, "event=job_short_of_slots [^\n]*running=1 of=3");
  told = steady_clock::now();
  cluster.task_manager(2).signal(SIGTERM);
  expect_left(cluster.task_manager(2), told);
  cluster.add_task_managers(3, 1);
  EXPECT_EQ(client.wait(), 0) << client.err();
  expect_no_failure(cluster);
  sequence.expect_exact();
}

TEST(Leave, AJobWithoutCheckpointsByTimeMovesThroughOne) {
  CheckpointedSequence sequence;
  sequence.interval = "0";
  Cluster cluster;
  cluster.add_task_managers(1, 2);
  Process client(cluster.client("run", sequence.words()));
  cluster.job_manager().wait_for(Stream::kErr, kRunning);
  cluster.add_task_managers(1, 2);
  const auto told = steady_clock::now();
  cluster.task_manager(0).signal(SIGTERM);
  expect_left(cluster.task_manager(0), told);
  EXPECT_EQ(client.wait(), 0) << client.err();
  cluster.job_manager().wait_for(Stream::kErr, "event=checkpoint_completed [^\n]*kind=rescale");
  expect_no_failure(cluster);
  sequence.expect_exact();
}

TEST(Leave, EndsWhenItsTimeIsUp) {
  const TempDir directory;
  const std::string input = directory.file("input");
  shell("seq 1 1000000 > \"$1\"", {input});
  Cluster cluster;
  cluster.set_environment("LEAT_TASKMANAGER_LEAVE_TIMEOUT", "300 ms");
  cluster.add_task_managers(1, 1);
  // Its rows are visible at once, and its client takes no more of them: it can neither move nor end.
  Process client(cluster.client("run", {example_job("word_count"), "--input", input}));
  cluster.job_manager().wait_for(Stream::kErr, kRunning);
  client.signal(SIGSTOP);
  cluster.task_manager(0).signal(SIGTERM);
  EXPECT_EQ(cluster.task_manager(0).wait(), 0);
  EXPECT_THAT(cluster.task_manager(0).err(), HasSubstr("event=leave_timeout"));
  EXPECT_THAT(cluster.task_manager(0).err(), Not(HasSubstr("event=left")));
  cluster.job_manager().wait_for(Stream::kErr, "event=taskmanager_lost");
  cluster.job_manager().wait_for(Stream::kErr, "event=move ");
}

TEST(Leave, ASecondSignalEndsItAtOnce) {
  const TempDir directory;
  const std::string input = directory.write("input", "a line\n");
  Cluster cluster;
  cluster.add_task_managers(1, 1);
  const Process client(cluster.client("run", {test_job("stuck"), "--input", input}));
  cluster.job_manager().wait_for(Stream::kErr, kRunning);
  cluster.task_manager(0).signal(SIGTERM);
  cluster.task_manager(0).wait_for(Stream::kErr, "event=leaving");
  const auto told = steady_clock::now();
  cluster.task_manager(0).signal(SIGTERM);
  EXPECT_EQ(cluster.task_manager(0).wait(), 130);
  EXPECT_LT(steady_clock::now() - told, seconds(5));
}

TEST(Leave, AJobManagerEndsInOrderAndItsSuccessorGoesOn) {
  CheckpointedSequence sequence;
  sequence.count = 60'000;
  Cluster cluster;
  cluster.add_task_managers(2, 1);
  Process client(cluster.client("run", sequence.words()));
  wait_for_checkpoints(cluster, job_id(client), 2);
  for (int round = 0; round < 2; ++round) {
    const auto told = steady_clock::now();
    cluster.job_manager().signal(SIGTERM);
    EXPECT_EQ(cluster.job_manager().wait(), 0);
    EXPECT_LT(steady_clock::now() - told, seconds(5));
    EXPECT_THAT(cluster.job_manager().err(), HasSubstr("event=stopped"));
    cluster.await_crash_and_restart_job_manager();
    cluster.job_manager().wait_for(Stream::kErr, "event=job_recovered ");
    cluster.job_manager().wait_for(Stream::kErr, kRunning);
  }
  EXPECT_EQ(client.wait(), 0) << client.err();
  sequence.expect_exact();
}

}  // namespace
}  // namespace leat::test
