#include "actors/local_cluster.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/actors/job_runner.hpp"
#include "tests/actors/recording_log.hpp"
#include "tests/support/temp_dir.hpp"

namespace leat::actors {
namespace {

const std::string kCountWords = LEAT_TEST_JOBS_DIR "/count_words.so";

std::string sample_text() {
  std::string text;
  for (int line = 0; line < 5000; ++line)
    text += "the line " + std::to_string(line % 97) + " of the text\n";
  return text;
}

class LocalClusterTest : public ::testing::Test {
 protected:
  std::unique_ptr<LocalCluster> start(std::uint32_t slots) {
    LocalClusterOptions options;
    options.slots = slots;
    options.engine.resource_wait = Duration::zero();
    auto cluster = LocalCluster::start(options, log_, stop_);
    EXPECT_TRUE(cluster.ok()) << (cluster.ok() ? "" : cluster.error().message());
    return std::move(*cluster);
  }

  testing::TempDir dir_;
  testing::RecordingLog log_;
  StopSignal stop_;
};

TEST_F(LocalClusterTest, RunsAJobFromSubmissionToFinished) {
  const auto cluster = start(2);
  const std::string input = dir_.write("input.txt", sample_text());
  const auto job = testing::submit_job(
      cluster->client(), {kCountWords, {"--input", input, "--output", dir_.file("out")}, 2});
  ASSERT_TRUE(job.ok()) << job.error().message();
  const auto status = testing::await_end(cluster->client(), *job);
  ASSERT_TRUE(status.ok()) << status.error().message();
  EXPECT_EQ(proto::JOB_FINISHED, status->state()) << status->ShortDebugString();
  EXPECT_EQ(testing::expected_counts(sample_text()), testing::output_lines(dir_.file("out")));
}

}  // namespace
}  // namespace leat::actors
