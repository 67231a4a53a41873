// What a Pipeline does with events: most only enqueue; the next turn acts on them.

#include <utility>

#include "runtime/dataflow/pipeline.hpp"

namespace leat::runtime {

void Pipeline::on_buffer(ChannelId channel, std::uint64_t sequence, BufferPtr buffer) {
  if (failure_)
    return;
  EdgeInput* gate = nullptr;
  StageTask* stage = nullptr;
  if (channel.edge < chaining_.edges.size()) {
    stage = stages_[chaining_.stage_of[chaining_.edges[channel.edge].to_node]].get();
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
  stages_[chaining_.stage_of[from]]->output(channel.edge)->add_credit(channel.to, buffers);
}

void Pipeline::on_split_grant(const proto::SplitGrant& grant) {
  if (grant.source() >= stage_of_source_.size()) {
    fail(Error(ErrorKind::kProtocol, "splits for an unknown source arrived"), nullptr);
    return;
  }
  stages_[stage_of_source_[grant.source()]]->grant(grant);
}

void Pipeline::on_collect_credit(std::uint32_t batches) {
  rows_.add_credit(batches);
}

void Pipeline::on_io_done(IoToken token, const Result<void>& outcome) {
  if (participant_.io_done(token) && !outcome)
    fail(outcome.error(), nullptr);
}

void Pipeline::on_trigger(const proto::TriggerCheckpoint& trigger) {
  // What sources have left is noted now: a split granted after this message is behind the barrier.
  for (const std::size_t stage : stage_of_source_)
    stages_[stage]->note_trigger();
  triggered_ = barrier_of(trigger);
}

void Pipeline::on_abort_checkpoint(std::uint64_t checkpoint) {
  if (triggered_ && triggered_->checkpoint <= checkpoint)
    triggered_.reset();
  for (const auto& stage : stages_)
    stage->abort_barrier(checkpoint);
  rows_.finish(checkpoint);
  participant_.abort(checkpoint);
}

void Pipeline::on_checkpoint_complete(std::uint64_t checkpoint) {
  participant_.complete(checkpoint);
}

void Pipeline::on_chunk_stored(const proto::ChunkStored& stored) {
  participant_.chunk_stored(stored);
}

void Pipeline::on_chunk_data(const proto::ChunkData& chunk) {
  if (restorer_ == nullptr || failure_)
    return;
  if (auto arrived = restorer_->chunk_arrived(chunk); !arrived)
    fail_restore(arrived.error());
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

}  // namespace leat::runtime
