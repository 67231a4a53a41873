#pragma once

// A slot that runs a real pipeline: user functions, operators, connectors, as in production.

#include <functional>
#include <memory>

#include "runtime/base/engine_time.hpp"
#include "runtime/dataflow/slot_task.hpp"
#include "runtime/graph/job_graph.hpp"
#include "tests/sim_support/sim_slot.hpp"

namespace leat::sim {

/// `graphs` finds the graph of a deployment's job. `step_cost` tells for each slot how much time a step of
/// a stage takes; without it none.
SimSlotFactory pipeline_slots(
    std::function<std::shared_ptr<const runtime::JobGraph>(const std::string& job_id)> graphs,
    std::function<Duration()> step_cost = {});

}  // namespace leat::sim
