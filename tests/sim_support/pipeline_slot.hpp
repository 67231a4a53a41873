#pragma once

// A slot that runs a real pipeline: user functions, operators, connectors, as in production.

#include <functional>
#include <memory>

#include "runtime/base/file_system.hpp"
#include "runtime/dataflow/slot_task.hpp"
#include "runtime/graph/job_graph.hpp"
#include "tests/sim_support/sim_slot.hpp"

namespace leat::sim {

/// Finds the graph of a deployment's job; `files` is the storage all processes share.
SimSlotFactory pipeline_slots(
    std::function<std::shared_ptr<const runtime::JobGraph>(const std::string& job_id)> graphs,
    FileSystem& files);

}  // namespace leat::sim
