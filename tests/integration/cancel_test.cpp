// Ending a job, and ending the processes.

#include <csignal>

#include <gmock/gmock.h>

#include "tests/integration/cluster.hpp"
#include "tests/integration/eventually.hpp"
#include "tests/integration/oracle.hpp"

namespace leat::test {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class Cancel : public ::testing::Test {
 protected:
  /// The options go before the object. The job runs for hours.
  [[nodiscard]] std::vector<std::string> endless(std::vector<std::string> options) const {
    options.insert(options.end(), {example_job("sequence"), "--count", "100000000", "--keys", "7",
                                   "--rate", "5000", "--output", output_});
    return options;
  }

  [[nodiscard]] bool wait_for_unfinished_output() const {
    return eventually([this] { return !hidden_files(output_).empty(); });
  }

  void expect_nothing_left() const {
    EXPECT_EQ(sorted_output(output_), "");
    EXPECT_THAT(hidden_files(output_), IsEmpty());
  }

  TempDir directory_;
  std::string output_ = directory_.file("output");
};

TEST_F(Cancel, ByCtrlCInOneProcessRemovesUnfinishedOutput) {
  for (const int number : {SIGINT, SIGTERM}) {
    Process local(leat(endless({"local", "--slots", "2", "-p", "2"})));
    ASSERT_TRUE(wait_for_unfinished_output());
    local.signal(number);
    EXPECT_EQ(local.wait(), 130);
    EXPECT_THAT(local.err(), HasSubstr("was cancelled."));
    expect_nothing_left();
  }
}

TEST_F(Cancel, ByCtrlCOfTheClientCancelsTheJobOnTheCluster) {
  Cluster cluster;
  cluster.add_task_managers(2, 2);
  Process client(cluster.client("run", endless({"-p", "4"})));
  ASSERT_TRUE(wait_for_unfinished_output());
  client.signal(SIGINT);
  EXPECT_EQ(client.wait(), 130);
  EXPECT_THAT(client.err(), HasSubstr("was cancelled."));
  EXPECT_THAT(cluster.run_client("list", {"-a"}).out, HasSubstr("CANCELED"));
  expect_nothing_left();
}

TEST_F(Cancel, ByCommandEndsADetachedJob) {
  Cluster cluster;
  cluster.add_task_managers(1, 2);
  const Outcome started = cluster.run_client("run", endless({"-d", "-p", "2"}));
  ASSERT_EQ(started.code, 0) << started.err;
  const std::string id = started.out.substr(0, started.out.find('\n'));
  ASSERT_TRUE(wait_for_unfinished_output());
  const Outcome cancelled = cluster.run_client("cancel", {id});
  EXPECT_EQ(cancelled.code, 0) << cancelled.err;
  EXPECT_EQ(cancelled.out, "Cancelled job " + id + ".\n");
  expect_nothing_left();
}

TEST_F(Cancel, OfAFinishedJobIsRefused) {
  Cluster cluster;
  cluster.add_task_managers(1, 1);
  Process client(cluster.client(
      "run", {example_job("sequence"), "--count", "1", "--keys", "1", "--output", output_}));
  const std::string id = client.wait_for(Stream::kErr, "with JobID ([0-9a-f]{32})");
  ASSERT_EQ(client.wait(), 0);
  const Outcome cancelled = cluster.run_client("cancel", {id});
  EXPECT_NE(cancelled.code, 0);
  EXPECT_THAT(cancelled.err, AllOf(HasSubstr(id), HasSubstr("FINISHED")));
}

TEST_F(Cancel, ByCommandEndsTheAttachedClientToo) {
  Cluster cluster;
  cluster.add_task_managers(1, 2);
  Process client(cluster.client("run", endless({"-p", "2"})));
  const std::string id = client.wait_for(Stream::kErr, "with JobID ([0-9a-f]{32})");
  ASSERT_EQ(cluster.run_client("cancel", {id}).code, 0);
  EXPECT_EQ(client.wait(), 130);
}

TEST_F(Cancel, ByASecondCtrlCLeavesAtOnce) {
  const std::string input = directory_.write("input", "a line\n");
  Process local(leat({"local", test_job("stuck"), "--input", input}));
  local.wait_for(Stream::kErr, "running 1 of 1");
  local.signal(SIGINT);
  local.wait_for(Stream::kErr, "Cancelling job");
  local.signal(SIGINT);
  EXPECT_EQ(local.wait(), 130);
}

TEST_F(Cancel, BeforeTheJobManagerAnswersLeavesWithoutAJob) {
  Process client(leat({"run", "-m", "127.0.0.1:9", example_job("sequence"), "--count", "1",
                       "--keys", "1", "--output", output_}));
  client.wait_for(Stream::kErr, "127\\.0\\.0\\.1:9");
  client.signal(SIGINT);
  EXPECT_EQ(client.wait(), 130);
}

TEST_F(Cancel, ByATerminationSignalEndsDaemonsInOrder) {
  Cluster cluster;
  cluster.add_task_managers(1, 1);
  cluster.task_manager(0).signal(SIGTERM);
  EXPECT_EQ(cluster.task_manager(0).wait(), 0);
  EXPECT_THAT(cluster.task_manager(0).err(), HasSubstr("event=stopped"));
  cluster.job_manager().wait_for(Stream::kErr, "event=taskmanager_left");
  cluster.job_manager().signal(SIGINT);
  EXPECT_EQ(cluster.job_manager().wait(), 0);
}

}  // namespace
}  // namespace leat::test
