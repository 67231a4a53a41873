// StageTask: its part in checkpoints.

#include <algorithm>
#include <utility>

#include "runtime/base/check.hpp"
#include "runtime/dataflow/stage_task.hpp"

namespace leat::runtime {

void StageTask::note_trigger() {
  LEAT_CHECK(source_ != nullptr);
  source_->note_trigger();
}

void StageTask::inject(const Barrier& barrier) {
  LEAT_CHECK(source_ != nullptr);
  if (barrier.after_end)
    source_->stop();
  barriers_.reach(barrier);
}

std::optional<Barrier> StageTask::take_barrier() {
  return barriers_.take_reached(phase_ >= Phase::kDraining);
}

void StageTask::before_barrier() {
  for (std::size_t i = operators_.size(); i-- > 0;)
    operators_[i]->before_barrier();
}

std::vector<proto::Split> StageTask::take_remaining() {
  LEAT_CHECK(source_ != nullptr);
  return source_->take_remaining();
}

void StageTask::send_barrier(const Barrier& barrier) {
  sent_barrier_ = barrier;
  barrier_waits_.reset();
  captured_at_sender_.clear();
  for (Output& output : outputs_) {
    output.value->pass(barrier);
    if (barrier.overtook && !output.broadcast)
      output.value->overtake(barrier, captured_at_sender_);
  }
  for (RowRelay::Channel* rows : rows_)
    rows->pass(barrier.checkpoint);
}

bool StageTask::holds_barrier() const {
  return std::any_of(outputs_.begin(), outputs_.end(),
                     [](const auto& output) { return output.value->holds_barrier(); });
}

/// Lets barriers overtake when they have waited long enough, in the inputs and in the outputs.
void StageTask::check_barriers(Time now) {
  barriers_.check(now);
  const bool may_overtake = sent_barrier_.exactly_once && sent_barrier_.aligned_timeout_ms > 0;
  const bool waits =
      may_overtake && std::any_of(outputs_.begin(), outputs_.end(), [](const auto& o) {
        return !o.broadcast && o.value->holds_barrier();
      });
  if (!waits) {
    barrier_waits_.reset();
    return;
  }
  if (!barrier_waits_)
    barrier_waits_ = now;
  if (now < sender_deadline())
    return;
  for (Output& output : outputs_)
    if (!output.broadcast)
      output.value->overtake(sent_barrier_, captured_at_sender_);
  barrier_waits_.reset();
}

Time StageTask::sender_deadline() const {
  return barrier_waits_
             ? *barrier_waits_ + std::chrono::milliseconds(sent_barrier_.aligned_timeout_ms)
             : Time::max();
}

std::vector<CapturedChannel> StageTask::take_captured() {
  LEAT_CHECK(settled());
  std::vector<CapturedChannel> captured;
  barriers_.take_captured(captured);
  captured.insert(captured.end(), std::make_move_iterator(captured_at_sender_.begin()),
                  std::make_move_iterator(captured_at_sender_.end()));
  captured_at_sender_.clear();
  return captured;
}

Result<void> StageTask::replay(std::uint16_t edge, const std::vector<BufferPtr>& buffers) {
  const auto output = std::find_if(outputs_.begin(), outputs_.end(),
                                   [edge](const Output& one) { return one.edge == edge; });
  LEAT_CHECK(output != outputs_.end());
  const Error malformed(ErrorKind::kProtocol,
                        "records in flight on edge " + std::to_string(edge) + " do not decode");
  const auto reader = output->type->make_reader(*output->writer);
  static constexpr bool kNever = false;
  std::string assembly;
  for (const BufferPtr& buffer : buffers) {
    std::string_view bytes = buffer->bytes.view();
    if (buffer->kind != BufferKind::kRecords) {
      bytes = assembly.append(bytes);
      if (buffer->kind == BufferKind::kFragment)
        continue;
    }
    ByteReader records(bytes);
    std::uint32_t left = buffer->records;
    const bool whole = buffer->kind != BufferKind::kRecords || assembly.empty();
    if (!whole || !reader->read(records, left, kNever) || !records.empty())
      return malformed;
    assembly.clear();
  }
  if (!assembly.empty())
    return malformed;
  return {};
}

}  // namespace leat::runtime
