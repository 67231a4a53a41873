// How a StageTask comes into being: operators, edges and sinks, downstream first.

#include <utility>

#include "runtime/base/check.hpp"
#include "runtime/dataflow/stage_task.hpp"

namespace leat::runtime {

void StageTask::build_head(const StageEnvironment& environment, std::size_t head) {
  const GraphNode& node = environment.graph.nodes[head];
  head_name_ = node.name;
  if (node.source) {
    AnyCollector& out = build_outputs(environment, head);
    const ReaderContext context{environment.files, environment.subtask, environment.parallelism};
    source_ = std::make_unique<SourceHead>(node.source->make_driver(context, out));
    source_uid_ = node.uid;
    return;
  }
  AnyCollector& collector = build(environment, head);
  const auto& edges = environment.chaining.edges;
  for (std::size_t edge = 0; edge < edges.size(); ++edge) {
    if (edges[edge].to_node == head)
      add_input(environment, edge, collector);
  }
}

AnyCollector& StageTask::build(const StageEnvironment& environment, std::size_t id) {
  const GraphNode& node = environment.graph.nodes[id];
  AnyCollector& out = build_outputs(environment, id);
  const SinkContext& sink = sink_contexts_.emplace_back(
      SinkContext{environment.files, rows_for(environment, node), environment.job, node.uid,
                  environment.subtask, environment.parallelism, environment.attempt});
  const KeyGroupRange groups =
      groups_of_subtask(environment.subtask, environment.parallelism, environment.max_parallelism);
  Operator& created = *operators_.emplace_back(node.make_operator({node.name, sink, groups}, out));
  if (AnySinkWriter* writer = created.sink(); writer != nullptr)
    sinks_.push_back(writer);
  if (KeyedState* state = created.keyed_state(); state != nullptr)
    keyed_.push_back({node.uid, node.name, state});
  return created.input();
}

RowChannel& StageTask::rows_for(const StageEnvironment& environment, const GraphNode& node) {
  if (!node.sink || node.sink->kind != "collect")
    return environment.rows.no_channel();
  rows_.push_back(&environment.rows.add_channel());
  return *rows_.back();
}

/// What the node emits to: chained operators, edges to other stages, several of them, or nothing.
AnyCollector& StageTask::build_outputs(const StageEnvironment& environment, std::size_t id) {
  const auto& nodes = environment.graph.nodes;
  std::vector<AnyCollector*> outs;
  for (std::size_t consumer = id + 1; consumer < nodes.size(); ++consumer) {
    const auto& inputs = nodes[consumer].inputs;
    const bool chained =
        environment.chaining.stage_of[consumer] == environment.chaining.stage_of[id] &&
        inputs.front().from == id;
    if (chained)
      outs.push_back(&build(environment, consumer));
  }
  const auto& edges = environment.chaining.edges;
  for (std::size_t edge = 0; edge < edges.size(); ++edge) {
    if (edges[edge].from_node == id)
      add_output(environment, edge, outs);
  }
  if (outs.size() == 1)
    return *outs.front();
  const RecordType* type = nodes[id].output_type;
  if (type == nullptr) {
    LEAT_CHECK(outs.empty());
    return *writers_.emplace_back(std::make_unique<AnyCollector>());
  }
  return *writers_.emplace_back(type->make_tee(outs));
}

void StageTask::add_output(const StageEnvironment& environment, std::size_t edge,
                           std::vector<AnyCollector*>& outs) {
  const StageEdge& ends = environment.chaining.edges[edge];
  const NodeInput& input = environment.graph.nodes[ends.to_node].inputs[ends.input];
  const bool forward = input.partitioning == proto::PARTITIONING_FORWARD;
  const auto subtask = static_cast<std::uint16_t>(environment.subtask);
  const auto id = static_cast<std::uint16_t>(edge);
  auto output =
      std::make_unique<EdgeOutput>(id, subtask, forward ? subtask : std::uint16_t{0},
                                   forward ? 1 : environment.parallelism, room_, environment.route);
  AnyCollector* writer = writers_
                             .emplace_back(input.make_writer(
                                 {*output, environment.subtask, environment.max_parallelism}))
                             .get();
  outs.push_back(writer);
  outputs_.push_back({id, std::move(output), environment.graph.nodes[ends.from_node].output_type,
                      writer, input.partitioning == proto::PARTITIONING_BROADCAST});
}

void StageTask::add_input(const StageEnvironment& environment, std::size_t edge,
                          AnyCollector& head) {
  const StageEdge& ends = environment.chaining.edges[edge];
  const GraphNode& node = environment.graph.nodes[ends.to_node];
  const bool forward = node.inputs[ends.input].partitioning == proto::PARTITIONING_FORWARD;
  const auto subtask = static_cast<std::uint16_t>(environment.subtask);
  const auto id = static_cast<std::uint16_t>(edge);
  inputs_.push_back(
      {id, std::make_unique<EdgeInput>(id, forward ? subtask : std::uint16_t{0},
                                       forward ? 1 : environment.parallelism, subtask,
                                       node.input_type->make_reader(head), environment.route)});
  barriers_.add_input(*inputs_.back().value);
  if (node.inputs[ends.input].partitioning == proto::PARTITIONING_BROADCAST)
    barriers_.never_overtake();
}

}  // namespace leat::runtime
