// Jobs with checkpoints on a cluster that breaks at random times, hangs, throws, and loses what it stored.

#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <poll.h>
#include <random>

#include <gmock/gmock.h>

#include "tests/integration/checkpoints.hpp"
#include "tests/integration/eventually.hpp"
#include "tests/integration/oracle.hpp"

namespace leat::test {
namespace {

using ::testing::AnyOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST(Recovery, FromKillsAtRandomTimesLosesAndDoublesNoRecord) {
  const auto seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  CheckpointedSequence sequence;
  sequence.count = 60'000;
  sequence.interval = "50 ms";
  // Each failure may come before another checkpoint is complete.
  sequence.options = {"-D", "restart-strategy.exponential-delay.attempts-before-reset-backoff=50",
                      "-D", "restart-strategy.exponential-delay.max-backoff=100 ms"};
  Cluster cluster;
  cluster.add_task_managers(3, 1);
  Process client(cluster.client("run", sequence.words()));
  wait_for_checkpoints(cluster, job_id(client), 1);
  for (int round = 0; round < 10; ++round) {
    poll(nullptr, 0, static_cast<int>(random() % 400));  // the fault's own time, not a wait
    if (random() % 3 == 0) {
      cluster.restart_job_manager();
    } else {
      cluster.kill_task_manager(cluster.task_managers() - 1 - random() % 3);
      cluster.add_task_managers(1, 1);
    }
  }
  EXPECT_EQ(client.wait(), 0) << client.err();
  sequence.expect_exact();
}

TEST(Recovery, FromATaskManagerThatStoodStillPastItsLease) {
  CheckpointedSequence sequence;
  sequence.count = 50'000;
  Cluster cluster({"heartbeat.interval=100 ms", "heartbeat.timeout=600 ms", "heartbeat.lease=1 s"});
  cluster.add_task_managers(2, 2);
  Process client(cluster.client("run", sequence.words()));
  wait_for_checkpoints(cluster, job_id(client), 2);
  cluster.task_manager(0).signal(SIGSTOP);
  cluster.job_manager().wait_for(Stream::kErr, "event=taskmanager_lost");
  cluster.job_manager().wait_for(Stream::kErr, "event=job_state [^\n]* to=RUNNING", 2);
  poll(nullptr, 0, 1200);  // how long it stands still
  cluster.task_manager(0).signal(SIGCONT);
  cluster.task_manager(0).wait_for(Stream::kErr, "event=registered", 2);
  EXPECT_EQ(client.wait(), 0) << client.err();
  sequence.expect_exact();
}

TEST(Recovery, OfAWordCountLosesAndDoublesNoWord) {
  const TempDir directory;
  const std::string input = directory.file("text");
  shell("i=0; while [ $i -lt 60 ]; do seq 1 30000 | tr '0-3' 'a-d'; i=$((i + 1)); done > \"$1\"",
        {input});
  const std::string output = directory.file("output");
  Cluster cluster;
  cluster.add_task_managers(3, 1);
  Process client(cluster.client(
      "run", {"-p", "2", "--mode", "batch", "-D", "execution.checkpointing.interval=50 ms", "-D",
              "execution.batch.combine=false", test_job("slow_words"), "--input", input, "--output",
              output}));
  wait_for_checkpoints(cluster, job_id(client), 2);
  cluster.kill_task_manager(0);
  wait_for_checkpoints(cluster, job_id(client), 4);
  cluster.kill_task_manager(1);
  cluster.add_task_managers(1, 1);
  EXPECT_EQ(client.wait(), 0) << client.err();
  EXPECT_EQ(sorted_output(output), words_by_coreutils({input}));
  EXPECT_THAT(hidden_files(output), IsEmpty());
}

// ---- what was stored is damaged -----------------------------------------------------------------

using Damage = void (*)(const std::filesystem::path&);

void truncate_to_half(const std::filesystem::path& file) {
  std::filesystem::resize_file(file, std::filesystem::file_size(file) / 2);
}

void flip_bits(const std::filesystem::path& file) {
  std::fstream stream(file, std::ios::in | std::ios::out | std::ios::binary);
  const auto size = std::filesystem::file_size(file);
  for (std::uintmax_t at = 100; at < size; at += 1000) {
    stream.seekg(static_cast<std::streamoff>(at));
    const auto byte = static_cast<char>(stream.get() ^ 0x10);
    stream.seekp(static_cast<std::streamoff>(at));
    stream.put(byte);
  }
}

class DamagedCheckpoint : public ::testing::TestWithParam<Damage> {};

TEST_P(DamagedCheckpoint, FailsTheJobInWordsInsteadOfStartingEmpty) {
  CheckpointedSequence sequence;
  sequence.count = 1'000'000;
  Cluster cluster;
  cluster.add_task_managers(1, 2);
  Process client(cluster.client("run", sequence.words()));
  wait_for_checkpoints(cluster, job_id(client), 3);
  cluster.job_manager().signal(SIGKILL);
  cluster.job_manager().wait();
  for (const auto& entry :
       std::filesystem::recursive_directory_iterator(cluster.data_directory() + "/chunks"))
    if (entry.is_regular_file() &&
        (entry.path().extension() == ".ldb" || entry.path().extension() == ".log"))
      GetParam()(entry.path());
  cluster.await_crash_and_restart_job_manager();
  EXPECT_EQ(client.wait(), 1);
  EXPECT_THAT(client.err(), HasSubstr("has failed: "));
  EXPECT_THAT(client.err(), HasSubstr("checkpoint"));
  EXPECT_THAT(client.err(), AnyOf(HasSubstr("damaged"), HasSubstr("missing"), HasSubstr("lost")));
}

INSTANTIATE_TEST_SUITE_P(By, DamagedCheckpoint, ::testing::Values(truncate_to_half, flip_bits));

}  // namespace
}  // namespace leat::test
