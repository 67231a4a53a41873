// Jobs with checkpoints on a cluster that breaks at random times, hangs, throws, and loses what it stored.

#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <poll.h>
#include <random>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include <gmock/gmock.h>

#include "tests/integration/checkpoints.hpp"
#include "tests/integration/eventually.hpp"
#include "tests/integration/oracle.hpp"

namespace leat::test {
namespace {

using ::testing::AnyOf;
using ::testing::ContainsRegex;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

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

// ---- a function throws --------------------------------------------------------------------------

class Poisoned : public ::testing::Test {
 protected:
  [[nodiscard]] std::vector<std::string> words(const std::vector<std::string>& more) const {
    std::vector<std::string> all{"-p", "2", "-D", "execution.checkpointing.interval=50 ms"};
    all.insert(all.end(), more.begin(), more.end());
    for (const std::string& word :
         {test_job("poisoned"), std::string("--count"), std::string("20000"), std::string("--rate"),
          std::string("10000"), std::string("--poison"), std::string("12345"),
          std::string("--marker"), marker_, std::string("--output"), output_})
      all.push_back(word);
    return all;
  }

  TempDir directory_;
  std::string marker_ = directory_.write("marker", "");
  std::string output_ = directory_.file("output");
};

TEST_F(Poisoned, OnceGoesOnFromTheNewestCheckpoint) {
  Cluster cluster;
  cluster.add_task_managers(2, 1);
  const Outcome outcome = cluster.run_client("run", words({}));
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_THAT(outcome.err, HasSubstr("Attempt 1 failed: "));
  EXPECT_THAT(outcome.err, HasSubstr("this number is bad"));
  EXPECT_THAT(outcome.err, HasSubstr("goes on from its newest checkpoint, as attempt 2."));
  EXPECT_EQ(sorted_output(output_), sorted_lines(shell("seq 0 19999")));
  EXPECT_THAT(hidden_files(output_), IsEmpty());
}

TEST_F(Poisoned, ForGoodFailsTheJobWithItsCauseAndPositionAndWhatIsCommittedIsThereOnce) {
  Cluster cluster;
  cluster.add_task_managers(2, 1);
  auto all = words({"-D", "restart-strategy.type=fixed-delay", "-D",
                    "restart-strategy.fixed-delay.attempts=3", "-D",
                    "restart-strategy.fixed-delay.delay=20 ms"});
  all.insert(all.end(), {"--forever", "1"});
  const Outcome outcome = cluster.run_client("run", all);
  EXPECT_EQ(outcome.code, 1);
  EXPECT_THAT(outcome.err, HasSubstr("as attempt 3."));
  EXPECT_THAT(outcome.err, Not(HasSubstr("as attempt 4.")));
  EXPECT_THAT(outcome.err, ContainsRegex("has failed: .*operator 'check'"));
  EXPECT_THAT(outcome.err, HasSubstr("this number is bad"));
  EXPECT_THAT(outcome.err, HasSubstr("12345"));
  const std::string output = sorted_output(output_);
  EXPECT_FALSE(output.empty()) << "no checkpoint was complete before the poison";
  EXPECT_EQ(shell("printf %s \"$1\" | uniq -d", {output}), "");
}

// ---- what TaskManagers keep ---------------------------------------------------------------------

TEST(Recovery, FetchesFromTheJobManagerOnlyWhatTheTaskManagersHaveNoCopiesOf) {
  CheckpointedSequence sequence;
  sequence.count = 30'000;
  Cluster cluster({"log.level=debug"});
  cluster.add_task_managers(2, 1);
  Process client(cluster.client("run", sequence.words()));
  wait_for_checkpoints(cluster, job_id(client), 3);
  cluster.add_task_managers(1, 1);
  Process& job_manager = cluster.job_manager();
  const auto id_of = [&](const std::string& pattern) {
    return job_manager.wait_for(Stream::kErr, pattern);
  };
  cluster.kill_task_manager(0);
  const std::string lost = id_of("event=taskmanager_lost taskmanager=(\\S+)");
  const std::string fetched = id_of("event=chunk_fetched [^\n]*taskmanager=(\\S+)");
  EXPECT_EQ(client.wait(), 0) << client.err();
  sequence.expect_exact();
  EXPECT_NE(fetched, lost);
  // One of the two that are left has run its subtask before, and asked for nothing.
  std::set<std::string> asked;
  std::istringstream log(job_manager.err());
  const std::regex chunk("event=chunk_fetched .*taskmanager=(\\S+)");
  for (std::string line; std::getline(log, line);)
    if (std::smatch match; std::regex_search(line, match, chunk))
      asked.insert(match[1]);
  EXPECT_THAT(asked, ElementsAre(fetched));
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

TEST(DamagedMetadata, IsRefusedInWordsInsteadOfStartingEmpty) {
  CheckpointedSequence sequence;
  sequence.count = 1'000'000;
  sequence.options = {"-d"};
  Cluster cluster;
  cluster.add_task_managers(1, 2);
  const Outcome submitted = cluster.run_client("run", sequence.words());
  ASSERT_EQ(submitted.code, 0) << submitted.err;
  wait_for_checkpoints(cluster, submitted.out.substr(0, submitted.out.find('\n')), 3);
  cluster.job_manager().signal(SIGKILL);
  cluster.job_manager().wait();
  for (const auto& entry : std::filesystem::directory_iterator(cluster.data_directory() + "/meta"))
    if (entry.path().extension() == ".ldb" || entry.path().extension() == ".log")
      flip_bits(entry.path());
  const Outcome outcome =
      run(leat({"jobmanager", "--port", "0", "--data-dir", cluster.data_directory()}));
  EXPECT_NE(outcome.code, 0);
  EXPECT_THAT(outcome.err, HasSubstr("is damaged"));
  EXPECT_THAT(outcome.err, HasSubstr(cluster.data_directory()));
}

INSTANTIATE_TEST_SUITE_P(By, DamagedCheckpoint, ::testing::Values(truncate_to_half, flip_bits));

}  // namespace
}  // namespace leat::test
