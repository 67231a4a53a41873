#include "runtime/graph/chaining.hpp"

namespace leat::runtime {

namespace {
bool heads_stage(const GraphNode& node) {
  return node.inputs.size() != 1 || node.starts_chain ||
         node.inputs.front().partitioning != proto::PARTITIONING_FORWARD;
}
}  // namespace

Chaining chain(const GraphNodes& graph) {
  Chaining result;
  for (std::size_t id = 0; id < graph.nodes.size(); ++id) {
    const GraphNode& node = graph.nodes[id];
    if (!heads_stage(node)) {
      const std::size_t stage = result.stage_of[node.inputs.front().from];
      result.stage_of.push_back(stage);
      result.stages[stage].push_back(id);
      continue;
    }
    result.stage_of.push_back(result.stages.size());
    result.stages.push_back({id});
    for (std::size_t input = 0; input < node.inputs.size(); ++input)
      result.edges.push_back({node.inputs[input].from, id, input});
  }
  return result;
}

}  // namespace leat::runtime
