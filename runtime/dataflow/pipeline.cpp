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
      rows_(context.outbox),
      environment_{
          graph.nodes(), chaining_, context.subtask, context.parallelism, context.max_parallelism,
          context.files, *this,     rows_,           context.job,         context.attempt},
      step_sizes_(chaining_.stages.size()),
      participant_(context.outbox, stages_) {
  for (std::size_t stage = 0; stage < chaining_.stages.size(); ++stage) {
    stages_.push_back(std::make_unique<StageTask>(environment_, stage));
    if (stages_.back()->is_source())
      stage_of_source_.push_back(stage);
  }
  if (context.restore != nullptr)
    restorer_ = std::make_unique<StateRestorer>(
        *context.restore,
        groups_of_subtask(context.subtask, context.parallelism, context.max_parallelism),
        context.outbox);
  context_.restore = nullptr;  // need not live any longer
}

Pipeline::~Pipeline() = default;

TurnOutcome Pipeline::turn(Time now) {
  if (phase_ == Phase::kRestoring && !failure_)
    restore();
  if (phase_ == Phase::kOpening && !failure_)
    open();
  if (phase_ >= Phase::kRunning && !failure_) {
    run_quantum(now);
    advance_phase();
  }
  return outcome(now);
}

void Pipeline::restore() {
  if (restorer_ == nullptr) {
    phase_ = Phase::kOpening;
    return;
  }
  if (!std::exchange(restore_begun_, true))
    if (auto begun = restorer_->begin(stages_); !begun)
      return fail(begun.error(), nullptr);
  if (!restorer_->done())
    return;
  guarded(*stages_.front(), [&] {
    auto chains = restorer_->finish();
    if (!chains)
      return fail_restore(chains.error());
    participant_.restored(restorer_->checkpoint(), std::move(*chains));
    phase_ = Phase::kOpening;
  });
  restorer_.reset();
}

void Pipeline::open() {
  phase_ = Phase::kRunning;
  for (const auto& stage : stages_) {
    if (auto opened = stage->open(); !opened)
      fail(opened.error(), stage.get());
  }
}

void Pipeline::run_quantum(Time start) {
  inject_barrier();
  if (last_flush_ == Time::min() || start - last_flush_ >= kBufferTimeout) {
    flush(EdgeOutput::Flush::kOverdue);
    last_flush_ = start;
  }
  Time now = start;
  bool progress = true;
  while (progress && !failure_ && now - start < kTurnQuantum) {
    progress = false;
    for (std::size_t stage = stages_.size(); stage-- > 0 && !failure_;)
      progress = step(stage, now) || progress;
    request_splits();
  }
  if (!failure_)
    advance_snapshot();
  if (!failure_ && !runnable(now))
    flush(EdgeOutput::Flush::kIdle);
}

/// Behind what the sources have emitted so far.
void Pipeline::inject_barrier() {
  if (!triggered_)
    return;
  const Barrier barrier = *std::exchange(triggered_, {});
  for (const std::size_t source : stage_of_source_) {
    StageTask& stage = *stages_[source];
    stage.inject(barrier);
    guarded(stage, [&] { pass_barrier(source); });
  }
}

/// If the stage has reached one. Behind it whatever is changed for the first time is encoded before: in long steps
/// other slots would wait for this one to take their records.
void Pipeline::pass_barrier(std::size_t index) {
  StageTask& stage = *stages_[index];
  const auto barrier = stage.take_barrier();
  if (!barrier)
    return;
  participant_.pass(stage, *barrier);
  step_sizes_[index].start_small();
}

void Pipeline::advance_snapshot() {
  // Who has ended delays no record.
  const bool records_wait = phase_ == Phase::kRunning;
  std::size_t encoded = 0;
  const Time start = context_.clock.now();
  while (participant_.advance(kSnapshotStepBytes)) {
    encoded += kSnapshotStepBytes;
    const bool enough =
        encoded >= kSnapshotTurnBytes || context_.clock.now() - start >= kTurnQuantum;
    if (records_wait && enough)
      break;
  }
}

void Pipeline::advance_phase() {
  if (failure_)
    return;
  const bool ended =
      std::all_of(stages_.begin(), stages_.end(), [](const auto& stage) { return stage->ended(); });
  if (phase_ == Phase::kRunning && ended) {
    phase_ = Phase::kPreparing;
    flush(EdgeOutput::Flush::kIdle);
    participant_.prepare_last_output();
  }
  participant_.acknowledge_if_durable();
  // What is reported as finished belongs to the next checkpoint acknowledged: not to one whose barrier
  // passed before.
  if (phase_ == Phase::kPreparing && participant_.idle())
    phase_ = Phase::kFinished;
}

/// One step of one stage; true if it got anything done.
bool Pipeline::step(std::size_t index, Time& now) {
  StageTask& stage = *stages_[index];
  StepSize& size = step_sizes_[index];
  bool progress = false;
  guarded(stage, [&] {
    auto step = stage.step(size.records(), now);
    if (!step)
      return fail(step.error(), &stage);
    pass_barrier(index);
    progress = step->progress;
    if (step->records > 0) {
      const Time after = context_.clock.now();
      size.observe(step->records, after - now);
      now = after;
    }
    if (step->ending)
      size.start_small();
  });
  return progress;
}

/// Runs what may run user code; what it throws fails the pipeline.
template <class Function>
void Pipeline::guarded(const StageTask& stage, Function function) {
  try {
    function();
  } catch (const OperatorFailure& failure) {
    fail(Error(ErrorKind::kUser, failure.what()), &stage, failure.operator_name());
  } catch (const std::exception& failure) {
    fail(Error(ErrorKind::kUser, failure.what()), &stage, stage.head_name());
  }
}

void Pipeline::flush(EdgeOutput::Flush reason) {
  for (const auto& stage : stages_) {
    if (auto flushed = stage->flush(reason); !flushed && !failure_)
      fail(flushed.error(), stage.get());
  }
}

void Pipeline::request_splits() {
  for (std::uint32_t source = 0; source < stage_of_source_.size(); ++source) {
    if (stages_[stage_of_source_[source]]->wants_split())
      context_.outbox.request_split(source);
  }
}

bool Pipeline::runnable(Time now) const {
  return std::any_of(stages_.begin(), stages_.end(),
                     [now](const auto& stage) { return stage->runnable(now); });
}

TurnOutcome Pipeline::outcome(Time now) {
  if (failure_)
    return {TurnOutcome::Next::kFailed};
  if (phase_ == Phase::kFinished)
    return {TurnOutcome::Next::kFinished};
  if (phase_ == Phase::kRestoring)
    return {TurnOutcome::Next::kIdle};
  if (runnable(now) || participant_.can_advance())
    return {TurnOutcome::Next::kAgain};
  Time wake_at = Time::max();
  for (const auto& stage : stages_)
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

void Pipeline::fail_restore(Error error) {
  if (failure_)
    return;
  const bool damaged = error.kind() == ErrorKind::kProtocol;
  fail(std::move(error), nullptr);
  failure_->restore_damaged = damaged;
}

std::vector<proto::Committable> Pipeline::committables() {
  LEAT_CHECK(phase_ == Phase::kFinished);
  return participant_.take_output();
}

void Pipeline::abort() {
  for (const auto& stage : stages_) {
    // What was prepared may be committed yet; else it is removed with what the attempt left (clean_outputs).
    for (AnySinkWriter* sink : stage->sinks())
      sink->abort();
  }
}

std::uint64_t Pipeline::records_in() const {
  std::uint64_t records = 0;
  for (const auto& stage : stages_)
    records += stage->records_in();
  return records;
}

std::uint64_t Pipeline::records_out() const {
  std::uint64_t records = 0;
  for (const auto& stage : stages_)
    records += stage->records_out();
  return records;
}

}  // namespace leat::runtime
