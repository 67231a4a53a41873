#pragma once

// Fuses one-to-one connected operators into stages, and names the edges between them. Deterministic.

#include <cstddef>
#include <cstdint>
#include <vector>

#include "runtime/graph/graph_nodes.hpp"

namespace leat::runtime {

/// Edge e of the plan leads from node `from_node` to input `input` of node `to_node`.
struct StageEdge {
  std::size_t from_node;
  std::size_t to_node;
  std::size_t input;
};

struct Chaining {
  /// Nodes of each stage in topological order; the first is its head.
  std::vector<std::vector<std::size_t>> stages;
  std::vector<std::size_t> stage_of;  ///< by node
  std::vector<StageEdge> edges;       ///< index = edge id
};

/// A node heads a stage if it is a source, has several inputs, is reached other than forward, or was
/// told to.
[[nodiscard]] Chaining chain(const GraphNodes& graph);

}  // namespace leat::runtime
