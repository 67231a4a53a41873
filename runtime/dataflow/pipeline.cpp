#include "runtime/dataflow/pipeline.hpp"

#include <algorithm>
#include <exception>
#include <utility>

#include "runtime/base/check.hpp"
#include "runtime/graph/job_graph.hpp"
#include "runtime/operators/user_call.hpp"

namespace leat::runtime {

Result<std::unique_ptr<SlotTask>> SlotTask::create(const JobGraph& graph,
                                                   const SlotContext& context) {
  LEAT_CHECK(context.subtask < context.parallelism);
  LEAT_CHECK(context.parallelism <= context.max_parallelism);
  try {
    return std::unique_ptr<SlotTask>(std::make_unique<Pipeline>(graph, context));
  } catch (const std::exception& failure) {
    return Error(ErrorKind::kUser, failure.what());
  }
}

Pipeline::Pipeline(const JobGraph& graph, const SlotContext& context)
    : context_(context),
      chaining_(chain(graph.nodes())),
      environment_{
          graph.nodes(), chaining_, context.subtask, context.parallelism, context.max_parallelism,
          context.files, *this,     *this,           context.job,         context.attempt},
      stages_(std::make_shared<Stages>()),
      step_sizes_(chaining_.stages.size()) {
  for (std::size_t stage = 0; stage < chaining_.stages.size(); ++stage) {
    stages_->push_back(std::make_unique<StageTask>(environment_, stage));
    if (stages_->back()->is_source())
      stage_of_source_.push_back(stage);
  }
}

Pipeline::~Pipeline() = default;

void Pipeline::on_buffer(ChannelId channel, std::uint64_t sequence, BufferPtr buffer) {
  if (failure_)
    return;
  EdgeInput* gate = nullptr;
  StageTask* stage = nullptr;
  if (channel.edge < chaining_.edges.size()) {
    stage = (*stages_)[chaining_.stage_of[chaining_.edges[channel.edge].to_node]].get();
    gate = stage->input(channel.edge);
  }
  if (gate == nullptr) {
    fail(Error(ErrorKind::kProtocol,
               "a buffer for unknown edge " + std::to_string(channel.edge) + " arrived"),
         nullptr);
    return;
  }
  if (auto added = gate->add(channel, sequence, std::move(buffer)); !added)
    fail(added.error(), stage);
}

void Pipeline::on_credit(ChannelId channel, std::uint32_t buffers) {
  if (failure_)
    return;
  const bool known = channel.edge < chaining_.edges.size() && channel.to < context_.parallelism &&
                     channel.from == context_.subtask;
  if (!known) {
    fail(Error(ErrorKind::kProtocol, "credit for an unknown channel arrived"), nullptr);
    return;
  }
  const std::size_t from = chaining_.edges[channel.edge].from_node;
  (*stages_)[chaining_.stage_of[from]]->output(channel.edge)->add_credit(channel.to, buffers);
}

void Pipeline::on_split_grant(const proto::SplitGrant& grant) {
  if (grant.source() >= stage_of_source_.size()) {
    fail(Error(ErrorKind::kProtocol, "splits for an unknown source arrived"), nullptr);
    return;
  }
  (*stages_)[stage_of_source_[grant.source()]]->grant(grant);
}

void Pipeline::on_collect_credit(std::uint32_t batches) {
  collect_credits_ += batches;
}

void Pipeline::on_io_done(IoToken token, const Result<void>& outcome) {
  if (pending_io_.erase(token) == 0)
    return;
  if (!outcome && !failure_)
    fail(outcome.error(), nullptr);
}

void Pipeline::send_buffer(ChannelId channel, std::uint64_t sequence, BufferPtr buffer) {
  if (channel.to == context_.subtask)
    on_buffer(channel, sequence, std::move(buffer));
  else
    context_.outbox.send_buffer(channel, sequence, std::move(buffer));
}

void Pipeline::send_credit(ChannelId channel, std::uint32_t buffers) {
  if (channel.from == context_.subtask)
    on_credit(channel, buffers);
  else
    context_.outbox.send_credit(channel, buffers);
}

void Pipeline::send(std::vector<std::string> rows) {
  if (collect_credits_ > 0)
    --collect_credits_;
  context_.outbox.send_rows(std::move(rows), 0);
}

void Pipeline::pass_barrier(std::uint64_t /*checkpoint*/) {}

void Pipeline::on_trigger(const proto::TriggerCheckpoint& trigger) {
  context_.outbox.decline(trigger.checkpoint(), "this version does not take checkpoints yet");
}

void Pipeline::on_abort_checkpoint(std::uint64_t /*checkpoint*/) {}

void Pipeline::on_checkpoint_complete(std::uint64_t /*checkpoint*/) {}

void Pipeline::on_chunk_stored(const proto::ChunkStored& /*stored*/) {}

void Pipeline::on_chunk_data(const proto::ChunkData& /*chunk*/) {}

TurnOutcome Pipeline::turn(Time now) {
  if (phase_ == Phase::kOpening)
    open();
  if (phase_ == Phase::kRunning && !failure_)
    run_quantum(now);
  if (phase_ == Phase::kPreparing && !failure_ && pending_io_.empty())
    phase_ = Phase::kFinished;
  return outcome(now);
}

void Pipeline::open() {
  phase_ = Phase::kRunning;
  for (const auto& stage : *stages_) {
    if (auto opened = stage->open(); !opened && !failure_)
      fail(opened.error(), stage.get());
  }
}

void Pipeline::run_quantum(Time start) {
  if (last_flush_ == Time::min() || start - last_flush_ >= kBufferTimeout) {
    flush(EdgeOutput::Flush::kOverdue);
    last_flush_ = start;
  }
  Time now = start;
  bool progress = true;
  while (progress && !failure_ && now - start < kTurnQuantum) {
    progress = false;
    for (std::size_t stage = stages_->size(); stage-- > 0 && !failure_;)
      progress = step(stage, now) || progress;
    request_splits();
  }
  if (failure_)
    return;
  if (!runnable(now))
    flush(EdgeOutput::Flush::kIdle);
  const bool ended = std::all_of(stages_->begin(), stages_->end(),
                                 [](const auto& stage) { return stage->ended(); });
  if (ended)
    prepare_sinks();
}

/// One step of one stage; true if it got anything done.
bool Pipeline::step(std::size_t index, Time& now) {
  StageTask& stage = *(*stages_)[index];
  if (stage.ended())
    return false;
  StepSize& size = step_sizes_[index];
  try {
    auto step = stage.step(size.records(), now);
    if (!step) {
      fail(step.error(), &stage);
      return false;
    }
    if (step->records > 0) {
      const Time after = context_.clock.now();
      size.observe(step->records, after - now);
      now = after;
    }
    return step->progress;
  } catch (const OperatorFailure& failure) {
    fail(Error(ErrorKind::kUser, failure.what()), &stage, failure.operator_name());
  } catch (const std::exception& failure) {
    fail(Error(ErrorKind::kUser, failure.what()), &stage, stage.head_name());
  }
  return false;
}

void Pipeline::flush(EdgeOutput::Flush reason) {
  for (const auto& stage : *stages_) {
    if (auto flushed = stage->flush(reason); !flushed && !failure_)
      fail(flushed.error(), stage.get());
  }
}

void Pipeline::request_splits() {
  for (std::uint32_t source = 0; source < stage_of_source_.size(); ++source) {
    if ((*stages_)[stage_of_source_[source]]->wants_split())
      context_.outbox.request_split(source);
  }
}

void Pipeline::prepare_sinks() {
  phase_ = Phase::kPreparing;
  flush(EdgeOutput::Flush::kIdle);
  std::uint64_t token = 0;
  for (const auto& stage : *stages_) {
    for (AnySinkWriter* sink : stage->sinks()) {
      PreparedOutput output = sink->prepare_commit(1);
      committables_.insert(committables_.end(),
                           std::make_move_iterator(output.committables.begin()),
                           std::make_move_iterator(output.committables.end()));
      if (!output.make_durable)
        continue;
      pending_io_.insert(IoToken{++token});
      context_.outbox.run_io(IoToken{token}, std::move(output.make_durable));
    }
  }
}

bool Pipeline::runnable(Time now) const {
  return std::any_of(stages_->begin(), stages_->end(),
                     [now](const auto& stage) { return stage->runnable(now); });
}

TurnOutcome Pipeline::outcome(Time now) {
  if (failure_)
    return {TurnOutcome::Next::kFailed};
  if (phase_ == Phase::kFinished)
    return {TurnOutcome::Next::kFinished};
  if (phase_ == Phase::kPreparing)
    return {pending_io_.empty() ? TurnOutcome::Next::kAgain : TurnOutcome::Next::kIdle};
  if (runnable(now))
    return {TurnOutcome::Next::kAgain};
  Time wake_at = Time::max();
  for (const auto& stage : *stages_)
    wake_at = std::min(wake_at, stage->wake_at());
  return {TurnOutcome::Next::kIdle, wake_at};
}

void Pipeline::fail(Error error, const StageTask* stage, std::string operator_name) {
  if (failure_)
    return;
  std::string position;
  if (stage != nullptr) {
    position = stage->position();
    if (operator_name.empty())
      operator_name = stage->head_name();
  }
  failure_ = SlotFailure{std::move(error), std::move(operator_name), std::move(position)};
}

std::vector<proto::Committable> Pipeline::committables() {
  LEAT_CHECK(phase_ == Phase::kFinished);
  return committables_;
}

void Pipeline::abort() {
  for (const auto& stage : *stages_) {
    // What was prepared may be committed yet; else it is removed with what the attempt left (clean_outputs).
    for (AnySinkWriter* sink : stage->sinks())
      sink->abort();
  }
}

std::uint64_t Pipeline::records_in() const {
  std::uint64_t records = 0;
  for (const auto& stage : *stages_)
    records += stage->records_in();
  return records;
}

std::uint64_t Pipeline::records_out() const {
  std::uint64_t records = 0;
  for (const auto& stage : *stages_)
    records += stage->records_out();
  return records;
}

}  // namespace leat::runtime
