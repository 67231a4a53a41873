// The real word count (real operators, connectors and files in memory) on a simulated cluster of 4 × 2
// slots: equal to a loop over the text, whatever the parallelism, the order of messages and the faults.

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <random>
#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>

#include <gtest/gtest.h>

#include "runtime/connectors/collect.hpp"
#include "runtime/connectors/text_directory.hpp"
#include "runtime/connectors/text_files.hpp"
#include "tests/sim_support/fault_storm.hpp"
#include "tests/sim_support/file_outputs.hpp"
#include "tests/sim_support/pipeline_slot.hpp"
#include "tests/sim_support/sim_cluster.hpp"
#include "tests/sim_support/sim_results_client.hpp"
#include "tests/support/graph_of.hpp"
#include "tests/support/memory_file_system.hpp"

namespace leat::sim {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

using Counts = std::map<std::string, std::uint64_t>;

constexpr const char* kInput = "/texts";
constexpr const char* kOutput = "/out";

std::string some_text(std::uint64_t seed, std::size_t words) {
  std::mt19937_64 random(seed);
  std::geometric_distribution<int> word(0.01);
  std::string text;
  for (std::size_t i = 1; i <= words; ++i) {
    text += "word" + std::to_string(word(random));
    text += i % 7 == 0 ? '\n' : ' ';
  }
  return text;
}

void count_into(Counts& counts, const std::string& text) {
  std::istringstream words(text);
  for (std::string word; words >> word;)
    ++counts[word];
}

void emit_words(std::string_view line, Collector<std::string>& words) {
  while (!line.empty()) {
    const std::size_t end = std::min(line.find(' '), line.size());
    if (end > 0)
      words.emit(line.substr(0, end));
    line.remove_prefix(std::min(end + 1, line.size()));
  }
}

const auto kFormat = [](const auto& pair, std::string& line) {
  line.append(pair.first).append("\t").append(std::to_string(pair.second));
};

enum class To { kDirectory, kClient };

std::shared_ptr<const runtime::JobGraph> word_count(To to) {
  runtime::BuildOptions options;
  options.mode = proto::MODE_BATCH;
  return test::graph_of(
      [to](Environment& env) {
        TextFilesOptions splits;
        splits.split_bytes = 512;
        auto counts = env.source(text_files(kInput, splits))
                          .flat_map(emit_words)
                          .key_by([](std::string_view word) { return word; })
                          .count();
        if (to == To::kDirectory)
          counts.sink(text_directory(kOutput, kFormat));
        else
          counts.sink(collect(kFormat));
      },
      options);
}

/// The counts in lines "word<TAB>count"; a word twice is an error.
void parse_into(Counts& counts, const std::string& lines) {
  std::istringstream in(lines);
  for (std::string line; std::getline(in, line);) {
    const std::size_t tab = line.find('\t');
    ASSERT_NE(tab, std::string::npos) << line;
    const bool added =
        counts.emplace(line.substr(0, tab), std::stoull(line.substr(tab + 1))).second;
    EXPECT_TRUE(added) << line;
  }
}

class WordCountInOneThread : public ::testing::TestWithParam<std::uint32_t> {
 protected:
  WordCountInOneThread() {
    for (std::uint64_t file = 0; file < 4; ++file)
      count_into(expected_, some_text(file, 3000));
  }

  void build(To to, const SimClusterOptions& options) { build(word_count(to), options); }
  void build(std::shared_ptr<const runtime::JobGraph> graph, const SimClusterOptions& options) {
    graph_ = std::move(graph);
    cluster_ = std::make_unique<SimCluster>(
        options, pipeline_slots([this](const std::string&) { return graph_; }), outputs_);
    for (std::uint64_t file = 0; file < 4; ++file)
      files().add_file(std::string(kInput) + "/" + std::to_string(file) + ".txt",
                       some_text(file, 3000));
    cluster_->world().run_for(seconds(1));
  }

  proto::SubmitJob job() const {
    proto::SubmitJob job;
    job.set_job_id(JobId(1, 1).hex());
    job.set_name("word_count");
    job.set_artefact_sha256(std::string(64, 'a'));
    job.set_plan_sha256(graph_->plan_sha256());
    *job.mutable_plan() = graph_->plan();
    job.set_parallelism(GetParam());
    job.set_attached(true);
    return job;
  }

  test::MemoryFileSystem& files() { return cluster_->storage(); }

  Counts output() {
    Counts counts;
    std::istringstream names(files().names(kOutput));
    for (std::string name; names >> name;) {
      EXPECT_TRUE(name.starts_with("part-")) << name << " was left behind";
      parse_into(counts, files().bytes(std::string(kOutput) + "/" + name).value());
    }
    return counts;
  }

  FileOutputs outputs_;
  Counts expected_;
  std::shared_ptr<const runtime::JobGraph> graph_;
  std::unique_ptr<SimCluster> cluster_;
};
INSTANTIATE_TEST_SUITE_P(Parallelisms, WordCountInOneThread, ::testing::Values(1, 2, 6, 10));

TEST_P(WordCountInOneThread, EqualsALoopOverTheText) {
  build(To::kDirectory, {});
  ASSERT_EQ(cluster_->submit(job()).error().message(), "");
  const auto status = cluster_->run_to_end(job().job_id());
  EXPECT_EQ(status.state(), proto::JOB_FINISHED) << status.ShortDebugString();
  EXPECT_EQ(status.attempt(), 1U);
  EXPECT_EQ(status.records_out(), expected_.size());
  cluster_->world().run_for(seconds(1));
  EXPECT_EQ(output(), expected_);
}

TEST_P(WordCountInOneThread, EqualsALoopOverTheTextWhenATaskManagerIsLostInTheMiddle) {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    SCOPED_TRACE(seed);
    SimClusterOptions options;
    options.seed = seed;
    build(To::kDirectory, options);
    ASSERT_EQ(cluster_->submit(job()).error().message(), "");
    ASSERT_TRUE(cluster_->run_until(job().job_id(), proto::JOB_RUNNING));
    cluster_->world().run_for(std::chrono::microseconds(500 * seed));
    cluster_->kill_task_manager(0);  // the first is placed on it, whatever the parallelism
    const auto status = cluster_->run_to_end(job().job_id());
    EXPECT_EQ(status.state(), proto::JOB_FINISHED) << status.ShortDebugString();
    EXPECT_EQ(status.attempt(), 2U);
    cluster_->world().run_for(seconds(1));
    EXPECT_EQ(output(), expected_);
  }
}

TEST_P(WordCountInOneThread, SurvivesAFaultStorm) {
  SimClusterOptions options;
  options.seed = GetParam();
  options.job_manager.job.restart.fixed_delay_attempts = 1000;
  build(To::kDirectory, options);
  ASSERT_EQ(cluster_->submit(job()).error().message(), "");
  run_fault_storm(*cluster_, {});
  const auto status = cluster_->run_to_end(job().job_id());
  EXPECT_EQ(status.state(), proto::JOB_FINISHED) << status.ShortDebugString();
  cluster_->world().run_for(seconds(30));
  EXPECT_EQ(output(), expected_);
}

TEST_P(WordCountInOneThread, SendsItsRowsToTheClient) {
  build(To::kClient, {});
  ASSERT_EQ(cluster_->submit(job()).error().message(), "");
  SimResultsClient client(*cluster_, job().job_id());
  client.pull_to_end();
  EXPECT_EQ(client.error(), "");
  std::string lines;
  for (const std::string& row : client.rows())
    lines += row + "\n";
  Counts counts;
  parse_into(counts, lines);
  EXPECT_EQ(counts, expected_);
  EXPECT_EQ(cluster_->status(job().job_id()).state(), proto::JOB_FINISHED);
}

TEST_P(WordCountInOneThread, GivesTheClientWholeRowsAfterATaskManagerIsLost) {
  build(To::kClient, {});
  ASSERT_EQ(cluster_->submit(job()).error().message(), "");
  SimResultsClient client(*cluster_, job().job_id());
  ASSERT_TRUE(cluster_->run_until(job().job_id(), proto::JOB_RUNNING));
  cluster_->world().run_for(milliseconds(20));
  cluster_->kill_task_manager(0);
  client.pull_to_end();
  EXPECT_EQ(client.error(), "");
  std::string lines;
  for (const std::string& row : client.rows())
    lines += row + "\n";
  Counts counts;
  parse_into(counts, lines);
  EXPECT_EQ(counts, expected_);
}

TEST_P(WordCountInOneThread, AThrowingFunctionFailsTheJobWithItsOperatorAndPosition) {
  build(test::graph_of([](Environment& env) {
          env.source(text_files(kInput))
              .filter([](std::string_view line) {
                if (line == "poison")
                  throw std::runtime_error("cannot swallow this");
                return true;
              })
              .sink(text_directory(kOutput));
        }),
        {});
  files().add_file(std::string(kInput) + "/poison.txt", "fine\npoison\n");
  ASSERT_EQ(cluster_->submit(job()).error().message(), "");
  const auto status = cluster_->run_to_end(job().job_id());
  EXPECT_EQ(status.state(), proto::JOB_FAILED);
  EXPECT_EQ(status.restarts(), 2U);
  EXPECT_EQ(status.failure().kind(), proto::ERROR_USER);
  for (const char* part : {"filter", "/texts/poison.txt", "cannot swallow this"})
    EXPECT_NE(status.failure().message().find(part), std::string::npos)
        << status.failure().message();
  cluster_->world().run_for(seconds(1));
  EXPECT_TRUE(output().empty());
}

}  // namespace
}  // namespace leat::sim
