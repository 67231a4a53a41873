#pragma once

// Runs a job's pipelines to their end in one thread, without actors: the data plane alone. Buffers and
// credits between pipelines are handed over directly, splits come from the job's own enumerators.
// Invariant: a failing pipeline ends the process, for a benchmark of a failure says nothing.

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "runtime/api/environment.hpp"
#include "runtime/dataflow/slot_task.hpp"
#include "runtime/graph/job_graph.hpp"

namespace leat::bench {

/// The graph of a job written as a function of the environment.
[[nodiscard]] std::shared_ptr<const runtime::JobGraph> build_graph(
    const std::function<void(Environment&)>& build, proto::Mode mode,
    const std::map<std::string, std::string>& config = {});

/// Runs `parallelism` pipelines of `graph` in turn until all have finished. Returns the number of records read by sources.
std::uint64_t run_pipelines(const runtime::JobGraph& graph, std::uint32_t parallelism);

}  // namespace leat::bench
