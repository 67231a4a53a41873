// The jobs in examples/, loaded as they are shipped and run by pipelines in one thread.

#include <algorithm>
#include <map>
#include <random>
#include <sstream>

#include <gmock/gmock.h>

#include "runtime/connectors/output_commit.hpp"
#include "runtime/job/job_library.hpp"
#include "tests/support/pipeline_cluster.hpp"

namespace leat {
namespace {

using runtime::BuildOptions;
using runtime::JobGraph;
using test::MemoryFileSystem;
using test::PipelineCluster;
using testing::HasSubstr;

using Graph = Result<std::shared_ptr<const JobGraph>>;

Graph build(const std::string& job, const std::vector<std::string>& arguments,
            proto::Mode mode = proto::MODE_BATCH) {
  auto library = runtime::JobLibrary::load(std::string(LEAT_JOBS_DIR) + "/" + job + ".so");
  if (!library)
    return library.error();
  BuildOptions options;
  options.mode = mode;
  return (*library)->build(arguments, options);
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);)
    lines.push_back(line);
  return lines;
}

/// All lines of the visible files in a directory, sorted.
std::vector<std::string> output_lines(const MemoryFileSystem& files, const std::string& directory) {
  std::vector<std::string> lines;
  const auto path_of = [&directory](const std::string& name) {
    return std::string(directory).append("/").append(name);
  };
  std::istringstream names(files.names(directory));
  for (std::string name; names >> name;) {
    EXPECT_TRUE(name.starts_with("part-")) << name << " was left behind";
    for (auto& line : lines_of(files.bytes(path_of(name)).value()))
      lines.push_back(std::move(line));
  }
  std::sort(lines.begin(), lines.end());
  return lines;
}

/// Prepares, runs, commits and cleans up, as JobManager and TaskManagers do.
void run_job(const JobGraph& graph, PipelineCluster& cluster, std::uint32_t parallelism) {
  const JobId job(1, 2);
  const auto prepared = runtime::prepare_job(cluster.files(), graph.plan(), job, parallelism);
  ASSERT_TRUE(prepared.ok()) << prepared.error().message();
  cluster.run();
  ASSERT_EQ(cluster.failure(), nullptr) << cluster.failure()->error.message();
  ASSERT_TRUE(cluster.finished());
  for (std::uint32_t subtask = 0; subtask < parallelism; ++subtask)
    for (const auto& committable : cluster.task(subtask).committables())
      ASSERT_TRUE(runtime::commit_output(cluster.files(), committable).ok());
  runtime::clean_outputs(cluster.files(), graph.plan(), job, Attempt{1}, true);
}

std::vector<std::string> counted(const std::vector<std::string>& texts) {
  std::map<std::string, std::uint64_t> counts;
  for (const auto& text : texts) {
    std::string word;
    for (const char raw : text + " ") {
      const char c = raw >= 'A' && raw <= 'Z' ? static_cast<char>(raw + 32) : raw;
      if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_')
        word += c;
      else if (!word.empty())
        ++counts[std::exchange(word, {})];
    }
  }
  std::vector<std::string> lines;
  lines.reserve(counts.size());
  for (const auto& [word, count] : counts)
    lines.push_back(word + "\t" + std::to_string(count));
  std::sort(lines.begin(), lines.end());
  return lines;
}

std::string random_text(std::uint32_t seed, std::size_t bytes) {
  constexpr std::string_view kBytes = "aaabbcdeABE_019   \n.,'\xc3\xa4";
  std::mt19937 random(seed);
  std::string text(bytes, ' ');
  for (char& c : text)
    c = kBytes[std::uniform_int_distribution<std::size_t>(0, kBytes.size() - 1)(random)];
  return text;
}

class ExampleJobs : public testing::TestWithParam<std::uint32_t> {};
INSTANTIATE_TEST_SUITE_P(AtParallelism, ExampleJobs, testing::Values(1, 2, 6, 10));

TEST_P(ExampleJobs, WordCountEqualsALoopOverTheTexts) {
  const auto graph = build("word_count", {"--input", "texts", "more.txt", "--output", "out"});
  ASSERT_TRUE(graph.ok()) << graph.error().message();
  PipelineCluster cluster(*graph, GetParam());
  std::vector<std::string> texts;
  for (std::uint32_t file = 0; file < 5; ++file) {
    texts.push_back(random_text(file, file * 60'000));
    cluster.files().add_file("texts/" + std::to_string(file), texts.back());
  }
  texts.emplace_back("The last line has no newline, the");
  cluster.files().add_file("more.txt", texts.back());
  run_job(**graph, cluster, GetParam());
  EXPECT_EQ(output_lines(cluster.files(), "out"), counted(texts));
}

TEST_P(ExampleJobs, WordCountWithoutOutputSendsRowsToTheClient) {
  const auto graph = build("word_count", {"--input", "in"});
  ASSERT_TRUE(graph.ok()) << graph.error().message();
  PipelineCluster cluster(*graph, GetParam());
  const std::string text = random_text(9, 100'000);
  cluster.files().add_file("in", text);
  run_job(**graph, cluster, GetParam());
  auto rows = cluster.rows();
  std::sort(rows.begin(), rows.end());
  EXPECT_EQ(rows, counted({text}));
}

TEST_P(ExampleJobs, WordCountOfNothingIsNothing) {
  const auto graph = build("word_count", {"--input", "empty", "--output", "out"});
  ASSERT_TRUE(graph.ok()) << graph.error().message();
  PipelineCluster cluster(*graph, GetParam());
  cluster.files().add_directory("empty");
  run_job(**graph, cluster, GetParam());
  EXPECT_EQ(cluster.files().names("out"), "");
}

TEST_P(ExampleJobs, SequenceWritesEachNumberOnceAndTheSumsAtTheEndInBothModes) {
  constexpr std::uint64_t kCount = 10'000;
  constexpr std::uint64_t kKeys = 7;
  for (const proto::Mode mode : {proto::MODE_STREAMING, proto::MODE_BATCH}) {
    const auto graph =
        build("sequence", {"--count", "10000", "--keys", "7", "--output", "out"}, mode);
    ASSERT_TRUE(graph.ok()) << graph.error().message();
    PipelineCluster cluster(*graph, GetParam());
    run_job(**graph, cluster, GetParam());

    std::vector<std::string> numbers;
    std::map<std::uint64_t, std::pair<std::uint64_t, std::uint64_t>> tallies;
    for (std::uint64_t n = 0; n < kCount; ++n) {
      numbers.push_back(std::to_string(n));
      tallies[n % kKeys].first += 1;
      tallies[n % kKeys].second += n;
    }
    std::sort(numbers.begin(), numbers.end());
    std::vector<std::string> sums;
    sums.reserve(tallies.size());
    for (const auto& [key, tally] : tallies)
      sums.push_back(std::to_string(key) + "\t" + std::to_string(tally.first) + "\t" +
                     std::to_string(tally.second));
    EXPECT_EQ(output_lines(cluster.files(), "out/numbers"), numbers);
    EXPECT_EQ(output_lines(cluster.files(), "out/sums"), sums);
  }
}

TEST_P(ExampleJobs, SequenceTakesAsLongAsItsRateSays) {
  const auto graph =
      build("sequence", {"--count", "3000", "--keys", "1", "--rate", "1000", "--output", "out"});
  ASSERT_TRUE(graph.ok()) << graph.error().message();
  PipelineCluster cluster(*graph, GetParam());
  const Time start = cluster.clock().now();
  run_job(**graph, cluster, GetParam());
  const double seconds = std::chrono::duration<double>(cluster.clock().now() - start).count();
  EXPECT_NEAR(seconds, 3, 0.1);
  EXPECT_EQ(output_lines(cluster.files(), "out/numbers").size(), 3000U);
}

TEST(ExampleJobArguments, MissingAndUselessOnesAreUsageErrorsInWords) {
  const auto refused = [](const std::string& job, const std::vector<std::string>& arguments,
                          const std::string& words) {
    const auto graph = build(job, arguments);
    ASSERT_FALSE(graph.ok());
    EXPECT_EQ(graph.error().kind(), ErrorKind::kUsage);
    EXPECT_THAT(graph.error().message(), HasSubstr(words));
  };
  refused("word_count", {}, "--input");
  refused("word_count", {"--input", "a", "--ouput", "b"}, "--ouput");
  refused("sequence", {"--count", "3", "--output", "out"}, "--keys");
  refused("sequence", {"--count", "3", "--keys", "0", "--output", "out"}, "--keys");
  refused("sequence", {"--count", "x", "--keys", "1", "--output", "out"}, "--count");
  refused("sequence", {"--count", "3", "--keys", "1", "--rate", "0", "--output", "o"}, "--rate");
}

}  // namespace
}  // namespace leat
