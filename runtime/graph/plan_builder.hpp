#pragma once

// Turns a logical graph into the plan that is sent, hashed and scheduled.

#include <cstdint>

#include "runtime/base/result.hpp"
#include "runtime/graph/graph_nodes.hpp"
#include "serialization/proto/plan.pb.h"

namespace leat::runtime {

/// Refuses (kUser) what no job can be: no source, no sink, two operators of one uid.
Result<proto::Plan> make_plan(const GraphNodes& graph, proto::Mode mode,
                              std::uint32_t max_parallelism);

}  // namespace leat::runtime
