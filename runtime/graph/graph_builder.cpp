#include "runtime/graph/graph_builder.hpp"

namespace leat::runtime {

std::size_t GraphBuilder::add(GraphNode node, const std::string& kind) {
  const std::size_t index = graph_->nodes.size();
  node.uid = kind + "-" + std::to_string(index);
  if (node.name.empty())
    node.name = kind;
  graph_->nodes.push_back(std::move(node));
  return index;
}

}  // namespace leat::runtime
