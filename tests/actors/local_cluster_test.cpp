#include "actors/local_cluster.hpp"

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/actors/job_runner.hpp"
#include "tests/actors/recording_log.hpp"
#include "tests/support/temp_dir.hpp"

namespace leat::actors {
namespace {

const std::string kCountWords = LEAT_TEST_JOBS_DIR "/count_words.so";
const std::string kSequence = LEAT_JOBS_DIR "/sequence.so";

std::string sample_text() {
  std::string text;
  for (int line = 0; line < 5000; ++line)
    text += "the line " + std::to_string(line % 97) + " of the text\n";
  return text;
}

/// Files of records, in progress or visible.
int count_parts(const std::string& directory) {
  int parts = 0;
  for (const auto& entry : std::filesystem::directory_iterator(directory))
    parts += entry.path().filename().string().find("part-") != std::string::npos ? 1 : 0;
  return parts;
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

  test::TempDir dir_;
  test::RecordingLog log_;
  StopSignal stop_;
};

TEST_F(LocalClusterTest, RunsAJobFromSubmissionToFinished) {
  const auto cluster = start(2);
  const std::string input = dir_.write("input.txt", sample_text());
  const auto job = test::submit_job(
      cluster->client(), {kCountWords, {"--input", input, "--output", dir_.file("out")}, 2});
  ASSERT_TRUE(job.ok()) << job.error().message();
  const auto status = test::await_end(cluster->client(), *job);
  ASSERT_TRUE(status.ok()) << status.error().message();
  EXPECT_EQ(proto::JOB_FINISHED, status->state()) << status->ShortDebugString();
  EXPECT_EQ(test::expected_counts(sample_text()), test::output_lines(dir_.file("out")));
}

TEST_F(LocalClusterTest, BringsCollectedResultsToTheClient) {
  const auto cluster = start(2);
  const std::string input = dir_.write("input.txt", sample_text());
  const auto job = test::submit_job(cluster->client(),
                                    {kCountWords, {"--input", input}, 2, proto::MODE_BATCH, true});
  ASSERT_TRUE(job.ok()) << job.error().message();
  auto rows = test::fetch_rows(cluster->client(), *job);
  ASSERT_TRUE(rows.ok()) << rows.error().message();
  std::sort(rows->begin(), rows->end());
  EXPECT_EQ(test::expected_counts(sample_text()), *rows);
}

TEST_F(LocalClusterTest, RunsWithFewerSlotsThanAskedFor) {
  const auto cluster = start(1);
  const std::string input = dir_.write("input.txt", sample_text());
  const auto job = test::submit_job(
      cluster->client(), {kCountWords, {"--input", input, "--output", dir_.file("out")}, 3});
  ASSERT_TRUE(job.ok()) << job.error().message();
  const auto status = test::await_end(cluster->client(), *job);
  ASSERT_TRUE(status.ok()) << status.error().message();
  EXPECT_EQ(proto::JOB_FINISHED, status->state()) << status->ShortDebugString();
  EXPECT_EQ(test::expected_counts(sample_text()), test::output_lines(dir_.file("out")));
}

TEST_F(LocalClusterTest, AUserFunctionThatThrowsFailsTheJobWithItsWords) {
  const auto cluster = start(2);
  const std::string input = dir_.write("input.txt", "one two\nthree four\n");
  const auto job = test::submit_job(cluster->client(),
                                    {kCountWords, {"--input", input, "--throw-at", "three"}, 1});
  ASSERT_TRUE(job.ok()) << job.error().message();
  const auto status = test::await_end(cluster->client(), *job);
  ASSERT_TRUE(status.ok()) << status.error().message();
  EXPECT_EQ(proto::JOB_FAILED, status->state()) << status->ShortDebugString();
  EXPECT_EQ(proto::ERROR_USER, status->failure().kind());
  EXPECT_NE(std::string::npos, status->failure().message().find("the word is poison"))
      << status->failure().message();
  EXPECT_FALSE(stop_.stopped());  // the job's fault, not the cluster's
}

TEST_F(LocalClusterTest, ACancelledJobLeavesNoOutput) {
  const auto cluster = start(2);
  const auto job = test::submit_job(
      cluster->client(),
      {kSequence,
       {"--count", "1000000", "--keys", "2", "--rate", "1000", "--output", dir_.file("out")},
       2});
  ASSERT_TRUE(job.ok()) << job.error().message();
  ASSERT_TRUE(test::await_status(cluster->client(), *job, [](const auto& status) {
                return status.records_in() > 0;
              }).ok());
  EXPECT_TRUE(cluster->client().cancel(*job).ok());
  const auto status = test::await_end(cluster->client(), *job);
  ASSERT_TRUE(status.ok()) << status.error().message();
  EXPECT_EQ(proto::JOB_CANCELED, status->state()) << status->ShortDebugString();
  EXPECT_TRUE(test::output_lines(dir_.file("out/numbers")).empty());
}

TEST_F(LocalClusterTest, EndsInOrderInTheMiddleOfAJobAndRemovesWhatIsInProgress) {
  auto cluster = start(2);
  const auto job = test::submit_job(
      cluster->client(),
      {kSequence,
       {"--count", "1000000", "--keys", "2", "--rate", "1000", "--output", dir_.file("out")},
       2});
  ASSERT_TRUE(job.ok()) << job.error().message();
  ASSERT_TRUE(test::await_status(cluster->client(), *job, [](const auto& status) {
                return status.records_in() > 0;
              }).ok());
  cluster.reset();
  EXPECT_EQ(0, count_parts(dir_.file("out/numbers")));
}

}  // namespace
}  // namespace leat::actors
