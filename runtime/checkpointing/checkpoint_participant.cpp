#include "runtime/checkpointing/checkpoint_participant.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

namespace leat::runtime {

void CheckpointParticipant::restored(std::uint64_t checkpoint, PipelineChains chains) {
  restored_ = newest_ = checkpoint;
  writer_.restored(checkpoint, std::move(chains));
}

void CheckpointParticipant::pass(StageTask& stage, const Barrier& barrier) {
  if (barrier.checkpoint > newest_)
    begin(barrier);
  // One that is over goes no further: whoever waits for it is told so, as this pipeline was.
  if (barrier.checkpoint != barrier_.checkpoint)
    return;
  stage.before_barrier();
  snapshot(stage, barrier);
  stage.send_barrier(barrier);
  ++passed_;
}

void CheckpointParticipant::begin(const Barrier& barrier) {
  barrier_ = barrier;
  newest_ = barrier.checkpoint;
  passed_ = 0;
  finished_ = false;
  ack_.Clear();
  ack_.set_checkpoint(barrier.checkpoint);
  writer_.begin(barrier);
}

void CheckpointParticipant::snapshot(StageTask& stage, const Barrier& barrier) {
  for (const KeyedOperator& keyed : stage.keyed())
    writer_.add(keyed.uid, *keyed.state);
  for (AnySinkWriter* sink : stage.sinks())
    output_.prepare(*sink, barrier.checkpoint, barrier.checkpoint - 1);
  if (stage.is_source()) {
    proto::SourceSnapshot& source = *ack_.mutable_snapshot()->add_sources();
    source.set_uid(stage.source_uid());
    for (proto::Split& split : stage.take_remaining())
      *source.add_splits() = std::move(split);
  }
  ack_.set_unaligned(ack_.unaligned() || barrier.overtook);
  const auto alignment =
      std::chrono::duration_cast<std::chrono::milliseconds>(stage.alignment()).count();
  ack_.set_alignment_ms(std::max(ack_.alignment_ms(), static_cast<std::uint64_t>(alignment)));
}

void CheckpointParticipant::prepare_last_output() {
  for (const auto& stage : stages_) {
    // Numbers of barriers that this stage has yet to pass are above; it writes nothing before them.
    const std::uint64_t passed = std::max(stage->last_barrier(), restored_);
    for (AnySinkWriter* sink : stage->sinks())
      output_.prepare(*sink, passed + 1, stage->last_barrier());
  }
}

void CheckpointParticipant::abort(std::uint64_t checkpoint) {
  newest_ = std::max(newest_, checkpoint);
  if (barrier_.checkpoint == 0 || barrier_.checkpoint > checkpoint)
    return;
  barrier_ = {};
  finished_ = false;
  writer_.abort();
}

void CheckpointParticipant::complete(std::uint64_t checkpoint) {
  writer_.complete(checkpoint);
  output_.forget_before(checkpoint);
}

void CheckpointParticipant::chunk_stored(const proto::ChunkStored& stored) {
  writer_.chunk_stored(stored.checkpoint(), stored.sequence(), {stored.epoch(), stored.counter()});
}

/// Once all stages stand behind the barrier, and so does all that it has overtaken.
void CheckpointParticipant::finish_if_settled() {
  if (finished_ || barrier_.checkpoint == 0 || passed_ < stages_.size() ||
      !std::all_of(stages_.begin(), stages_.end(),
                   [](const auto& stage) { return stage->settled(); }))
    return;
  for (const auto& stage : stages_)
    for (CapturedChannel& channel : stage->take_captured()) {
      ack_.set_unaligned(true);
      writer_.add(std::move(channel));
    }
  writer_.finish();
  finished_ = true;
}

bool CheckpointParticipant::advance(std::size_t budget) {
  finish_if_settled();
  return writer_.advance(budget);
}

bool CheckpointParticipant::durable() const {
  return finished_ && writer_.durable() && output_.durable();
}

void CheckpointParticipant::acknowledge_if_durable() {
  if (!durable())
    return;
  ack_.set_sent_bytes(writer_.sent_bytes());
  writer_.take(*ack_.mutable_snapshot());
  for (proto::Committable& committable : output_.before(barrier_.checkpoint))
    *ack_.mutable_snapshot()->add_committables() = std::move(committable);
  barrier_ = {};
  finished_ = false;
  outbox_.acknowledge(std::exchange(ack_, {}));
}

}  // namespace leat::runtime
