#include "runtime/dataflow/stage_task.hpp"

#include <algorithm>
#include <utility>

#include "runtime/base/check.hpp"

namespace leat::runtime {

StageTask::StageTask(const StageEnvironment& environment, std::size_t stage) {
  build_head(environment, environment.chaining.stages[stage].front());
  unfinished_ = operators_.size();
}

StageTask::~StageTask() = default;

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
      return source_ != nullptr ? source_->runnable(now) : has_input();
    case Phase::kFinishing:
      return has_room() || has_input();
    case Phase::kDraining:
      return !room_.blocked() || has_input();
    case Phase::kEnded:
      return has_input();
  }
  return false;
}

bool StageTask::has_input() const {
  return std::any_of(inputs_.begin(), inputs_.end(),
                     [](const auto& input) { return input.value->has_data(); });
}

bool StageTask::input_ended() const {
  if (source_ != nullptr)
    return source_->ended();
  return std::all_of(inputs_.begin(), inputs_.end(),
                     [](const auto& input) { return input.value->ended(); });
}

Time StageTask::wake_at() const {
  const Time source =
      phase_ == Phase::kRunning && source_ != nullptr ? source_->wake_at() : Time::max();
  return std::min({source, barriers_.deadline(), sender_deadline()});
}

Result<StageTask::Step> StageTask::step(std::uint32_t max_records, Time now) {
  const bool held = barriers_.reached();
  check_barriers(now);
  if (!held && barriers_.reached())
    return Step{0, true};
  if (phase_ != Phase::kRunning)
    return step_ending(max_records, now);
  if (!has_room())
    return Step{};
  auto step = source_ != nullptr ? poll_source(max_records, now) : read_inputs(max_records, now);
  if (!step || !input_ended())
    return step;
  phase_ = Phase::kFinishing;
  return Step{step->records, true, true};
}

/// The input has ended: emits what is left, and passes barriers that still arrive.
Result<StageTask::Step> StageTask::step_ending(std::uint32_t max_records, Time now) {
  Step step;
  if (has_input()) {
    auto read = read_inputs(max_records, now);
    if (!read)
      return read;
    step = *read;
  }
  if (phase_ == Phase::kFinishing && has_room()) {
    step.progress = true;
    std::uint32_t left = max_records;
    const bool finished = finish_operators(left);
    step.records += max_records - left;
    if (finished) {
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

Result<StageTask::Step> StageTask::read_inputs(std::uint32_t max_records, Time now) {
  // Behind the end of input there are barriers only; they need no room.
  static constexpr bool kNever = false;
  const bool& blocked = phase_ == Phase::kRunning ? room_.blocked() : kNever;
  Step step;
  for (std::size_t tried = 0; tried < inputs_.size() && step.records < max_records; ++tried) {
    EdgeInput& input = *inputs_[next_input_].value;
    if (input.has_data()) {
      auto read = input.read(max_records - step.records, blocked);
      if (!read)
        return read.error();
      step.records += *read;
      step.progress = true;
      barriers_.collect(input, now);
      if (blocked || barriers_.reached())
        break;
    }
    next_input_ = (next_input_ + 1) % inputs_.size();
  }
  return step;
}

Result<StageTask::Step> StageTask::poll_source(std::uint32_t max_records, Time now) {
  const auto polled = source_->poll({max_records, room_.blocked(), now});
  if (!polled)
    return polled.error();
  records_in_ += polled->records;
  return Step{polled->records, polled->progress};
}

/// Upstream operators first; each may need several calls.
bool StageTask::finish_operators(std::uint32_t& left) {
  while (unfinished_ > 0) {
    if (!operators_[unfinished_ - 1]->finish(room_.blocked(), left))
      return false;
    --unfinished_;
  }
  return true;
}

bool StageTask::wants_split() {
  return source_ != nullptr && source_->wants_split();
}

void StageTask::grant(const proto::SplitGrant& grant) {
  LEAT_CHECK(source_ != nullptr);
  source_->grant(grant);
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
    return source_->position();
  return inputs_.empty() ? std::string() : inputs_[next_input_].value->position();
}

}  // namespace leat::runtime
