#include "runtime/coordination/job_options.hpp"

#include <chrono>

#include <gtest/gtest.h>

namespace leat::runtime {
namespace {

using namespace std::chrono_literals;
using Submitted = google::protobuf::Map<std::string, std::string>;

TEST(JobOptions, TakeWhatTheSubmissionSaysBeforeTheClustersDefaults) {
  JobOptions cluster;
  cluster.checkpoints.interval = 10s;
  cluster.checkpoints.num_retained = 5;
  Submitted submitted;
  submitted["execution.checkpointing.interval"] = "500 ms";
  submitted["execution.checkpointing.mode"] = "AT_LEAST_ONCE";
  submitted["execution.checkpointing.tolerable-failed-checkpoints"] = "2";
  submitted["restart-strategy.type"] = "failure-rate";
  submitted["restart-strategy.exponential-delay.backoff-multiplier"] = "1.5";
  submitted["scheduler"] = "fixed";
  submitted["execution.runtime-mode"] = "batch";  // not ours
  const auto options = job_options(cluster, submitted);
  ASSERT_TRUE(options.ok()) << options.error().message();
  EXPECT_EQ(options->checkpoints.interval, 500ms);
  EXPECT_EQ(options->checkpoints.num_retained, 5U);
  EXPECT_EQ(options->checkpoints.mode, CheckpointMode::kAtLeastOnce);
  EXPECT_EQ(options->checkpoints.tolerable_failures, 2U);
  EXPECT_EQ(options->restart.strategy, RestartStrategy::kFailureRate);
  EXPECT_EQ(options->restart.multiplier, 1.5);
  EXPECT_FALSE(options->adaptive);
}

TEST(JobOptions, SayWhichKeyHasAWrongValue) {
  Submitted submitted;
  submitted["execution.checkpointing.num-retained"] = "0";
  const auto options = job_options({}, submitted);
  ASSERT_FALSE(options.ok());
  EXPECT_EQ(options.error().message(),
            "execution.checkpointing.num-retained: '0' is out of range: it must be at least 1 and "
            "fit 32 bits");
}

TEST(JobOptions, RefuseACheckpointTimeoutOfNothing) {
  JobOptions options;
  EXPECT_FALSE(set_job_option(options, "execution.checkpointing.timeout", "0").ok());
  EXPECT_FALSE(set_job_option(options, "execution.checkpointing.timeout", "0 s").ok());
  EXPECT_TRUE(set_job_option(options, "execution.checkpointing.timeout", "10 ms").ok());
}

TEST(JobOptions, RefuseValuesOfNoMeaningForEachKey) {
  for (const std::string_view key : job_option_keys()) {
    JobOptions options;
    EXPECT_FALSE(set_job_option(options, key, "soon").ok()) << key;
    EXPECT_FALSE(set_job_option(options, key, "").ok()) << key;
  }
}

}  // namespace
}  // namespace leat::runtime
