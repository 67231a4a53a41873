#pragma once

// An execution plan for people and for programs.

#include <cstdint>
#include <string>

#include "serialization/proto/plan.pb.h"

namespace leat::cli {

/// Stages with their operators, and where each sends its records.
[[nodiscard]] std::string plan_table(const proto::Plan& plan, std::uint32_t parallelism);

/// Shaped like Flink's plan: {"type", "maxParallelism", "nodes": [{"id", "parallelism",
/// "description", "operators": [{"uid", "name"}], "inputs": [{"num", "id", "ship_strategy",
/// "exchange"}]}]}.
[[nodiscard]] std::string plan_json(const proto::Plan& plan, std::uint32_t parallelism);

}  // namespace leat::cli
