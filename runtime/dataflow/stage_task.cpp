#include "runtime/dataflow/stage_task.hpp"

#include <algorithm>
#include <utility>

#include "runtime/base/check.hpp"

namespace leat::runtime {

struct StageTask::SourceState {
  std::unique_ptr<SourceDriver> driver;
  std::deque<proto::Split> queued;  // granted, not yet given to the reader
  bool needs_split = true;          // the reader has nothing left
  bool requested = false;
  bool no_more = false;
  Time wait_until = Time::min();

  [[nodiscard]] bool ended() const { return needs_split && queued.empty() && no_more; }
};

StageTask::StageTask(const StageEnvironment& environment, std::size_t stage) {
  build_head(environment, environment.chaining.stages[stage].front());
  unfinished_ = operators_.size();
}

StageTask::~StageTask() = default;

void StageTask::build_head(const StageEnvironment& environment, std::size_t head) {
  const GraphNode& node = environment.graph.nodes[head];
  head_name_ = node.name;
  if (node.source) {
    source_ = std::make_unique<SourceState>();
    AnyCollector& out = build_outputs(environment, head);
    const ReaderContext context{environment.files, environment.subtask, environment.parallelism};
    source_->driver = node.source->make_driver(context, out);
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
      SinkContext{environment.files, environment.rows, environment.job, node.uid,
                  environment.subtask, environment.parallelism, environment.attempt});
  const KeyGroupRange groups =
      groups_of_subtask(environment.subtask, environment.parallelism, environment.max_parallelism);
  Operator& created = *operators_.emplace_back(node.make_operator({node.name, sink, groups}, out));
  if (AnySinkWriter* writer = created.sink(); writer != nullptr)
    sinks_.push_back(writer);
  return created.input();
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
  outs.push_back(writers_
                     .emplace_back(input.make_writer(
                         {*output, environment.subtask, environment.max_parallelism}))
                     .get());
  outputs_.push_back({id, std::move(output)});
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
}

Result<void> StageTask::open() {
  for (AnySinkWriter* sink : sinks_) {
    if (auto opened = sink->open(); !opened)
      return opened;
  }
  return {};
}

EdgeInput* StageTask::input(std::uint16_t edge) {
  for (auto& input : inputs_) {
    if (input.edge == edge)
      return input.value.get();
  }
  return nullptr;
}

EdgeOutput* StageTask::output(std::uint16_t edge) {
  for (auto& output : outputs_) {
    if (output.edge == edge)
      return output.value.get();
  }
  return nullptr;
}

bool StageTask::has_room() const {
  return !room_.blocked() && std::all_of(sinks_.begin(), sinks_.end(),
                                         [](const AnySinkWriter* sink) { return sink->ready(); });
}

bool StageTask::runnable(Time now) const {
  switch (phase_) {
    case Phase::kRunning:
      if (!has_room())
        return false;
      if (source_ != nullptr)
        return source_->ended() ||
               ((!source_->needs_split || !source_->queued.empty()) && now >= source_->wait_until);
      return std::any_of(inputs_.begin(), inputs_.end(),
                         [](const auto& input) { return input.value->has_data(); });
    case Phase::kFinishing:
      return has_room();
    case Phase::kDraining:
      return !room_.blocked();
    case Phase::kEnded:
      return false;
  }
  return false;
}

Time StageTask::wake_at() const {
  const bool waiting = phase_ == Phase::kRunning && source_ != nullptr && !source_->needs_split &&
                       source_->wait_until != Time::min();
  return waiting ? source_->wait_until : Time::max();
}

Result<StageTask::Step> StageTask::step(std::uint32_t max_records, Time now) {
  Step step;
  if (phase_ == Phase::kRunning && has_room()) {
    auto taken = source_ != nullptr ? poll_source(max_records, now) : read_inputs(max_records);
    if (!taken)
      return taken;
    step = *taken;
    const bool input_ended =
        source_ != nullptr ? source_->ended()
                           : std::all_of(inputs_.begin(), inputs_.end(),
                                         [](const auto& input) { return input.value->ended(); });
    if (input_ended)
      phase_ = Phase::kFinishing;
  }
  if (phase_ == Phase::kFinishing && has_room()) {
    step.progress = true;
    if (finish_operators()) {
      for (auto& output : outputs_)
        output.value->end();
      phase_ = Phase::kDraining;
    }
  }
  if (phase_ == Phase::kDraining &&
      std::all_of(outputs_.begin(), outputs_.end(),
                  [](const auto& output) { return output.value->drained(); })) {
    step.progress = true;
    phase_ = Phase::kEnded;
  }
  return step;
}

Result<StageTask::Step> StageTask::read_inputs(std::uint32_t max_records) {
  Step step;
  for (std::size_t tried = 0; tried < inputs_.size() && step.records < max_records; ++tried) {
    EdgeInput& input = *inputs_[next_input_].value;
    if (input.has_data()) {
      auto read = input.read(max_records - step.records, room_.blocked());
      if (!read)
        return read.error();
      step.records += *read;
      step.progress = true;
      if (room_.blocked())
        break;
    }
    next_input_ = (next_input_ + 1) % inputs_.size();
  }
  return step;
}

Result<StageTask::Step> StageTask::poll_source(std::uint32_t max_records, Time now) {
  Step step;
  SourceState& source = *source_;
  if (source.needs_split && !source.queued.empty()) {
    if (auto added = source.driver->add_split(source.queued.front()); !added)
      return added.error();
    source.queued.pop_front();
    source.needs_split = false;
    step.progress = true;
  }
  if (source.needs_split || now < source.wait_until)
    return step;
  auto polled = source.driver->poll({max_records, room_.blocked(), now});
  if (!polled)
    return polled.error();
  step.records = polled->records;
  step.progress = step.progress || polled->records > 0;
  records_in_ += polled->records;
  source.wait_until = Time::min();
  switch (polled->next) {
    case PollOutcome::Next::kMore:
      step.progress = true;
      break;
    case PollOutcome::Next::kNeedSplit:
      source.needs_split = true;
      step.progress = true;
      break;
    case PollOutcome::Next::kWait:
      source.wait_until = polled->until;
      break;
  }
  return step;
}

/// Upstream operators first; each may need several calls.
bool StageTask::finish_operators() {
  while (unfinished_ > 0) {
    if (!operators_[unfinished_ - 1]->finish(room_.blocked()))
      return false;
    --unfinished_;
  }
  return true;
}

bool StageTask::wants_split() {
  if (source_ == nullptr || source_->requested || source_->no_more || !source_->queued.empty())
    return false;
  source_->requested = true;
  return true;
}

void StageTask::grant(const proto::SplitGrant& grant) {
  LEAT_CHECK(source_ != nullptr);
  source_->requested = false;
  source_->no_more = source_->no_more || grant.no_more();
  source_->queued.insert(source_->queued.end(), grant.splits().begin(), grant.splits().end());
}

Result<void> StageTask::flush(EdgeOutput::Flush reason) {
  for (auto& output : outputs_)
    output.value->flush(reason);
  for (AnySinkWriter* sink : sinks_) {
    if (auto flushed = sink->flush(); !flushed)
      return flushed;
  }
  return {};
}

std::uint64_t StageTask::records_out() const {
  std::uint64_t records = 0;
  for (const auto& created : operators_)
    records += created->records();
  return records;
}

std::string StageTask::position() const {
  if (source_ != nullptr)
    return source_->driver->position();
  return inputs_.empty() ? std::string() : inputs_[next_input_].value->position();
}

}  // namespace leat::runtime
