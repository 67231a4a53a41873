#include "runtime/graph/plan_builder.hpp"

#include <set>
#include <string>

#include "runtime/graph/chaining.hpp"

namespace leat::runtime {

namespace {

Result<void> check_graph(const GraphNodes& graph) {
  bool has_source = false;
  bool has_sink = false;
  std::set<std::string> uids;
  for (const GraphNode& node : graph.nodes) {
    has_source = has_source || node.source.has_value();
    has_sink = has_sink || node.sink.has_value();
    if (!uids.insert(node.uid).second)
      return Error(ErrorKind::kUser, "two operators have the uid '" + node.uid +
                                         "'; a uid must be unique within a job");
  }
  if (!has_source)
    return Error(ErrorKind::kUser, "the job has no source; begin it with env.source(…)");
  if (!has_sink)
    return Error(ErrorKind::kUser, "the job has no sink; end it with .sink(…)");
  return {};
}

void add_stage(proto::Plan& plan, const GraphNodes& graph, const std::vector<std::size_t>& nodes) {
  const auto id = static_cast<std::uint32_t>(plan.stages_size());
  proto::Stage& stage = *plan.add_stages();
  stage.set_id(id);
  for (const std::size_t index : nodes) {
    const GraphNode& node = graph.nodes[index];
    stage.set_name(stage.name().empty() ? node.name : stage.name() + " → " + node.name);
    proto::OperatorInfo& info = *stage.add_operators();
    info.set_uid(node.uid);
    info.set_name(node.name);
    if (node.source) {
      proto::SourceSpec& source = *plan.add_sources();
      source.set_uid(node.uid);
      source.set_stage(id);
      source.set_kind(node.source->kind);
      source.set_config(node.source->config);
    }
    if (node.sink) {
      proto::SinkSpec& sink = *plan.add_sinks();
      sink.set_uid(node.uid);
      sink.set_stage(id);
      sink.set_kind(node.sink->kind);
      sink.set_path(node.sink->path);
    }
  }
}

}  // namespace

Result<proto::Plan> make_plan(const GraphNodes& graph, proto::Mode mode,
                              std::uint32_t max_parallelism) {
  if (auto checked = check_graph(graph); !checked)
    return checked.error();
  const Chaining chaining = chain(graph);
  proto::Plan plan;
  plan.set_mode(mode);
  plan.set_max_parallelism(max_parallelism);
  for (const std::vector<std::size_t>& nodes : chaining.stages)
    add_stage(plan, graph, nodes);
  for (std::size_t id = 0; id < chaining.edges.size(); ++id) {
    const StageEdge& from = chaining.edges[id];
    proto::Edge& edge = *plan.add_edges();
    edge.set_id(static_cast<std::uint32_t>(id));
    edge.set_from_stage(static_cast<std::uint32_t>(chaining.stage_of[from.from_node]));
    edge.set_to_stage(static_cast<std::uint32_t>(chaining.stage_of[from.to_node]));
    edge.set_partitioning(graph.nodes[from.to_node].inputs[from.input].partitioning);
  }
  return plan;
}

}  // namespace leat::runtime
