// Processes that end, or keep running, with slots that come and go: nothing hangs, nothing piles up.

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <iterator>
#include <string>
#include <system_error>
#include <vector>

#include <gmock/gmock.h>

#include "tests/integration/cluster.hpp"
#include "tests/integration/eventually.hpp"
#include "tests/integration/oracle.hpp"

namespace leat::test {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr int kRounds = 10;
constexpr int kFailovers = 100;

std::size_t entries(const Process& process, const std::string& kind) {
  const std::filesystem::directory_iterator all("/proc/" + std::to_string(process.pid()) + "/" +
                                                kind);
  return static_cast<std::size_t>(std::distance(begin(all), end(all)));
}

/// Threads and open files of two TaskManagers and their JobManager.
std::vector<std::size_t> resources(Cluster& cluster) {
  std::vector<std::size_t> counts;
  for (const Process* process :
       {&cluster.task_manager(0), &cluster.task_manager(1), &cluster.job_manager()})
    for (const char* kind : {"task", "fd"})
      counts.push_back(entries(*process, kind));
  return counts;
}

class Stop : public ::testing::Test {
 protected:
  [[nodiscard]] std::size_t bytes_written() const {
    std::size_t bytes = 0;
    std::error_code gone;
    for (const std::string& file : hidden_files(output_))
      if (const auto size = std::filesystem::file_size(file, gone); !gone)
        bytes += size;
    return bytes;
  }

  TempDir directory_;
  std::string output_ = directory_.file("output");
};

TEST_F(Stop, OfTaskManagersInTheMiddleOfAShuffleIsPromptAndInOrder) {
  setenv("LEAT_TASKMANAGER_LEAVE_TIMEOUT", "0 s", 1);  // they do not wait for their job to move
  Cluster cluster({"restart-strategy.fixed-delay.attempts=1000",
                   "jobmanager.adaptive-scheduler.resource-wait-timeout=20 ms"});
  const auto started =
      cluster.run_client("run", {"-d", "-p", "4", example_job("sequence"), "--count",
                                 "100000000000", "--keys", "1000", "--output", output_});
  ASSERT_EQ(started.code, 0) << started.err;
  for (std::size_t round = 0; round < kRounds; ++round) {
    SCOPED_TRACE(round);
    cluster.add_task_managers(2, 2);
    cluster.job_manager().wait_for(Stream::kErr, "event=job_state .* to=RUNNING", round + 1);
    const std::size_t before = bytes_written();
    ASSERT_TRUE(eventually([&] { return bytes_written() > before; }));
    Process& first = cluster.task_manager(2 * round);
    Process& second = cluster.task_manager(2 * round + 1);
    first.signal(SIGTERM);
    second.signal(SIGTERM);
    for (Process* process : {&first, &second}) {
      EXPECT_EQ(process->wait(), 0);
      EXPECT_THAT(process->err(), Not(HasSubstr("stuck")));
    }
  }
}

TEST_F(Stop, OfAHundredAttemptsLeavesNoThreadAndNoFileBehind) {
  const std::string input = directory_.write("input", "good\nbad\n");
  Cluster cluster({"restart-strategy.type=fixed-delay", "restart-strategy.fixed-delay.delay=1 ms"});
  cluster.add_task_managers(2, 1);
  const auto fail = [&](int attempts) {
    const Outcome outcome = cluster.run_client(
        "run", {"-D", "restart-strategy.fixed-delay.attempts=" + std::to_string(attempts), "-p",
                "2", test_job("throwing"), "--input", input, "--output",
                directory_.file("output-" + std::to_string(attempts))});
    EXPECT_EQ(outcome.code, 1) << outcome.err;
    EXPECT_THAT(outcome.err, HasSubstr("this line is bad"));
  };
  const auto within = [&](const std::vector<std::size_t>& limit) {
    const auto now = resources(cluster);
    return std::equal(limit.begin(), limit.end(), now.begin(), std::greater_equal<>());
  };
  fail(2);
  const auto before = resources(cluster);
  fail(kFailovers);
  EXPECT_TRUE(eventually([&] { return within(before); }))
      << ::testing::PrintToString(before) << " -> " << ::testing::PrintToString(resources(cluster));
}

}  // namespace
}  // namespace leat::test
