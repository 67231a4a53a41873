// Savepoints and rescaling from the command line.

#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>

#include "tests/integration/checkpoints.hpp"
#include "tests/integration/oracle.hpp"

namespace leat::test {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::StartsWith;

class Savepoints : public ::testing::Test {
 protected:
  static constexpr const char* kCompleted = "Savepoint completed. Path: ";

  static std::string path_of(const Outcome& outcome) {
    EXPECT_EQ(outcome.code, 0) << outcome.err;
    EXPECT_THAT(outcome.out, StartsWith(kCompleted));
    const std::string path = outcome.out.substr(std::string(kCompleted).size());
    return path.substr(0, path.find('\n'));
  }

  /// A savepoint of a job that was stopped with it.
  std::string stop(Cluster& cluster, const std::string& job) {
    return path_of(cluster.run_client("stop", {job, "--savepoint", directory_.path().string()}));
  }

  std::vector<std::string> from(const std::string& savepoint, std::vector<std::string> words) {
    words.insert(words.begin(), {"-s", savepoint});
    return words;
  }

  TempDir directory_;
  CheckpointedSequence sequence_;
};

TEST_F(Savepoints, AreWhereAStoppedJobGoesOnAtAnotherParallelism) {
  Cluster cluster;
  cluster.add_task_managers(2, 2);
  Process first(cluster.client("run", sequence_.words()));
  const std::string job = job_id(first);
  wait_for_checkpoints(cluster, job, 2);
  const std::string savepoint = stop(cluster, job);
  EXPECT_EQ(first.wait(), 0) << first.err();
  EXPECT_THAT(savepoint, AllOf(StartsWith(directory_.path().string() + "/savepoint-"),
                               HasSubstr(job.substr(0, 6))));
  EXPECT_TRUE(std::filesystem::exists(savepoint + "/_metadata"));

  sequence_.parallelism = "3";
  const Outcome second = cluster.run_client("run", from(savepoint, sequence_.words()));
  EXPECT_EQ(second.code, 0) << second.err;
  sequence_.expect_exact();
}

TEST_F(Savepoints, CanBeMovedToAnotherCluster) {
  std::string savepoint;
  {
    Cluster cluster;
    cluster.add_task_managers(1, 2);
    Process first(cluster.client("run", sequence_.words()));
    const std::string job = job_id(first);
    wait_for_checkpoints(cluster, job, 1);
    savepoint = stop(cluster, job);
    EXPECT_EQ(first.wait(), 0) << first.err();
  }
  const std::string moved = directory_.file("moved");
  std::filesystem::rename(savepoint, moved);
  Cluster cluster;
  cluster.add_task_managers(1, 1);
  sequence_.parallelism = "1";
  const Outcome second = cluster.run_client("run", from(moved, sequence_.words()));
  EXPECT_EQ(second.code, 0) << second.err;
  sequence_.expect_exact();
}

TEST_F(Savepoints, OfARunningJobLeaveItRunning) {
  Cluster cluster;
  cluster.add_task_managers(1, 2);
  Process client(cluster.client("run", sequence_.words()));
  const std::string job = job_id(client);
  wait_for_checkpoints(cluster, job, 1);
  const std::string savepoint =
      path_of(cluster.run_client("savepoint", {job, directory_.path().string()}));
  EXPECT_TRUE(std::filesystem::exists(savepoint + "/_metadata"));
  EXPECT_THAT(cluster.run_client("checkpoints", {job}).out,
              AllOf(HasSubstr("SAVEPOINT"), HasSubstr(savepoint)));
  EXPECT_EQ(client.wait(), 0) << client.err();
  sequence_.expect_exact();
}

TEST_F(Savepoints, ThatCannotBeUsedAreRefusedInWordsAndLeftAsTheyAre) {
  Cluster cluster;
  cluster.add_task_managers(1, 2);
  Process first(cluster.client("run", sequence_.words()));
  const std::string job = job_id(first);
  wait_for_checkpoints(cluster, job, 1);
  const std::string savepoint = stop(cluster, job);
  EXPECT_EQ(first.wait(), 0) << first.err();

  const auto refusal = [&](const std::string& path, std::vector<std::string> words) {
    const Outcome outcome = cluster.run_client("run", from(path, std::move(words)));
    EXPECT_EQ(outcome.code, 2) << outcome.err;
    return outcome.err;
  };
  EXPECT_THAT(refusal(directory_.file("nowhere"), sequence_.words()),
              HasSubstr("there is no savepoint " + directory_.file("nowhere")));
  EXPECT_THAT(refusal(directory_.path().string(), sequence_.words()),
              HasSubstr("name one of those in it"));
  sequence_.parallelism = "129";
  sequence_.options = {"--max-parallelism", "256"};
  EXPECT_THAT(refusal(savepoint, sequence_.words()), HasSubstr("128"));
  const std::string input = directory_.write("input", "a word\n");
  EXPECT_THAT(refusal(savepoint, {example_job("word_count"), "--input", input, "--output",
                                  directory_.file("counts")}),
              HasSubstr("-n"));

  const std::string copy = directory_.file("copy");
  std::filesystem::copy(savepoint, copy);
  {
    std::fstream data(copy + "/data-1", std::ios::in | std::ios::out | std::ios::binary);
    data.seekp(10);
    data.put('\x7f');
  }
  const std::string before = shell("cat \"$1\"/*", {copy});
  sequence_.parallelism = "2";
  sequence_.options = {};
  EXPECT_THAT(refusal(copy, sequence_.words()), HasSubstr(copy + "/data-1 is damaged"));
  EXPECT_EQ(shell("cat \"$1\"/*", {copy}), before);

  // The sound one is as it was.
  const Outcome second = cluster.run_client("run", from(savepoint, sequence_.words()));
  EXPECT_EQ(second.code, 0) << second.err;
  sequence_.expect_exact();
}

TEST_F(Savepoints, AreNotNeededToRescaleARunningJob) {
  Cluster cluster;
  cluster.add_task_managers(2, 2);
  Process client(cluster.client("run", sequence_.words()));
  const std::string job = job_id(client);
  wait_for_checkpoints(cluster, job, 1);
  const Outcome rescaled = cluster.run_client("rescale", {job, "-p", "4"});
  EXPECT_EQ(rescaled.code, 0) << rescaled.err;
  client.wait_for(Stream::kErr, "running 4 of 4");
  EXPECT_EQ(client.wait(), 0) << client.err();
  sequence_.expect_exact();
}

TEST_F(Savepoints, AreNotNeededToTakeUpSlotsThatAppear) {
  Cluster cluster({"jobmanager.adaptive-scheduler.resource-wait-timeout=100 ms"});
  cluster.add_task_managers(1, 2);
  sequence_.parallelism = "4";
  Process client(cluster.client("run", sequence_.words()));
  client.wait_for(Stream::kErr, "running 2 of 4, 2 waiting for slots");
  wait_for_checkpoints(cluster, job_id(client), 1);
  cluster.add_task_managers(1, 2);
  client.wait_for(Stream::kErr, "running 4 of 4");
  EXPECT_EQ(client.wait(), 0) << client.err();
  sequence_.expect_exact();
}

}  // namespace
}  // namespace leat::test
