// Four TaskManagers of two slots each: what runs where, and what waits.

#include <gmock/gmock.h>

#include "tests/integration/cluster.hpp"
#include "tests/integration/oracle.hpp"

namespace leat::test {
namespace {

using ::testing::HasSubstr;

class EightSlots : public ::testing::Test {
 protected:
  EightSlots()
      : cluster_({"parallelism.default=2",
                  "jobmanager.adaptive-scheduler.resource-wait-timeout=300 ms"}) {
    cluster_.add_task_managers(4, 2);
  }

  /// A job that runs until it is cancelled. Returns its id.
  std::string start(std::vector<std::string> options) {
    options.insert(options.begin(), "-d");
    options.insert(options.end(), {example_job("sequence"), "--count", "1000000000", "--keys", "7",
                                   "--rate", "1000", "--output", outputs_.file("endless")});
    const Outcome outcome = cluster_.run_client("run", options);
    EXPECT_EQ(outcome.code, 0) << outcome.err;
    return outcome.out.substr(0, outcome.out.find('\n'));
  }

  void wait_until_running(const std::string& job) {
    cluster_.job_manager().wait_for(Stream::kErr,
                                    "event=job_state job=" + job + "[^\n]* to=RUNNING");
  }

  [[nodiscard]] std::string list() const { return cluster_.run_client("list", {}).out; }

  /// How many TaskManagers have loaded the job object.
  std::size_t task_managers_at_work() {
    std::size_t count = 0;
    for (std::size_t i = 0; i < 4; ++i) {
      const std::string maps = "/proc/" + std::to_string(cluster_.task_manager(i).pid()) + "/maps";
      count += shell("grep -c -m 1 /artefacts/ \"$1\" || true", {maps}) == "1\n" ? 1 : 0;
    }
    return count;
  }

  Cluster cluster_;
  TempDir outputs_;
};

TEST_F(EightSlots, RunTheDefaultParallelismWithoutAnOption) {
  const std::string job = start({});
  wait_until_running(job);
  EXPECT_THAT(list(), HasSubstr("running 2 of 2 "));
  EXPECT_EQ(task_managers_at_work(), 2U);
}

TEST_F(EightSlots, RunSixSubtasksSpreadOverTheTaskManagers) {
  const std::string job = start({"-p", "6"});
  wait_until_running(job);
  EXPECT_THAT(list(), HasSubstr(job + "  sequence  RUNNING  running 6 of 6 "));
  EXPECT_EQ(task_managers_at_work(), 4U);
}

TEST_F(EightSlots, RunEightOfTenSubtasksAndSayThatTwoWait) {
  const std::string job = start({"-p", "10"});
  wait_until_running(job);
  EXPECT_THAT(list(), HasSubstr("running 8 of 10, 2 waiting for slots"));
  cluster_.job_manager().wait_for(Stream::kErr, "event=job_short_of_slots job=" + job +
                                                    "[^\n]* running=8 of=10 "
                                                    "waiting=2");
}

TEST_F(EightSlots, GiveTheCompleteResultOfTenSubtasks) {
  const Outcome outcome =
      cluster_.run_client("run", {"-p", "10", example_job("sequence"), "--count", "100000",
                                  "--keys", "13", "--output", outputs_.file("sequence")});
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_THAT(outcome.err, HasSubstr("running 8 of 10, 2 waiting for slots"));
  EXPECT_EQ(sorted_output(outputs_.file("sequence/sums")), sums_by_awk(100'000, 13));
  EXPECT_EQ(sorted_output(outputs_.file("sequence/numbers")), sorted_lines(shell("seq 0 99999")));
}

TEST_F(EightSlots, LeaveASecondJobWaitingUntilSlotsAreFree) {
  const std::string first = start({"-p", "8"});
  wait_until_running(first);
  const Outcome second =
      cluster_.run_client("run", {"-d", example_job("sequence"), "--count", "10", "--keys", "3",
                                  "--output", outputs_.file("second")});
  ASSERT_EQ(second.code, 0) << second.err;
  const std::string id = second.out.substr(0, second.out.find('\n'));
  EXPECT_THAT(list(), HasSubstr("running 0 of 2, 2 waiting for slots"));
  ASSERT_EQ(cluster_.run_client("cancel", {first}).code, 0);
  cluster_.job_manager().wait_for(Stream::kErr, "event=job_state job=" + id + "[^\n]* to=FINISHED");
  EXPECT_EQ(sorted_output(outputs_.file("second/sums")), sums_by_awk(10, 3));
}

}  // namespace
}  // namespace leat::test
