#include "tests/actors/network_cluster.hpp"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/actors/job_runner.hpp"
#include "tests/support/temp_dir.hpp"

namespace leat::actors {
namespace {

const std::string kCountWords = LEAT_TEST_JOBS_DIR "/count_words.so";

std::string sample_text() {
  std::string text;
  for (int line = 0; line < 20000; ++line)
    text += "line " + std::to_string(line) + " mod " + std::to_string(line % 97) + " of the text\n";
  return text;
}

TEST(NetworkCluster, RunsEightOfTenSubtasksOnFourTimesTwoSlotsAndGivesTheWholeResult) {
  test::TempDir dir;
  test::NetworkCluster cluster(dir.file("data"), 4, 2);
  const std::string input = dir.write("input.txt", sample_text());
  const auto job = test::submit_job(
      cluster.client(), {kCountWords, {"--input", input, "--output", dir.file("out")}, 10});
  ASSERT_TRUE(job.ok()) << job.error().message();
  const auto running = test::await_status(
      cluster.client(), *job, [](const auto& status) { return status.running_subtasks() > 0; });
  ASSERT_TRUE(running.ok()) << running.error().message();
  EXPECT_EQ(8U, running->running_subtasks());
  EXPECT_EQ(2U, running->waiting_subtasks());
  const auto ended = test::await_end(cluster.client(), *job);
  ASSERT_TRUE(ended.ok()) << ended.error().message();
  EXPECT_EQ(proto::JOB_FINISHED, ended->state()) << ended->ShortDebugString();
  EXPECT_EQ(1U, ended->attempt()) << ended->ShortDebugString();
  EXPECT_EQ(test::expected_counts(sample_text()), test::output_lines(dir.file("out")));
}

}  // namespace
}  // namespace leat::actors
