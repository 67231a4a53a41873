// Random faults, then the oracle: what finished jobs made visible equals a run without faults, nothing is
// left behind, nothing hangs. LEAT_SEED runs one seed alone, LEAT_SEEDS that many.

#include "tests/sim_support/fault_storm.hpp"

#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <numeric>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/sim_support/scripted_job.hpp"
#include "tests/sim_support/sim_cluster.hpp"
#include "tests/sim_support/sim_results_client.hpp"

namespace leat::sim {
namespace {

using std::chrono::seconds;

constexpr std::uint64_t kSeeds = 15;

std::vector<std::uint64_t> seeds() {
  if (const char* one = std::getenv("LEAT_SEED"); one != nullptr)
    return {std::strtoull(one, nullptr, 10)};
  const char* count = std::getenv("LEAT_SEEDS");
  std::vector<std::uint64_t> all(count == nullptr ? kSeeds : std::strtoull(count, nullptr, 10));
  std::iota(all.begin(), all.end(), 1U);
  return all;
}

SimClusterOptions stormy(std::uint64_t seed) {
  SimClusterOptions options;
  options.seed = seed;
  options.job_manager.job.restart.fixed_delay_attempts = 1000;
  options.job_manager.job.restart.max_backoff = std::chrono::milliseconds(500);
  return options;
}

void expect_each_split_once(const ScriptedOutputs& outputs, std::uint64_t jobs) {
  std::vector<std::uint64_t> expected;
  for (std::uint64_t split = 0; split < outputs.splits; ++split)
    expected.insert(expected.end(), jobs, split);
  EXPECT_EQ(outputs.visible_splits(), expected);
}

void expect_nothing_left(SimCluster& cluster, const ScriptedOutputs& outputs) {
  cluster.world().run_for(seconds(30));  // leases end, zombies learn what has become of them
  for (std::size_t index = 0; index < cluster.size(); ++index)
    EXPECT_EQ(cluster.task_manager(index).slots_in_use(), 0U) << "TaskManager " << index;
  EXPECT_TRUE(outputs.pending.empty()) << outputs.pending.begin()->first;
  EXPECT_EQ(cluster.job_manager().requests_open(), 0U);
}

TEST(FaultStorm, JobsFinishWithTheirWholeOutputOnce) {
  for (const std::uint64_t seed : seeds()) {
    SCOPED_TRACE("LEAT_SEED=" + std::to_string(seed));
    ScriptedOutputs outputs;
    outputs.splits = 300;
    ScriptedFaults faults;
    SimCluster cluster(stormy(seed), scripted_slots(outputs, faults), outputs);
    const auto first = scripted_job(1, 5);
    const auto second = scripted_job(2, 10);
    ASSERT_EQ(cluster.submit(first).error().message(), "");
    ASSERT_EQ(cluster.submit(second).error().message(), "");
    run_fault_storm(cluster, {}, [&outputs] { outputs.commits_fail = 2; });
    EXPECT_EQ(cluster.run_to_end(first.job_id()).state(), proto::JOB_FINISHED);
    EXPECT_EQ(cluster.run_to_end(second.job_id()).state(), proto::JOB_FINISHED);
    expect_each_split_once(outputs, 2);
    expect_nothing_left(cluster, outputs);
    if (::testing::Test::HasFailure())
      return;
  }
}

TEST(FaultStorm, UserCodeThatThrowsNowAndThenCostsAttemptsOnly) {
  for (const std::uint64_t seed : seeds()) {
    SCOPED_TRACE("LEAT_SEED=" + std::to_string(seed));
    ScriptedOutputs outputs;
    outputs.splits = 100;
    ScriptedFaults faults;
    std::mt19937_64 dice(seed);
    faults.after_split = [&dice](const proto::SubtaskRef& ref, std::uint64_t /*splits*/) {
      std::optional<proto::SubtaskEvent::Failed> failed;
      if (ref.attempt() < 10 && dice() % 50 == 0) {
        failed.emplace();
        failed->mutable_error()->set_kind(proto::ERROR_USER);
        failed->mutable_error()->set_message("bad luck");
      }
      return failed;
    };
    SimCluster cluster(stormy(seed), scripted_slots(outputs, faults), outputs);
    const auto job = scripted_job(1, 6);
    ASSERT_EQ(cluster.submit(job).error().message(), "");
    FaultStormOptions storm;
    storm.faults = 5;
    run_fault_storm(cluster, storm);
    EXPECT_EQ(cluster.run_to_end(job.job_id()).state(), proto::JOB_FINISHED);
    expect_each_split_once(outputs, 1);
    expect_nothing_left(cluster, outputs);
    if (::testing::Test::HasFailure())
      return;
  }
}

TEST(FaultStorm, AClientGetsTheRowsOfOneWholeAttempt) {
  for (const std::uint64_t seed : seeds()) {
    SCOPED_TRACE("LEAT_SEED=" + std::to_string(seed));
    ScriptedOutputs outputs;
    outputs.splits = 300;
    ScriptedFaults faults;
    auto options = stormy(seed);
    options.job_manager.collect_buffer_bytes = 500;  // the client sets the pace
    SimCluster cluster(options, scripted_slots(outputs, faults, /*collect=*/true), outputs);
    const auto job = scripted_job(1, 6, /*collect=*/true);
    ASSERT_EQ(cluster.submit(job).error().message(), "");
    SimResultsClient client(cluster, job.job_id());
    FaultStormOptions storm;
    storm.faults = 1;
    for (int gust = 0; gust < 15; ++gust) {
      client.pull();
      run_fault_storm(cluster, storm);
    }
    client.pull_to_end();
    EXPECT_EQ(client.error(), "");
    EXPECT_EQ(cluster.run_to_end(job.job_id()).state(), proto::JOB_FINISHED);
    std::multiset<std::uint64_t> rows;
    for (const std::string& row : client.rows())
      rows.insert(std::stoull(row));
    EXPECT_EQ(rows.size(), outputs.splits);
    EXPECT_EQ(std::set<std::uint64_t>(rows.begin(), rows.end()).size(), outputs.splits);
    expect_nothing_left(cluster, outputs);
    if (::testing::Test::HasFailure())
      return;
  }
}

TEST(FaultStorm, ACancelledJobEndsAndLeavesNothing) {
  for (const std::uint64_t seed : seeds()) {
    SCOPED_TRACE("LEAT_SEED=" + std::to_string(seed));
    ScriptedOutputs outputs;
    ScriptedFaults faults;
    faults.idle = true;
    SimCluster cluster(stormy(seed), scripted_slots(outputs, faults), outputs);
    const auto job = scripted_job(1, 8);
    ASSERT_EQ(cluster.submit(job).error().message(), "");
    FaultStormOptions storm;
    storm.faults = 6;
    run_fault_storm(cluster, storm);
    EXPECT_EQ(cluster.cancel(job.job_id()).error().message(), "");
    run_fault_storm(cluster, storm);
    EXPECT_EQ(cluster.run_to_end(job.job_id()).state(), proto::JOB_CANCELED);
    EXPECT_TRUE(outputs.visible.empty());
    expect_nothing_left(cluster, outputs);
    if (::testing::Test::HasFailure())
      return;
  }
}

}  // namespace
}  // namespace leat::sim
