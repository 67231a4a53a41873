#pragma once

// Builds a job graph from a function, as a job object would.

#include <memory>

#include <gtest/gtest.h>

#include "runtime/api/environment.hpp"
#include "runtime/api/keyed_stream.hpp"
#include "runtime/graph/graph_builder.hpp"
#include "runtime/graph/job_graph.hpp"
#include "runtime/graph/plan_builder.hpp"
#include "runtime/job/job_library.hpp"

namespace leat::test {

template <class Build>
std::shared_ptr<const runtime::JobGraph> graph_of(Build build,
                                                  const runtime::BuildOptions& options = {}) {
  runtime::GraphBuilder builder;
  Environment env(builder, options);
  build(env);
  auto nodes = builder.take();
  auto plan = runtime::make_plan(*nodes, options.mode, options.max_parallelism);
  EXPECT_TRUE(plan.ok()) << plan.error().message();
  return std::make_shared<const runtime::JobGraph>(std::move(nodes), *plan);
}

}  // namespace leat::test
