#include "tests/sim/sim_job.hpp"

#include <algorithm>
#include <iterator>
#include <memory>
#include <sstream>
#include <stdexcept>
#include <utility>

#include "runtime/api/words.hpp"
#include "runtime/connectors/collect.hpp"
#include "runtime/connectors/generator.hpp"
#include "runtime/connectors/generator_reader.hpp"
#include "runtime/connectors/text_directory.hpp"
#include "runtime/connectors/text_files.hpp"
#include "tests/support/graph_of.hpp"

namespace leat::sim {

namespace {

constexpr const char* kTexts = "/texts";
constexpr std::uint64_t kTextFiles = 3;
/// The number at which a job's function throws, if it does.
constexpr std::uint64_t kPoison = 57;
/// Numbers a second that a ragged job's first subtask reads, and the others.
constexpr double kSlowRate = 60;
constexpr double kFastRate = 2000;
constexpr std::string_view kKindNames[] = {"sums",    "updates",   "two_edges", "word_count",
                                           "passing", "collected", "ragged"};

const auto kPairFormat = [](const auto& pair, std::string& line) {
  line.append(std::to_string(pair.first)).append("\t").append(std::to_string(pair.second));
};
const auto kWordFormat = [](const auto& pair, std::string& line) {
  line.append(pair.first).append("\t").append(std::to_string(pair.second));
};

std::string pair_line(std::uint64_t first, std::uint64_t second) {
  return std::to_string(first) + "\t" + std::to_string(second);
}

/// Several words a line, some of them rare.
std::string text_of(const SimJobParameters& job, std::uint64_t file) {
  std::string text;
  for (std::uint64_t i = file; i < job.records; i += kTextFiles)
    text += "word" + std::to_string(i * i % (job.keys * 3)) + (i % 4 == 0 ? "\n" : " ");
  return text;
}

auto numbers(Environment& env, const SimJobParameters& job) {
  return env.source(sequence(job.records, {.rate = job.rate}))
      .map([left = job.throws_left](std::uint64_t number) {
        if (number == kPoison && *left > 0) {
          --*left;
          throw std::runtime_error("cannot swallow this number now");
        }
        return number;
      });
}

std::uint64_t itself(std::uint64_t number) {
  return number;
}

/// As sequence() is, but each subtask has a rate of its own.
Source<std::uint64_t> ragged(std::uint64_t count) {
  using Reader = runtime::GeneratorReader<std::uint64_t, decltype(&itself)>;
  return {.name = "ragged sequence",
          .kind = "range",
          .config = detail::range_config({.count = count, .unbounded = false, .rate = 0}),
          .make_reader =
              [](const ReaderContext& context) -> std::unique_ptr<SourceReader<std::uint64_t>> {
            const double rate = context.subtask == 0 ? kSlowRate : kFastRate;
            return std::make_unique<Reader>(&itself, runtime::RateLimiter(rate, 0, 1));
          }};
}

auto counts(Environment& env, const SimJobParameters& job, Emit emit) {
  return numbers(env, job)
      .key_by([keys = job.keys](std::uint64_t number) { return number % keys; })
      .count(emit);
}

void build(SimJobKind kind, Environment& env, const SimJobParameters& job) {
  switch (kind) {
    case SimJobKind::kSums: {
      const auto all = numbers(env, job);
      all.sink(text_directory(job.output + "/numbers"));
      all.key_by([keys = job.keys](std::uint64_t number) { return number % keys; })
          .sum(Emit::kAtEnd)
          .sink(text_directory(job.output + "/sums", kPairFormat));
      return;
    }
    case SimJobKind::kUpdates:
      counts(env, job, Emit::kEveryUpdate).sink(text_directory(job.output, kPairFormat));
      return;
    case SimJobKind::kTwoEdges:
      counts(env, job, Emit::kEveryUpdate)
          .key_by([](const auto& pair) { return pair.first % 3; })
          .count(Emit::kEveryUpdate)
          .sink(text_directory(job.output, kPairFormat));
      return;
    case SimJobKind::kWordCount: {
      TextFilesOptions splits;
      splits.split_bytes = 256;
      env.source(text_files(kTexts, splits))
          .flat_map([](std::string_view line, Collector<std::string>& out) { words(line, out); })
          .key_by([](std::string_view word) { return word; })
          .count()
          .sink(text_directory(job.output, kWordFormat));
      return;
    }
    case SimJobKind::kPassing:
      numbers(env, job).rebalance().sink(text_directory(job.output));
      return;
    case SimJobKind::kCollected:
      counts(env, job, Emit::kEveryUpdate).sink(collect(kPairFormat));
      return;
    case SimJobKind::kRagged:
      env.source(ragged(job.records)).sink(text_directory(job.output));
      return;
  }
}

std::vector<std::string> updates(std::uint64_t records, std::uint64_t keys) {
  std::vector<std::string> lines;
  for (std::uint64_t number = 0; number < records; ++number)
    lines.push_back(pair_line(number % keys, number / keys + 1));
  return lines;
}

std::vector<std::string> updates_of_updates(const SimJobParameters& job) {
  std::vector<std::string> lines;
  std::uint64_t seen[3] = {0, 0, 0};
  for (std::uint64_t number = 0; number < job.records; ++number) {
    const std::uint64_t key = number % job.keys % 3;
    lines.push_back(pair_line(key, ++seen[key]));
  }
  return lines;
}

std::vector<std::string> all_numbers(std::uint64_t records) {
  std::vector<std::string> lines;
  for (std::uint64_t number = 0; number < records; ++number)
    lines.push_back(std::to_string(number));
  return lines;
}

std::vector<std::string> sums(const SimJobParameters& job) {
  std::map<std::uint64_t, std::uint64_t> by_key;
  for (std::uint64_t number = 0; number < job.records; ++number)
    by_key[number % job.keys] += number;
  std::vector<std::string> lines;
  for (const auto& [key, sum] : by_key)
    lines.push_back(pair_line(key, sum));
  return lines;
}

std::vector<std::string> word_counts(const SimJobParameters& job) {
  std::map<std::string, std::uint64_t> by_word;
  for (std::uint64_t file = 0; file < kTextFiles; ++file) {
    std::istringstream text(text_of(job, file));
    for (std::string word; text >> word;)
      ++by_word[word];
  }
  std::vector<std::string> lines;
  for (const auto& [word, count] : by_word)
    lines.push_back(word + "\t" + std::to_string(count));
  return lines;
}

SimOutput unsorted_output(SimJobKind kind, const SimJobParameters& job) {
  switch (kind) {
    case SimJobKind::kSums:
      return {{job.output + "/numbers", all_numbers(job.records)},
              {job.output + "/sums", sums(job)}};
    case SimJobKind::kUpdates:
      return {{job.output, updates(job.records, job.keys)}};
    case SimJobKind::kTwoEdges:
      return {{job.output, updates_of_updates(job)}};
    case SimJobKind::kWordCount:
      return {{job.output, word_counts(job)}};
    case SimJobKind::kPassing:
    case SimJobKind::kRagged:
      return {{job.output, all_numbers(job.records)}};
    case SimJobKind::kCollected:
      return {{kRows, updates(job.records, job.keys)}};
  }
  return {};
}

}  // namespace

std::string_view job_kind_name(SimJobKind kind) {
  return kKindNames[static_cast<std::size_t>(kind)];
}

bool collects(SimJobKind kind) {
  return kind == SimJobKind::kCollected;
}

std::shared_ptr<const runtime::JobGraph> make_graph(SimJobKind kind,
                                                    const SimJobParameters& parameters) {
  runtime::BuildOptions options;
  if (kind == SimJobKind::kWordCount)
    options.mode = proto::MODE_BATCH;
  return test::graph_of([&](Environment& env) { build(kind, env, parameters); }, options);
}

void add_input(SimJobKind kind, const SimJobParameters& parameters, test::MemoryFileSystem& files) {
  if (kind != SimJobKind::kWordCount)
    return;
  for (std::uint64_t file = 0; file < kTextFiles; ++file)
    files.add_file(std::string(kTexts) + "/" + std::to_string(file), text_of(parameters, file));
}

SimOutput expected_output(SimJobKind kind, const SimJobParameters& parameters) {
  SimOutput output = unsorted_output(kind, parameters);
  for (auto& [place, lines] : output)
    std::sort(lines.begin(), lines.end());
  return output;
}

}  // namespace leat::sim
