#include "runtime/graph/chaining.hpp"

#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "tests/support/graph_of.hpp"
#include "tests/support/memory_connectors.hpp"

namespace leat::test {
namespace {

std::vector<std::string> stage_names(const proto::Plan& plan) {
  std::vector<std::string> names;
  for (const proto::Stage& stage : plan.stages())
    names.push_back(stage.name());
  return names;
}

auto numbers() {
  return vector_source(std::vector<std::uint64_t>{1, 2, 3});
}
auto rows() {
  return memory_sink(std::make_shared<MemoryRows<std::uint64_t>>());
}

TEST(Chaining, OneToOneConnectedOperatorsShareAStage) {
  const auto graph = graph_of([](Environment& env) {
    env.source(numbers())
        .map([](std::uint64_t n) { return n; })
        .filter([](std::uint64_t) { return true; })
        .sink(rows());
  });
  EXPECT_EQ(stage_names(graph->plan()), (std::vector<std::string>{"rows → map → filter → memory"}));
  EXPECT_EQ(graph->plan().edges_size(), 0);
}

TEST(Chaining, KeyByAndRebalanceAndUnionBeginStages) {
  const auto graph = graph_of([](Environment& env) {
    auto source = env.source(numbers());
    auto keyed = source.key_by([](std::uint64_t n) { return n; }).sum().map([](const auto& pair) {
      return pair.second;
    });
    source.rebalance().union_with(keyed).sink(rows());
  });
  EXPECT_EQ(stage_names(graph->plan()),
            (std::vector<std::string>{"rows", "sum → map", "union → memory"}));
  ASSERT_EQ(graph->plan().edges_size(), 3);
  EXPECT_EQ(graph->plan().edges(0).partitioning(), proto::PARTITIONING_HASH);
  EXPECT_EQ(graph->plan().edges(1).partitioning(), proto::PARTITIONING_REBALANCE);
  EXPECT_EQ(graph->plan().edges(2).partitioning(), proto::PARTITIONING_FORWARD);
}

TEST(Chaining, ABranchStaysInItsStage) {
  const auto graph = graph_of([](Environment& env) {
    auto source = env.source(numbers());
    source.map([](std::uint64_t n) { return n; }).sink(rows());
    source.filter([](std::uint64_t) { return true; }).sink(rows());
  });
  EXPECT_EQ(graph->plan().stages_size(), 1);
}

TEST(Chaining, StartNewChainBreaksOne) {
  const auto graph = graph_of([](Environment& env) {
    env.source(numbers()).map([](std::uint64_t n) { return n; }).start_new_chain().sink(rows());
  });
  EXPECT_EQ(stage_names(graph->plan()), (std::vector<std::string>{"rows", "map → memory"}));
}

TEST(Plan, TheSameFunctionGivesTheSameHashAndAnotherGivesAnother) {
  const auto build = [](const std::string& uid) {
    return graph_of([&uid](Environment& env) {
             env.source(numbers()).map([](std::uint64_t n) { return n; }).uid(uid).sink(rows());
           })
        ->plan_sha256();
  };
  EXPECT_EQ(build("a"), build("a"));
  EXPECT_NE(build("a"), build("b"));
}

Error plan_error(void (*build)(Environment&)) {
  runtime::GraphBuilder builder;
  const runtime::BuildOptions options;
  Environment env(builder, options);
  build(env);
  auto plan = runtime::make_plan(*builder.take(), options.mode, options.max_parallelism);
  return plan.ok() ? Error(ErrorKind::kInternal, "no error") : plan.error();
}

TEST(Plan, RefusesJobsWithoutSourceOrSinkAndDoubleUids) {
  EXPECT_NE(plan_error([](Environment&) {}).message().find("no source"), std::string::npos);
  EXPECT_NE(plan_error([](Environment& env) { env.source(numbers()); }).message().find("no sink"),
            std::string::npos);
  const Error doubled = plan_error([](Environment& env) {
    env.source(numbers()).uid("x").map([](std::uint64_t n) { return n; }).uid("x").sink(rows());
  });
  EXPECT_NE(doubled.message().find("two operators have the uid 'x'"), std::string::npos);
}

}  // namespace
}  // namespace leat::test
