// Word count on real processes equals what coreutils count, for each text and each parallelism.

#include <gmock/gmock.h>

#include "tests/integration/cluster.hpp"
#include "tests/integration/oracle.hpp"
#include "tests/integration/texts.hpp"

namespace leat::test {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr int kParallelisms[] = {1, 2, 6, 10};

class WordCount : public ::testing::TestWithParam<std::string> {
 protected:
  WordCount() : text_(texts_.get(GetParam())), expected_(words_by_coreutils(text_.files)) {}

  /// The options, the object and --input.
  [[nodiscard]] std::vector<std::string> words(const std::string& mode, int parallelism) const {
    std::vector<std::string> words{
        "--mode", mode, "-p", std::to_string(parallelism), example_job("word_count"), "--input"};
    words.insert(words.end(), text_.input.begin(), text_.input.end());
    return words;
  }

  void expect_counted(const std::vector<std::string>& command, const std::string& output) const {
    const Outcome outcome = run(command);
    ASSERT_EQ(outcome.code, 0) << outcome.err;
    EXPECT_THAT(outcome.err, HasSubstr("has finished."));
    EXPECT_EQ(outcome.out, "");
    EXPECT_EQ(sorted_output(output), expected_);
    EXPECT_THAT(hidden_files(output), IsEmpty());
  }

  Texts texts_;
  Text text_;
  std::string expected_;
  TempDir outputs_;
};

TEST_P(WordCount, EqualsCoreutilsInOneProcess) {
  for (const int parallelism : kParallelisms) {
    SCOPED_TRACE(parallelism);
    const std::string output = outputs_.file("counts-" + std::to_string(parallelism));
    std::vector<std::string> command = leat({"local", "--slots", "10"});
    for (const std::string& word : words("batch", parallelism))
      command.push_back(word);
    command.insert(command.end(), {"--output", output});
    expect_counted(command, output);
  }
}

TEST_P(WordCount, EqualsCoreutilsOnACluster) {
  Cluster cluster({"jobmanager.adaptive-scheduler.resource-wait-timeout=200 ms"});
  cluster.add_task_managers(4, 2);
  for (const int parallelism : kParallelisms) {
    SCOPED_TRACE(parallelism);
    const std::string output = outputs_.file("counts-" + std::to_string(parallelism));
    std::vector<std::string> job = words("batch", parallelism);
    job.insert(job.end(), {"--output", output});
    expect_counted(cluster.client("run", job), output);
  }
}

TEST_P(WordCount, ReturnsItsRowsToTheClientWithoutAnOutput) {
  std::vector<std::string> command = leat({"local", "--slots", "2"});
  for (const std::string& word : words("batch", 2))
    command.push_back(word);
  const Outcome outcome = run(command);
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_EQ(sorted_lines(outcome.out), expected_);
}

INSTANTIATE_TEST_SUITE_P(Of, WordCount, ::testing::ValuesIn(Texts::names()),
                         [](const auto& tested) { return tested.param; });

TEST(WordCountStreaming, EmitsEachUpdateAndEndsWithTheSameCounts) {
  const Texts texts;
  const Text text = texts.get("directory");
  const Outcome outcome =
      run(leat({"local", "-p", "2", example_job("word_count"), "--input", text.input.front()}));
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_EQ(last_counts(outcome.out), words_by_coreutils(text.files));
  EXPECT_THAT(outcome.out, HasSubstr("two\t1\n"));
  EXPECT_THAT(outcome.out, HasSubstr("two\t2\n"));
}

TEST(WordCountRows, ComeThroughTheClusterToTheClient) {
  const Texts texts;
  const Text text = texts.get("licenses");
  Cluster cluster;
  cluster.add_task_managers(2, 2);
  const Outcome outcome = cluster.run_client(
      "run",
      {"-p", "4", "--mode", "batch", example_job("word_count"), "--input", text.input.front()});
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_EQ(sorted_lines(outcome.out), words_by_coreutils(text.files));
}

}  // namespace
}  // namespace leat::test
