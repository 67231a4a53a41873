// What the data plane costs a record, without actors and network: one pipeline in one thread.
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <benchmark/benchmark.h>

#include "bench/data/vocabulary.hpp"
#include "bench/micro/pipeline_runner.hpp"
#include "bench/workloads/keyed_numbers.hpp"
#include "runtime/api/leat.hpp"

namespace leat::bench {
namespace {

Source<KeyedNumber> numbers(std::uint64_t count, std::uint64_t keys) {
  return generator(count, [keys](std::uint64_t n) { return keyed_number(n, keys); });
}

/// Runs the graph once an iteration and counts `records` for each.
void run(benchmark::State& state, const runtime::JobGraph& graph, std::uint64_t records) {
  for (auto _ : state)
    benchmark::DoNotOptimize(run_pipelines(graph, 1));
  state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations()) *
                          static_cast<std::int64_t>(records));
}

constexpr std::uint64_t kNumbers = 4'000'000;

/// Each further map shows the price of one operator in a chain.
void pass_through(benchmark::State& state) {
  const auto graph = build_graph(
      [&state](Environment& env) {
        DataStream<KeyedNumber> stream = env.source(numbers(kNumbers, 1000));
        for (std::int64_t i = 0; i < state.range(0); ++i)
          stream = stream.map([](const KeyedNumber& record) { return pass_through_map(record); });
        stream.filter([](const KeyedNumber& record) { return pass_through_filter(record); })
            .sink(discard());
      },
      proto::MODE_STREAMING);
  run(state, *graph, kNumbers);
}
BENCHMARK(pass_through)->Arg(1)->Arg(2)->Arg(5)->Unit(benchmark::kMillisecond);

/// One hop through an edge: encoded, in buffers, decoded.
void one_hop(benchmark::State& state) {
  const auto graph = build_graph(
      [](Environment& env) { env.source(numbers(kNumbers, 1000)).rebalance().sink(discard()); },
      proto::MODE_STREAMING);
  run(state, *graph, kNumbers);
}
BENCHMARK(one_hop)->Unit(benchmark::kMillisecond);

void sum_by_key(benchmark::State& state) {
  const auto keys = static_cast<std::uint64_t>(state.range(0));
  const auto graph = build_graph(
      [keys](Environment& env) {
        env.source(numbers(kNumbers, keys))
            .key_by([](const KeyedNumber& record) { return record.first; })
            .sum()
            .sink(discard());
      },
      proto::MODE_STREAMING);
  run(state, *graph, kNumbers);
}
BENCHMARK(sum_by_key)->Arg(1000)->Arg(1'000'000)->Unit(benchmark::kMillisecond);

/// Words of a natural distribution, counted in batch mode, with and without combining before the
/// shuffle. The words are given, so neither reading nor scanning is in it.
void count_words(benchmark::State& state, const char* combine) {
  const Vocabulary vocabulary({});
  Random random(1);
  auto words = std::make_shared<std::vector<std::string>>();
  for (std::uint64_t n = 0; n < kNumbers; ++n)
    words->push_back(vocabulary.draw(random));
  const auto graph = build_graph(
      [&words](Environment& env) {
        env.source(generator(kNumbers,
                             [words](std::uint64_t n) { return std::string_view((*words)[n]); }))
            .key_by([](std::string_view word) { return word; })
            .count()
            .sink(discard());
      },
      proto::MODE_BATCH, {{"execution.batch.combine", combine}});
  run(state, *graph, kNumbers);
}
BENCHMARK_CAPTURE(count_words, combined, "true")->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(count_words, not_combined, "false")->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace leat::bench
