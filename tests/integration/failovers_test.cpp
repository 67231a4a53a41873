// A hundred failovers of one job: its JobManager has at the end what it had at the start.

#include <cctype>
#include <filesystem>
#include <fstream>
#include <string>

#include <gmock/gmock.h>

#include "tests/integration/checkpoints.hpp"
#include "tests/integration/eventually.hpp"
#include "tests/integration/oracle.hpp"

namespace leat::test {
namespace {

using ::testing::HasSubstr;

struct Footprint {
  std::size_t descriptors = 0;
  std::size_t threads = 0;
  std::size_t files = 0;  ///< in the data directory
  std::size_t resident_kb = 0;
};

std::size_t entries(const std::string& directory) {
  std::size_t count = 0;
  for (const auto& entry : std::filesystem::directory_iterator(directory))
    count += entry.path().empty() ? 0 : 1;
  return count;
}

Footprint footprint(Cluster& cluster) {
  const std::string process = "/proc/" + std::to_string(cluster.job_manager().pid());
  Footprint result;
  result.descriptors = entries(process + "/fd");
  result.threads = entries(process + "/task");
  for (const auto& entry : std::filesystem::recursive_directory_iterator(cluster.data_directory()))
    result.files += entry.is_regular_file() ? 1 : 0;
  std::ifstream status(process + "/status");
  for (std::string line; std::getline(status, line);)
    if (line.starts_with("VmRSS:"))
      result.resident_kb = std::stoull(line.substr(6));
  return result;
}

TEST(AHundredFailovers, LeaveDescriptorsThreadsSlotsFilesAndMemoryAsTheyWere) {
#if defined(__SANITIZE_ADDRESS__)
  GTEST_SKIP() << "AddressSanitizer keeps freed memory: the footprint is its own";
#endif
  constexpr int kFailovers = 100;
  constexpr int kWarmUp = 10;
  CheckpointedSequence sequence;
  sequence.count = 100'000'000;
  sequence.rate = 2000;
  sequence.parallelism = "3";  // so that each of them is at work
  sequence.interval = "200 ms";
  sequence.options = {"-d", "-D",
                      "restart-strategy.exponential-delay.attempts-before-reset-backoff=1000", "-D",
                      "restart-strategy.exponential-delay.max-backoff=20 ms"};
  Cluster cluster;
  cluster.add_task_managers(3, 1);
  const Outcome submitted = cluster.run_client("run", sequence.words());
  ASSERT_EQ(submitted.code, 0) << submitted.err;
  const std::string job = submitted.out.substr(0, submitted.out.find('\n'));
  Footprint start;
  for (int failover = 1; failover <= kFailovers + kWarmUp; ++failover) {
    cluster.job_manager().wait_for(Stream::kErr, "event=job_state [^\n]* to=RUNNING",
                                   static_cast<std::size_t>(failover));
    if (failover == kWarmUp)
      start = footprint(cluster);
    cluster.kill_oldest_task_manager();
    cluster.job_manager().wait_for(Stream::kErr, "event=taskmanager_lost",
                                   static_cast<std::size_t>(failover));
    cluster.add_task_managers(1, 1);
  }
  // The connections of the dead are gone a moment later.
  EXPECT_TRUE(eventually([&] {
    const Footprint end = footprint(cluster);
    return end.descriptors <= start.descriptors + 5 && end.threads <= start.threads + 1 &&
           end.files <= start.files + 10 && end.resident_kb <= start.resident_kb * 5 / 4 + 4096;
  })) << "descriptors, threads, files, KiB at the start: "
      << start.descriptors << " " << start.threads << " " << start.files << " " << start.resident_kb
      << ", at the end: " << footprint(cluster).descriptors << " " << footprint(cluster).threads
      << " " << footprint(cluster).files << " " << footprint(cluster).resident_kb;
  EXPECT_THAT(cluster.run_client("list", {}).out, HasSubstr("running 3 of 3"));
  ASSERT_EQ(cluster.run_client("cancel", {job}).code, 0);
  // All slots are free again: a job that wants each of them runs.
  CheckpointedSequence next;
  next.count = 1000;
  next.parallelism = "3";
  const Outcome outcome = cluster.run_client("run", next.words());
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_THAT(outcome.err, HasSubstr("running 3 of 3"));
  next.expect_exact();
}

}  // namespace
}  // namespace leat::test
