// A hundred failovers of one job: its JobManager, and a TaskManager that survives them all, have at the end what they
// had at the start.

#include <filesystem>
#include <fstream>
#include <ostream>
#include <string>
#include <system_error>

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
  std::size_t files = 0;  ///< in its directory
  std::size_t resident_kb = 0;

  [[nodiscard]] bool within(const Footprint& start) const {
    return descriptors <= start.descriptors + 5 && threads <= start.threads + 1 &&
           files <= start.files + 10 && resident_kb <= start.resident_kb * 5 / 4 + 4096;
  }
};

std::ostream& operator<<(std::ostream& out, const Footprint& one) {
  return out << one.descriptors << " descriptors, " << one.threads << " threads, " << one.files
             << " files, " << one.resident_kb << " KiB";
}

std::size_t entries(const std::string& directory) {
  std::size_t count = 0;
  for (const auto& entry : std::filesystem::directory_iterator(directory))
    count += entry.path().empty() ? 0 : 1;
  return count;
}

/// Files come and go while they are counted.
std::size_t files_below(const std::string& directory) {
  std::size_t count = 0;
  std::error_code gone;
  for (auto entry = std::filesystem::recursive_directory_iterator(directory, gone);
       entry != std::filesystem::recursive_directory_iterator(); entry.increment(gone))
    count += entry->is_regular_file(gone) ? 1 : 0;
  return count;
}

Footprint footprint(const Process& process, const std::string& directory) {
  const std::string proc = "/proc/" + std::to_string(process.pid());
  Footprint result;
  result.descriptors = entries(proc + "/fd");
  result.threads = entries(proc + "/task");
  result.files = files_below(directory);
  std::ifstream status(proc + "/status");
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
  const TempDir survivors;
  ProcessOptions surviving;
  surviving.environment["TMPDIR"] = survivors.path();
  cluster.add_task_manager(surviving);
  cluster.add_task_managers(2, 1);
  const auto job_manager = [&] {
    return footprint(cluster.job_manager(), cluster.data_directory());
  };
  const auto survivor = [&] { return footprint(cluster.task_manager(0), survivors.path()); };
  const Outcome submitted = cluster.run_client("run", sequence.words());
  ASSERT_EQ(submitted.code, 0) << submitted.err;
  const std::string job = submitted.out.substr(0, submitted.out.find('\n'));
  Footprint job_manager_start;
  Footprint survivor_start;
  for (int failover = 1; failover <= kFailovers + kWarmUp; ++failover) {
    cluster.job_manager().wait_for(Stream::kErr, "event=job_state [^\n]* to=RUNNING",
                                   static_cast<std::size_t>(failover));
    if (failover == kWarmUp) {
      job_manager_start = job_manager();
      survivor_start = survivor();
    }
    cluster.kill_oldest_task_manager(1);
    cluster.job_manager().wait_for(Stream::kErr, "event=taskmanager_lost",
                                   static_cast<std::size_t>(failover));
    cluster.add_task_managers(1, 1);
  }
  // The connections of the dead are gone a moment later.
  EXPECT_TRUE(eventually([&] { return job_manager().within(job_manager_start); }))
      << "the JobManager had " << job_manager_start << "; it has " << job_manager();
  EXPECT_TRUE(eventually([&] { return survivor().within(survivor_start); }))
      << "the TaskManager had " << survivor_start << "; it has " << survivor();
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
