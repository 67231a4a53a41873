#pragma once

// Collects the nodes that a build function adds. Used by one build at a time.

#include <cstddef>
#include <memory>
#include <string>
#include <utility>

#include "runtime/graph/graph_nodes.hpp"

namespace leat::runtime {

class GraphBuilder {
 public:
  /// Adds a node; returns its index. `kind` ("map", "count") gives the default uid: kind and index.
  std::size_t add(GraphNode node, const std::string& kind);

  [[nodiscard]] GraphNode& node(std::size_t index) { return graph_->nodes[index]; }
  [[nodiscard]] std::shared_ptr<const GraphNodes> take() { return std::move(graph_); }

 private:
  std::shared_ptr<GraphNodes> graph_ = std::make_shared<GraphNodes>();
};

}  // namespace leat::runtime
