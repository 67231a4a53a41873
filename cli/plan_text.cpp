#include "cli/plan_text.hpp"

#include <string_view>

#include <fmt/format.h>

#include "cli/text_format.hpp"

namespace leat::cli {

namespace {

/// "HASH" of PARTITIONING_HASH.
std::string partitioning_name(proto::Partitioning partitioning) {
  constexpr std::string_view kPrefix = "PARTITIONING_";
  const std::string& name = proto::Partitioning_Name(partitioning);
  return name.size() > kPrefix.size() ? name.substr(kPrefix.size()) : "UNKNOWN";
}

std::string mode_name(proto::Mode mode) {
  return mode == proto::MODE_BATCH ? "batch" : "streaming";
}

std::string json_inputs(const proto::Plan& plan, std::uint32_t stage) {
  std::string inputs;
  int number = 0;
  for (const proto::Edge& edge : plan.edges()) {
    if (edge.to_stage() != stage)
      continue;
    inputs += fmt::format(
        "{}{{\"num\": {}, \"id\": \"{}\", \"ship_strategy\": \"{}\", \"exchange\": "
        "\"pipelined_bounded\"}}",
        number > 0 ? ", " : "", number, edge.from_stage(), partitioning_name(edge.partitioning()));
    ++number;
  }
  return inputs;
}

std::string json_operators(const proto::Stage& stage) {
  std::string operators;
  for (const proto::OperatorInfo& each : stage.operators())
    operators += fmt::format("{}{{\"uid\": {}, \"name\": {}}}", operators.empty() ? "" : ", ",
                             json_string(each.uid()), json_string(each.name()));
  return operators;
}

std::string sink_notes(const proto::Plan& plan, std::uint32_t stage) {
  std::string notes;
  for (const proto::SinkSpec& sink : plan.sinks()) {
    if (sink.stage() == stage && !sink.path().empty())
      notes += fmt::format("    {} writes to {}\n", sink.uid(), sink.path());
  }
  return notes;
}

}  // namespace

std::string plan_table(const proto::Plan& plan, std::uint32_t parallelism) {
  std::string text = fmt::format("Mode {}, parallelism {}, maximum parallelism {}\n",
                                 mode_name(plan.mode()), parallelism, plan.max_parallelism());
  for (const proto::Stage& stage : plan.stages()) {
    text += fmt::format("\nStage {}: {}\n", stage.id(), stage.name());
    for (const proto::OperatorInfo& each : stage.operators())
      text += fmt::format("    {} (uid {})\n", each.name(), each.uid());
    text += sink_notes(plan, stage.id());
    for (const proto::Edge& edge : plan.edges()) {
      if (edge.from_stage() == stage.id())
        text += fmt::format("    -> stage {} ({})\n", edge.to_stage(),
                            partitioning_name(edge.partitioning()));
    }
  }
  return text;
}

std::string plan_json(const proto::Plan& plan, std::uint32_t parallelism) {
  std::string nodes;
  for (const proto::Stage& stage : plan.stages())
    nodes += fmt::format(
        "{}\n    {{\"id\": \"{}\", \"parallelism\": {}, \"description\": {},\n"
        "     \"operators\": [{}],\n     \"inputs\": [{}]}}",
        nodes.empty() ? "" : ",", stage.id(), parallelism, json_string(stage.name()),
        json_operators(stage), json_inputs(plan, stage.id()));
  return fmt::format(
      "{{\n  \"type\": \"{}\",\n  \"maxParallelism\": {},\n  \"nodes\": [{}\n  ]\n}}\n",
      plan.mode() == proto::MODE_BATCH ? "BATCH" : "STREAMING", plan.max_parallelism(), nodes);
}

}  // namespace leat::cli
