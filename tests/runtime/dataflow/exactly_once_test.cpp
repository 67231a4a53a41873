// Pipelines killed at random points and restored from the last completed checkpoint, at another parallelism:
// what is committed in the end equals a run without faults. A failing seed is printed and replays exactly.

#include <algorithm>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "runtime/connectors/output_commit.hpp"
#include "runtime/connectors/text_directory.hpp"
#include "tests/support/faulty_run.hpp"
#include "tests/support/graph_of.hpp"
#include "tests/support/memory_connectors.hpp"
#include "tests/support/transactional_sink.hpp"

namespace leat::test {
namespace {

using Count = std::pair<std::string, std::uint64_t>;
using Log = TransactionLog<Count>;

constexpr std::uint64_t kRows = 1500;

std::string key_of(std::uint64_t row) {
  return "key " + std::to_string(row * row % 61);
}

/// Every update of every key, as a streaming count emits them.
std::vector<Count> all_updates(std::uint64_t rows, std::uint64_t times = 1) {
  std::map<std::string, std::uint64_t> totals;
  for (std::uint64_t row = 0; row < rows; ++row)
    totals[key_of(row)] += times;
  std::vector<Count> updates;
  for (const auto& [key, total] : totals)
    for (std::uint64_t count = 1; count <= total; ++count)
      updates.emplace_back(key, count);
  return updates;
}

std::vector<Count> totals(std::uint64_t rows) {
  std::map<std::string, std::uint64_t> totals;
  for (std::uint64_t row = 0; row < rows; ++row)
    ++totals[key_of(row)];
  return {totals.begin(), totals.end()};
}

std::vector<std::uint64_t> row_numbers(std::uint64_t count) {
  std::vector<std::uint64_t> rows(count);
  for (std::uint64_t row = 0; row < count; ++row)
    rows[row] = row;
  return rows;
}

/// Counts rows by key, in two stages: source and key, count and sink.
auto count_job(std::shared_ptr<Log> log, std::uint64_t rows = kRows) {
  return [log, rows](Environment& env) {
    env.source(vector_source(row_numbers(rows)))
        .map([](std::uint64_t row) { return key_of(row); })
        .key_by([](std::string_view key) { return key; })
        .count()
        .sink(transactional_sink(log));
  };
}

/// The same over a stage more, with rows that fill a buffer in dozens.
auto fat_job(std::shared_ptr<Log> log) {
  return [log](Environment& env) {
    env.source(vector_source(row_numbers(kRows)))
        .map([](std::uint64_t row) { return key_of(row) + "|" + std::string(2000, 'x'); })
        .rebalance()
        .map([](std::string_view text) { return text.substr(0, text.find('|')); })
        .key_by([](std::string_view key) { return key; })
        .count()
        .sink(transactional_sink(log));
  };
}

/// Four stages, two sources of which one is short, stages with several inputs, a sink at two ends.
auto wide_job(std::shared_ptr<Log> log, std::shared_ptr<TransactionLog<std::uint64_t>> odd) {
  return [log, odd](Environment& env) {
    auto first = env.source(vector_source(row_numbers(kRows)));
    auto second = env.source(vector_source(row_numbers(kRows / 5)));
    first.filter([](std::uint64_t row) { return row % 2 == 1; })
        .rebalance()
        .sink(transactional_sink(odd));
    first.rebalance()
        .union_with(second, second.rebalance())
        .map([](std::uint64_t row) { return key_of(row); })
        .start_new_chain()
        .key_by([](std::string_view key) { return key; })
        .count()
        .sink(transactional_sink(log));
  };
}

struct Totals {
  std::uint32_t kills = 0;
  std::uint32_t completed = 0;
  std::uint32_t aborted = 0;
  std::uint32_t restores = 0;
  std::uint32_t acknowledged_after_finish = 0;
  std::uint64_t overtaken = 0;
  std::uint64_t sent = 0;   // bytes, of completed checkpoints
  std::uint64_t state = 0;  // bytes that they hold
  std::uint64_t largest_state = 0;
  std::uint64_t overtaken_at_senders = 0;

  void add(const FaultyRun& run) {
    kills += run.kills();
    completed += run.completed();
    aborted += run.aborted();
    restores += run.restores();
    acknowledged_after_finish += run.acknowledged_after_finish();
    overtaken += run.overtaken_buffers();
    sent += run.sent_bytes();
    state += run.state_bytes();
    largest_state = std::max(largest_state, run.largest_state());
    overtaken_at_senders += run.overtaken_at_senders();
  }
};

std::vector<Count> sorted(std::vector<Count> rows) {
  std::sort(rows.begin(), rows.end());
  return rows;
}

/// Runs a job of one log from a seed; returns what was committed, sorted.
template <class Job>
std::vector<Count> committed_by(Job job, FaultyRunOptions options, Totals& totals,
                                const runtime::BuildOptions& build = {}) {
  auto log = std::make_shared<Log>();
  FaultyRun run(
      graph_of(job(log), build), [&](const proto::Committable& output) { log->commit(output); },
      std::move(options));
  run.run();
  totals.add(run);
  return sorted(log->rows);
}

TEST(ExactlyOnce, StreamingCountsSurviveKillsAtAnyPointAndParallelism) {
  Totals totals;
  const auto expected = sorted(all_updates(kRows));
  for (std::uint64_t seed = 1; seed <= 200 && !HasFailure(); ++seed) {
    FaultyRunOptions options;
    options.seed = seed;
    options.steps_between_checkpoints = 20 + seed % 60;
    EXPECT_EQ(committed_by([](auto log) { return count_job(log); }, options, totals), expected)
        << "seed " << seed;
  }
  EXPECT_GT(totals.restores, 150U) << "kills happened after checkpoints";
  EXPECT_GT(totals.aborted, 50U);
  EXPECT_GT(totals.acknowledged_after_finish, 5U) << "finished pipelines took part";
  RecordProperty("checkpoints", static_cast<int>(totals.completed));
}

TEST(ExactlyOnce, BatchAggregatesEmitEachKeyOnce) {
  Totals totals;
  const auto expected = test::sorted(test::totals(kRows));
  for (const char* combine : {"true", "false"})
    for (std::uint64_t seed = 1; seed <= 50 && !HasFailure(); ++seed) {
      FaultyRunOptions options;
      options.seed = seed;
      options.steps_between_checkpoints = 20;
      runtime::BuildOptions build;
      build.mode = proto::MODE_BATCH;
      build.config["execution.batch.combine"] = combine;
      EXPECT_EQ(committed_by([](auto log) { return count_job(log); }, options, totals, build),
                expected)
          << "seed " << seed;
    }
  EXPECT_GT(totals.restores, 50U);
}

TEST(ExactlyOnce, StagesWithSeveralInputsAndSinksSurviveToo) {
  Totals totals;
  std::vector<Count> expected;
  {
    std::map<std::string, std::uint64_t> keys;
    for (std::uint64_t row = 0; row < kRows; ++row)
      keys[key_of(row)] += row < kRows / 5 ? 3 : 1;
    for (const auto& [key, total] : keys)
      for (std::uint64_t count = 1; count <= total; ++count)
        expected.emplace_back(key, count);
  }
  for (std::uint64_t seed = 1; seed <= 60 && !HasFailure(); ++seed) {
    auto log = std::make_shared<Log>();
    auto odd = std::make_shared<TransactionLog<std::uint64_t>>();
    FaultyRunOptions options;
    options.seed = seed;
    options.steps_between_checkpoints = 150;
    FaultyRun run(
        graph_of(wide_job(log, odd)),
        [&](const proto::Committable& output) {
          if (odd->staged.contains(output.handle()))
            odd->commit(output);
          else
            log->commit(output);
        },
        options);
    run.run();
    totals.add(run);
    EXPECT_EQ(sorted(log->rows), sorted(expected)) << "seed " << seed;
    std::sort(odd->rows.begin(), odd->rows.end());
    ASSERT_EQ(odd->rows.size(), kRows / 2) << "seed " << seed;
    for (std::uint64_t i = 0; i < odd->rows.size(); ++i)
      EXPECT_EQ(odd->rows[i], 2 * i + 1) << "seed " << seed;
  }
  EXPECT_GT(totals.restores, 50U);
}

TEST(ExactlyOnce, BarriersThatOvertakeTakeWhatTheyPassWithThem) {
  Totals totals;
  const auto expected = sorted(all_updates(kRows));
  for (std::uint64_t seed = 1; seed <= 100 && !HasFailure(); ++seed) {
    FaultyRunOptions options;
    options.seed = seed;
    options.aligned_timeout_ms = 1;
    options.stalls = true;
    options.steps_between_checkpoints = 20 + seed % 60;
    EXPECT_EQ(committed_by([](auto log) { return fat_job(log); }, options, totals), expected)
        << "seed " << seed;
  }
  EXPECT_GT(totals.overtaken, 200U);
  EXPECT_GT(totals.overtaken_at_senders, 5U);
  EXPECT_GT(totals.restores, 100U);
}

TEST(ExactlyOnce, LargeRecordsInFlightSurviveBarriersThatOvertakeTheirParts) {
  // Every seventh row is ten buffers long on its way to the second stage.
  const auto text_of = [](std::uint64_t row) {
    return std::string(row % 7 == 0 ? 10 * runtime::kBufferBytes + row : row, 'x');
  };
  constexpr std::uint64_t kTexts = 400;
  Totals totals;
  std::vector<Count> expected;
  for (std::uint64_t row = 0; row < kTexts; ++row)
    expected.emplace_back(std::to_string(text_of(row).size()), 1);
  for (std::uint64_t seed = 1; seed <= 100 && !HasFailure(); ++seed) {
    FaultyRunOptions options;
    options.seed = seed;
    options.aligned_timeout_ms = 1;
    options.stalls = true;
    options.rows_per_split = 10;
    options.steps_between_checkpoints = 10 + seed % 60;
    const auto job = [&](std::shared_ptr<Log> log) {
      return [log, text_of](Environment& env) {
        env.source(vector_source(row_numbers(kTexts)))
            .map(text_of)
            .rebalance()
            .map([](std::string_view text) { return std::to_string(text.size()); })
            .key_by([](std::string_view size) { return size; })
            .count()
            .sink(transactional_sink(log));
      };
    };
    EXPECT_EQ(committed_by(job, options, totals), sorted(expected)) << "seed " << seed;
  }
  EXPECT_GT(totals.overtaken, 1000U);
  EXPECT_GT(totals.overtaken_at_senders, 100U);
  EXPECT_GT(totals.restores, 100U);
}

TEST(ExactlyOnce, BroadcastRecordsAreNeverOvertaken) {
  Totals totals;
  for (std::uint64_t seed = 1; seed <= 60 && !HasFailure(); ++seed) {
    auto log = std::make_shared<TransactionLog<std::uint64_t>>();
    FaultyRunOptions options;
    options.seed = seed;
    options.aligned_timeout_ms = 1;
    options.stalls = true;
    options.parallelism = {2};
    FaultyRun run(
        graph_of([log](Environment& env) {
          env.source(vector_source(row_numbers(kRows)))
              .rebalance()
              .map([](std::uint64_t row) { return row; })
              .broadcast()
              .sink(transactional_sink(log));
        }),
        [&](const proto::Committable& output) { log->commit(output); }, options);
    run.run();
    totals.add(run);
    std::vector<std::uint64_t> twice;
    for (std::uint64_t row = 0; row < kRows; ++row)
      twice.insert(twice.end(), 2, row);
    std::sort(log->rows.begin(), log->rows.end());
    EXPECT_TRUE(log->rows == twice) << "seed " << seed;
  }
  EXPECT_GT(totals.restores, 20U);
  EXPECT_GT(totals.overtaken, 0U) << "on the edge before";
}

TEST(ExactlyOnce, ADrainedJobHasEmittedAndPreparedAllWithItsLastCheckpoint) {
  std::uint32_t drains = 0;
  for (const proto::Mode mode : {proto::MODE_STREAMING, proto::MODE_BATCH})
    for (std::uint64_t seed = 1; seed <= 40 && !HasFailure(); ++seed) {
      auto log = std::make_shared<Log>();
      std::optional<std::vector<Count>> drained;
      FaultyRunOptions options;
      options.seed = seed;
      options.kills = 1;
      options.steps_between_kills = 200;
      options.on_drained = [&] { drained = log->rows; };
      runtime::BuildOptions build;
      build.mode = mode;
      FaultyRun run(
          graph_of(count_job(log), build),
          [&](const proto::Committable& output) { log->commit(output); }, options);
      run.run();
      if (!drained)
        continue;  // the job had ended before
      ++drains;
      EXPECT_EQ(log->rows, *drained) << "seed " << seed;
      std::map<std::string, std::uint64_t> largest;
      for (const auto& [key, count] : log->rows)
        largest[key] = std::max(largest[key], count);
      std::uint64_t counted = 0;
      for (const auto& [key, count] : largest)
        counted += count;
      EXPECT_EQ(counted + run.rows_left(), kRows) << "seed " << seed;
    }
  EXPECT_GT(drains, 40U);
}

TEST(ExactlyOnce, StateOfManyChunksSurvivesAndIsReferredToWhereItHasNotChanged) {
  // Distinct keys of 100 bytes: four megabytes of state, written while records go on.
  constexpr std::uint64_t kKeys = 40'000;
  std::vector<std::pair<std::string, std::uint64_t>> expected;
  for (std::uint64_t row = 0; row < kKeys; ++row)
    expected.emplace_back(std::to_string(row) + std::string(100, 'k'), 1);
  Totals totals;
  for (std::uint64_t seed = 1; seed <= 3 && !HasFailure(); ++seed) {
    FaultyRunOptions options;
    options.seed = seed;
    options.kills = 2;
    options.rows_per_split = 100;
    options.parallelism = {2};
    options.steps_between_kills = 1500;
    const auto job = [&](std::shared_ptr<Log> log) {
      return [log](Environment& env) {
        env.source(vector_source(row_numbers(kKeys)))
            .map([](std::uint64_t row) { return std::to_string(row) + std::string(100, 'k'); })
            .key_by([](std::string_view key) { return key; })
            .count()
            .sink(transactional_sink(log));
      };
    };
    EXPECT_TRUE(committed_by(job, options, totals) == sorted(expected)) << "seed " << seed;
  }
  EXPECT_GE(totals.restores, 4U);
  EXPECT_GT(totals.largest_state, 3U << 20U);
  EXPECT_LT(totals.sent, totals.state / 3 * 2) << "the rest was referred to";
}

TEST(ExactlyOnce, FilesOfAllAttemptsTogetherHoldEachRecordOnce) {
  Totals totals;
  for (std::uint64_t seed = 1; seed <= 40 && !HasFailure(); ++seed) {
    FaultyRunOptions options;
    options.seed = seed;
    FaultyRun* files_of = nullptr;
    FaultyRun run(
        graph_of([](Environment& env) {
          env.source(vector_source(row_numbers(kRows))).rebalance().sink(text_directory("out"));
        }),
        [&files_of](const proto::Committable& output) {
          const auto committed = runtime::commit_output(files_of->files(), output);
          EXPECT_TRUE(committed.ok()) << committed.error().message();
        },
        options);
    files_of = &run;
    run.files().add_directory("out");
    run.run();
    totals.add(run);
    std::vector<std::uint64_t> rows;
    const auto names = run.files().list("out");
    for (const std::string& name : *names) {
      if (name.starts_with('.'))
        continue;  // of an attempt that was killed
      std::istringstream lines(run.files().bytes("out/" + name).value());
      for (std::uint64_t row = 0; lines >> row;)
        rows.push_back(row);
    }
    std::sort(rows.begin(), rows.end());
    EXPECT_TRUE(rows == row_numbers(kRows)) << "seed " << seed;
  }
  EXPECT_GT(totals.restores, 30U);
}

TEST(ExactlyOnce, AtLeastOnceLosesNothing) {
  Totals totals;
  for (std::uint64_t seed = 1; seed <= 40 && !HasFailure(); ++seed) {
    FaultyRunOptions options;
    options.seed = seed;
    options.exactly_once = false;
    const auto rows = committed_by([](auto log) { return count_job(log); }, options, totals);
    std::map<std::string, std::uint64_t> largest;
    for (const auto& [key, count] : rows)
      largest[key] = std::max(largest[key], count);
    for (const auto& [key, count] : test::totals(kRows))
      EXPECT_GE(largest[key], count) << "seed " << seed << ", " << key;
  }
}

}  // namespace
}  // namespace leat::test
