// What a job's owner sees when something breaks while it runs.

#include <csignal>

#include <gmock/gmock.h>

#include "tests/integration/cluster.hpp"
#include "tests/integration/oracle.hpp"

namespace leat::test {
namespace {

using ::testing::AllOf;
using ::testing::ContainsRegex;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr std::uint64_t kNumbers = 20'000;
constexpr std::uint64_t kKeys = 17;

class Failure : public ::testing::Test {
 protected:
  /// About two seconds of work for four slots.
  [[nodiscard]] std::vector<std::string> slow_sequence() const {
    return {"-p",
            "4",
            example_job("sequence"),
            "--count",
            std::to_string(kNumbers),
            "--keys",
            std::to_string(kKeys),
            "--rate",
            "10000",
            "--output",
            output_};
  }

  /// The job is in the middle of its work: its client, on a terminal, has seen records.
  static void wait_for_records(Process& client) {
    client.wait_for(Stream::kErr, "RUNNING[^\r]* [1-9][0-9.]*( k)? records read");
  }

  void expect_complete() const {
    EXPECT_EQ(sorted_output(output_ + "/numbers"),
              sorted_lines(shell("seq 0 $(($1 - 1))", {std::to_string(kNumbers)})));
    EXPECT_EQ(sorted_output(output_ + "/sums"), sums_by_awk(kNumbers, kKeys));
    EXPECT_THAT(hidden_files(output_), IsEmpty());
  }

  TempDir directory_;
  std::string output_ = directory_.file("output");
};

TEST_F(Failure, OfATaskManagerStartsTheJobAgainWithoutATraceOfTheFirstAttempt) {
  Cluster cluster;
  cluster.add_task_managers(3, 2);
  Process client(cluster.client("run", slow_sequence()), {.terminal = true});
  wait_for_records(client);
  EXPECT_EQ(sorted_output(output_), "");
  cluster.kill_task_manager(0);
  cluster.job_manager().wait_for(Stream::kErr, "event=taskmanager_lost ");
  cluster.job_manager().wait_for(Stream::kErr, "event=restart [^\n]*attempt=2/3 backoff_ms=0");
  client.wait_for(Stream::kErr, "Attempt 1 failed: ");
  client.wait_for(Stream::kErr, "as attempt 2\\.");
  EXPECT_EQ(client.wait(), 0) << client.err();
  expect_complete();
}

TEST_F(Failure, OfTheJobManagerIsSurvivedByJobAndClient) {
  Cluster cluster;
  cluster.add_task_managers(2, 2);
  Process client(cluster.client("run", slow_sequence()), {.terminal = true});
  wait_for_records(client);
  cluster.restart_job_manager();
  cluster.job_manager().wait_for(Stream::kErr, "event=job_recovered ");
  cluster.job_manager().wait_for(Stream::kErr, "event=taskmanager_registered", 2);
  EXPECT_EQ(client.wait(), 0) << client.err();
  expect_complete();
}

TEST_F(Failure, OfTheJobManagerForGoodEndsTheClientWithWords) {
  Cluster cluster;
  cluster.add_task_managers(2, 2);
  std::vector<std::string> words = slow_sequence();
  words.insert(words.begin(), {"-D", "client.timeout=500 ms"});
  Process client(cluster.client("run", words));
  client.wait_for(Stream::kErr, "running 4 of 4");
  cluster.job_manager().signal(SIGKILL);
  EXPECT_EQ(client.wait(), 3);
  EXPECT_THAT(client.err(), AllOf(HasSubstr(cluster.address()), HasSubstr("again"),
                                  HasSubstr("Given up after 500 ms"),
                                  HasSubstr("goes on when its JobManager does")));
}

TEST_F(Failure, OfAUserFunctionReachesTheClientWithOperatorAndPosition) {
  const std::string input = directory_.write("input", "good\ngood\nbad\ngood\n");
  Cluster cluster({"restart-strategy.fixed-delay.attempts=2"});
  cluster.add_task_managers(1, 1);
  const Outcome outcome =
      cluster.run_client("run", {test_job("throwing"), "--input", input, "--output", output_});
  EXPECT_EQ(outcome.code, 1);
  EXPECT_THAT(outcome.err, HasSubstr("Attempt 1 failed: "));
  EXPECT_THAT(outcome.err, ContainsRegex("has failed: .*operator 'check'"));
  EXPECT_THAT(outcome.err, HasSubstr("this line is bad"));
  EXPECT_THAT(outcome.err, HasSubstr(input));
  EXPECT_THAT(outcome.err, HasSubstr("byte 10"));
  EXPECT_THAT(outcome.err, Not(HasSubstr("attempt 3")));
  EXPECT_EQ(sorted_output(output_), "");
  EXPECT_THAT(hidden_files(output_), IsEmpty());
}

TEST_F(Failure, OfAUserFunctionTellsTheSameInOneProcess) {
  const std::string input = directory_.write("input", "bad\n");
  const Outcome outcome = run(leat({"local", "-D", "restart-strategy.fixed-delay.attempts=1",
                                    test_job("throwing"), "--input", input, "--output", output_}));
  EXPECT_EQ(outcome.code, 1);
  EXPECT_THAT(outcome.err, HasSubstr("this line is bad"));
  EXPECT_THAT(outcome.err, Not(HasSubstr("Attempt 1 failed")));
}

TEST_F(Failure, LeavesTheClusterReadyForTheNextJob) {
  const std::string input = directory_.write("input", "bad\n");
  Cluster cluster({"restart-strategy.fixed-delay.attempts=1"});
  cluster.add_task_managers(1, 1);
  ASSERT_EQ(cluster
                .run_client("run", {test_job("throwing"), "--input", input, "--output",
                                    directory_.file("failed")})
                .code,
            1);
  const Outcome next = cluster.run_client(
      "run", {example_job("sequence"), "--count", "100", "--keys", "3", "--output", output_});
  ASSERT_EQ(next.code, 0) << next.err;
  EXPECT_EQ(sorted_output(output_ + "/sums"), sums_by_awk(100, 3));
}

}  // namespace
}  // namespace leat::test
