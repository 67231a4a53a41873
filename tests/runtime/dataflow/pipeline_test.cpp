#include <algorithm>
#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "runtime/connectors/discard.hpp"
#include "runtime/connectors/generator.hpp"
#include "serialization/record.hpp"
#include "tests/support/graph_of.hpp"
#include "tests/support/memory_connectors.hpp"
#include "tests/support/pipeline_cluster.hpp"

namespace leat {

struct Visit {
  std::string url;
  std::uint64_t user = 0;
  double seconds = 0;
  auto operator<=>(const Visit&) const = default;
};

}  // namespace leat

LEAT_RECORD(leat::Visit, url, user, seconds)

namespace leat::test {
namespace {

using Counts = std::pair<std::string, std::uint64_t>;

std::vector<std::uint64_t> numbers(std::uint64_t count) {
  std::vector<std::uint64_t> all(count);
  for (std::uint64_t i = 0; i < count; ++i)
    all[i] = i;
  return all;
}

template <class T>
std::shared_ptr<MemoryRows<T>> memory_rows() {
  return std::make_shared<MemoryRows<T>>();
}

template <class T>
std::vector<T> sorted(std::vector<T> rows) {
  std::sort(rows.begin(), rows.end());
  return rows;
}

/// Runs a job to its end and fails the test if it does not get there.
template <class Build>
void run_job(Build build, std::uint32_t parallelism, const runtime::BuildOptions& options = {}) {
  PipelineCluster cluster(graph_of(build, options), parallelism);
  cluster.run();
  ASSERT_EQ(cluster.failure(), nullptr) << cluster.failure()->error.message();
  ASSERT_TRUE(cluster.finished());
}

runtime::BuildOptions batch(bool combine) {
  runtime::BuildOptions options;
  options.mode = proto::MODE_BATCH;
  options.config["execution.batch.combine"] = combine ? "true" : "false";
  return options;
}

const std::vector<std::string> kLines = {"a rose is a rose", "", "is a", "x x x x x", "rose"};

auto word_count(std::shared_ptr<MemoryRows<Counts>> out) {
  return [out](Environment& env) {
    env.source(vector_source(kLines))
        .flat_map([](std::string_view line, Collector<std::string>& words) {
          while (!line.empty()) {
            const std::size_t end = std::min(line.find(' '), line.size());
            if (end > 0)
              words.emit(line.substr(0, end));
            line.remove_prefix(std::min(end + 1, line.size()));
          }
        })
        .key_by([](std::string_view word) { return word; })
        .count()
        .sink(memory_sink(out));
  };
}

class AtParallelism : public ::testing::TestWithParam<std::uint32_t> {};
INSTANTIATE_TEST_SUITE_P(Pipelines, AtParallelism, ::testing::Values(1, 2, 3, 8));

TEST_P(AtParallelism, BatchWordCountEmitsEachWordOnceWithItsCount) {
  for (const bool combine : {false, true}) {
    auto out = memory_rows<Counts>();
    run_job(word_count(out), GetParam(), batch(combine));
    EXPECT_EQ(sorted(out->rows), (std::vector<Counts>{{"a", 3}, {"is", 2}, {"rose", 3}, {"x", 5}}));
  }
}

TEST_P(AtParallelism, StreamingWordCountEmitsEveryUpdate) {
  auto out = memory_rows<Counts>();
  run_job(word_count(out), GetParam());
  EXPECT_EQ(out->rows.size(), 13U);
  std::map<std::string, std::uint64_t> last;
  for (const auto& [word, count] : out->rows)
    last[word] = std::max(last[word], count);
  EXPECT_EQ(last,
            (std::map<std::string, std::uint64_t>{{"a", 3}, {"is", 2}, {"rose", 3}, {"x", 5}}));
}

TEST_P(AtParallelism, MapFilterRebalanceUnionAndBroadcastKeepEveryRecord) {
  auto out = memory_rows<std::uint64_t>();
  run_job(
      [out](Environment& env) {
        auto all = env.source(vector_source(numbers(10'000)));
        auto odd = all.filter([](std::uint64_t n) { return n % 2 == 1; });
        auto even = all.filter([](std::uint64_t n) { return n % 2 == 0; }).rebalance();
        odd.union_with(even.map([](std::uint64_t n) { return n; }))
            .broadcast()
            .map([](std::uint64_t n) { return n + 1; })
            .sink(memory_sink(out));
      },
      GetParam());
  std::vector<std::uint64_t> expected;
  for (std::uint64_t n = 1; n <= 10'000; ++n)
    expected.insert(expected.end(), GetParam(), n);
  EXPECT_EQ(sorted(out->rows), expected);
}

TEST_P(AtParallelism, SumAndReduceAndAggregateAgreeWithALoop) {
  struct MinMax {
    using Accumulator = std::pair<std::uint64_t, std::uint64_t>;  // max, and max of the negation
    void add(Accumulator& a, std::uint64_t n) const {
      a = {std::max(a.first, n), std::max(a.second, ~n)};
    }
    void merge(Accumulator& a, const Accumulator& b) const {
      a = {std::max(a.first, b.first), std::max(a.second, b.second)};
    }
    [[nodiscard]] std::uint64_t result(const Accumulator& a) const { return a.first - ~a.second; }
  };
  using Pair = std::pair<std::uint64_t, std::uint64_t>;
  for (const bool combine : {false, true}) {
    auto sums = memory_rows<Pair>();
    auto largest = memory_rows<std::uint64_t>();
    auto spans = memory_rows<Pair>();
    run_job(
        [&](Environment& env) {
          auto keyed = env.source(vector_source(numbers(5'000))).key_by([](std::uint64_t n) {
            return n % 7;
          });
          keyed.sum().sink(memory_sink(sums));
          keyed.reduce([](std::uint64_t a, std::uint64_t b) { return std::max(a, b); })
              .sink(memory_sink(largest));
          keyed.aggregate(MinMax{}).sink(memory_sink(spans));
        },
        GetParam(), batch(combine));
    std::map<std::uint64_t, std::uint64_t> sum, max;
    for (std::uint64_t n = 0; n < 5'000; ++n) {
      sum[n % 7] += n;
      max[n % 7] = n;
    }
    EXPECT_EQ(sorted(sums->rows), (std::vector<Pair>(sum.begin(), sum.end())));
    std::vector<Pair> span;
    std::vector<std::uint64_t> maxima;
    for (const auto& [key, value] : max) {
      span.emplace_back(key, value - key);
      maxima.push_back(value);
    }
    EXPECT_EQ(sorted(spans->rows), span);
    EXPECT_EQ(sorted(largest->rows), sorted(maxima));
  }
}

TEST_P(AtParallelism, UserStructsCrossShufflesWithCompoundKeys) {
  auto out = memory_rows<Visit>();
  run_job(
      [out](Environment& env) {
        env.source(vector_source(numbers(3'000)))
            .map([](std::uint64_t n) {
              return Visit{"https://example.org/a/rather/long/path/" + std::to_string(n % 5), n % 3,
                           0.5};
            })
            .key_by([](const Visit& visit) { return std::pair(visit.url, visit.user); })
            .reduce([](const Visit& a, const Visit& b) {
              return Visit{a.url, a.user, a.seconds + b.seconds};
            })
            .sink(memory_sink(out));
      },
      GetParam(), batch(true));
  ASSERT_EQ(out->rows.size(), 15U);
  for (const Visit& visit : out->rows)
    EXPECT_EQ(visit.seconds, 100.0);
}

TEST_P(AtParallelism, ARecordOfTenMegabytesCrossesAShuffleWhole) {
  auto out = memory_rows<std::string>();
  const std::string large(10'000'000, 'x');
  run_job(
      [&](Environment& env) {
        env.source(vector_source(std::vector<std::string>{"small", large, "after", large + "y"}))
            .rebalance()
            .map([](std::string_view text) { return text; })
            .sink(memory_sink(out));
      },
      GetParam());
  EXPECT_EQ(sorted(out->rows),
            sorted(std::vector<std::string>{"small", large, "after", large + "y"}));
}

TEST_P(AtParallelism, AnEmptySourceEndsTheJobWithoutOutput) {
  auto out = memory_rows<std::uint64_t>();
  run_job(
      [out](Environment& env) {
        env.source(vector_source(std::vector<std::uint64_t>{})).rebalance().sink(memory_sink(out));
      },
      GetParam());
  EXPECT_TRUE(out->rows.empty());
}

TEST(Pipeline, AStalledSinkBoundsWhatIsInFlightAndLosesNothing) {
  auto out = memory_rows<std::uint64_t>();
  out->stalled = true;
  PipelineCluster cluster(
      graph_of([out](Environment& env) {
        env.source(vector_source(numbers(1'000'000))).rebalance().sink(memory_sink(out));
      }),
      2);
  cluster.run();
  EXPECT_FALSE(cluster.finished());
  EXPECT_TRUE(out->rows.empty());
  const std::uint64_t read = cluster.task(0).records_in() + cluster.task(1).records_in();
  // Two senders, two channels each: the credits, the partial buffer, and one step of the source.
  const std::uint64_t bound = 4 * (runtime::kInitialCredits + 2) * (runtime::kBufferBytes / 8);
  EXPECT_LT(read, bound + 2 * 16'384);
  EXPECT_LE(cluster.most_in_flight(), 2U * runtime::kInitialCredits);
  out->stalled = false;
  cluster.run();
  EXPECT_TRUE(cluster.finished());
  EXPECT_EQ(sorted(out->rows), numbers(1'000'000));
}

TEST(Pipeline, WhatIsEmittedAtTheEndTakesTurnsLikeRecords) {
  SteppedClock* clock = nullptr;
  std::uint64_t emitted = 0;
  PipelineCluster cluster(
      graph_of(
          [&clock, &emitted](Environment& env) {
            env.source(vector_source(numbers(20'000)))
                .key_by([](std::uint64_t number) { return number; })
                .count()
                .map([&clock, &emitted](const std::pair<std::uint64_t, std::uint64_t>& row) {
                  ++emitted;
                  clock->advance_to(clock->now() + std::chrono::microseconds(100));
                  return row;
                })
                .sink(discard());
          },
          batch(false)),
      1);
  clock = &cluster.clock();
  std::uint64_t most = 0;
  while (!cluster.finished()) {
    const std::uint64_t before = emitted;
    cluster.turn(0);
    cluster.deliver();
    most = std::max(most, emitted - before);
  }
  EXPECT_EQ(emitted, 20'000U);
  EXPECT_LE(most, 20U) << "a turn lasts a millisecond, of ten such rows";
}

TEST(Pipeline, APartialBufferLeavesAtOnceWhenNothingElseIsToDo) {
  auto out = memory_rows<std::uint64_t>();
  PipelineCluster cluster(graph_of([out](Environment& env) {
                            env.source(vector_source(numbers(2)))
                                .key_by([](std::uint64_t) { return 0; })
                                .count()
                                .map([](const auto& pair) { return pair.second; })
                                .sink(memory_sink(out));
                          }),
                          2);
  const Time start = cluster.clock().now();
  cluster.run();
  EXPECT_EQ(sorted(out->rows), (std::vector<std::uint64_t>{1, 2}));
  EXPECT_EQ(cluster.clock().now(), start) << "nothing had to wait for a timeout";
}

TEST(Pipeline, AThrowingFunctionIsReportedWithOperatorAndPosition) {
  auto out = memory_rows<std::uint64_t>();
  PipelineCluster cluster(graph_of([out](Environment& env) {
                            env.source(vector_source(numbers(100)))
                                .map([](std::uint64_t n) {
                                  if (n == 42)
                                    throw std::runtime_error("42 is not wanted");
                                  return n;
                                })
                                .name("refuser")
                                .filter([](std::uint64_t) { return true; })
                                .sink(memory_sink(out));
                          }),
                          1);
  cluster.run();
  ASSERT_NE(cluster.failure(), nullptr);
  EXPECT_EQ(cluster.failure()->error.kind(), ErrorKind::kUser);
  EXPECT_EQ(cluster.failure()->error.message(), "42 is not wanted");
  EXPECT_EQ(cluster.failure()->operator_name, "refuser");
  EXPECT_EQ(cluster.failure()->position, "row 42");
}

TEST(Pipeline, AThrowingFunctionBehindAShuffleIsReportedNearItsRecord) {
  PipelineCluster cluster(graph_of([](Environment& env) {
                            env.source(vector_source(numbers(5'000)))
                                .rebalance()
                                .filter([](std::uint64_t n) {
                                  if (n == 1'000)
                                    throw std::runtime_error("a thousand");
                                  return true;
                                })
                                .sink(memory_sink(memory_rows<std::uint64_t>()));
                          }),
                          1);
  cluster.run();
  ASSERT_NE(cluster.failure(), nullptr);
  EXPECT_EQ(cluster.failure()->operator_name, "filter");
  // Number 1000 is the 1001st record.
  EXPECT_EQ(cluster.failure()->position, "near record 1001 from subtask 0");
}

/// The number at which a function throws that is the last of a chain of two, behind a generator.
template <class Tail>
std::string position_of_failure(Tail tail) {
  PipelineCluster cluster(graph_of([&tail](Environment& env) {
                            tail(env.source(generator(5'000, [](std::uint64_t n) { return n; }))
                                     .filter([](std::uint64_t n) { return n % 3 == 0; }));
                          }),
                          1);
  cluster.run();
  return cluster.failure() == nullptr ? "no failure" : cluster.failure()->position;
}

std::uint64_t refuse_1005(std::uint64_t n) {
  if (n == 1'005)
    throw std::runtime_error("1005 is not wanted");
  return n;
}

TEST(Pipeline, PositionIsExactThoughRecordsAreHandedOnInBatches) {
  const auto sink = [] { return memory_sink(memory_rows<std::uint64_t>()); };
  EXPECT_EQ(position_of_failure([&sink](const DataStream<std::uint64_t>& thirds) {
              thirds.map(&refuse_1005).sink(sink());
            }),
            "index 1005");
  EXPECT_EQ(position_of_failure([&sink](const DataStream<std::uint64_t>& thirds) {
              thirds.map([](std::uint64_t n) { return n; })
                  .filter([](std::uint64_t n) { return n % 2 == 1; })
                  .flat_map([](std::uint64_t n, Collector<std::uint64_t>& out) {
                    out.emit(refuse_1005(n));
                  })
                  .sink(sink());
            }),
            "index 1005");
  EXPECT_EQ(position_of_failure([&sink](const DataStream<std::uint64_t>& thirds) {
              thirds.map([](std::uint64_t n) { return std::to_string(n); })
                  .filter([](std::string_view text) {
                    return refuse_1005(std::stoul(std::string(text))) > 0 || true;
                  })
                  .map([](std::string_view text) { return text.size(); })
                  .sink(memory_sink(memory_rows<std::size_t>()));
            }),
            "index 1005");
  EXPECT_EQ(position_of_failure([](const DataStream<std::uint64_t>& thirds) {
              thirds.key_by(&refuse_1005).count().sink(discard());
            }),
            "index 1005");
}

TEST(Pipeline, AThrowingAggregationIsReportedWithItsRecord) {
  PipelineCluster cluster(
      graph_of([](Environment& env) {
        env.source(generator(5'000, [](std::uint64_t n) { return n; }))
            .key_by([](std::uint64_t n) { return n % 10; })
            .reduce([](std::uint64_t, std::uint64_t n) { return refuse_1005(n); })
            .name("latest")
            .sink(discard());
      }),
      1);
  cluster.run();
  ASSERT_NE(cluster.failure(), nullptr);
  EXPECT_EQ(cluster.failure()->operator_name, "latest");
  EXPECT_EQ(cluster.failure()->position, "near record 1006 from subtask 0");
}

TEST(Pipeline, FiltersOfAnyRecordKeepWhatTheyShouldInOrder) {
  auto numbers_out = memory_rows<std::uint64_t>();
  auto texts_out = memory_rows<std::string>();
  auto visits_out = memory_rows<Visit>();
  PipelineCluster cluster(graph_of([&](Environment& env) {
                            const auto all =
                                env.source(generator(100, [](std::uint64_t n) { return n; }));
                            const auto odd = all.filter([](std::uint64_t n) { return n % 2 == 1; });
                            odd.sink(memory_sink(numbers_out));
                            odd.rebalance()
                                .map([](std::uint64_t n) { return std::to_string(n); })
                                .rebalance()
                                .filter([](std::string_view text) { return text.size() == 1; })
                                .sink(memory_sink(texts_out));
                            odd.map([](std::uint64_t n) {
                                 return Visit{std::to_string(n), n, 0.5};
                               })
                                .rebalance()
                                .filter([](const Visit& visit) { return visit.user > 95; })
                                .sink(memory_sink(visits_out));
                          }),
                          1);
  cluster.run();
  ASSERT_TRUE(cluster.finished());
  std::vector<std::uint64_t> odd;
  for (std::uint64_t n = 1; n < 100; n += 2)
    odd.push_back(n);
  EXPECT_EQ(numbers_out->rows, odd);
  EXPECT_EQ(texts_out->rows, (std::vector<std::string>{"1", "3", "5", "7", "9"}));
  EXPECT_EQ(visits_out->rows, (std::vector<Visit>{{"97", 97, 0.5}, {"99", 99, 0.5}}));
}

TEST(Pipeline, RefusesHostileBuffersInWords) {
  const auto graph = graph_of([](Environment& env) {
    env.source(vector_source(std::vector<std::string>{"a"}))
        .rebalance()
        .sink(memory_sink(std::make_shared<MemoryRows<std::string>>()));
  });
  const auto failure_after = [&graph](runtime::ChannelId channel, std::uint64_t sequence,
                                      runtime::Buffer buffer) {
    PipelineCluster cluster(graph, 2);
    cluster.task(0).on_buffer(channel, sequence,
                              std::make_shared<const runtime::Buffer>(std::move(buffer)));
    cluster.turn(0);
    return cluster.failure() == nullptr ? std::string() : cluster.failure()->error.message();
  };
  using runtime::BufferKind;
  EXPECT_NE(failure_after({7, 1, 0}, 0, {}).find("unknown edge 7"), std::string::npos);
  EXPECT_NE(failure_after({0, 9, 0}, 0, {}).find("unknown channel"), std::string::npos);
  EXPECT_NE(failure_after({0, 1, 1}, 0, {}).find("unknown channel"), std::string::npos);
  EXPECT_NE(failure_after({0, 1, 0}, 3, {}).find("buffer 0 was expected"), std::string::npos);
  EXPECT_NE(failure_after({0, 1, 0}, 0,
                          {BufferKind::kRecords, 1,
                           ByteBlock("\x7f"
                                     "a")})
                .find("no record of this type"),
            std::string::npos);
  EXPECT_NE(failure_after({0, 1, 0}, 0,
                          {BufferKind::kRecords, 1,
                           ByteBlock("\x01"
                                     "ab")})
                .find("left over"),
            std::string::npos);
}

}  // namespace
}  // namespace leat::test
