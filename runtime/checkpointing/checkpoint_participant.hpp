#pragma once

// One pipeline's part in checkpoints: takes each stage's snapshot as the stage reaches the barrier, has it
// written, and acknowledges when all of it is durable. Single-threaded.
// Invariant: at most one snapshot is under way; a newer barrier discards what is left of an older one.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "runtime/checkpointing/snapshot_writer.hpp"
#include "runtime/checkpointing/uncommitted_output.hpp"
#include "runtime/dataflow/barrier.hpp"
#include "runtime/dataflow/slot_outbox.hpp"
#include "runtime/dataflow/stage_task.hpp"
#include "serialization/proto/control.pb.h"

namespace leat::runtime {

class CheckpointParticipant {
 public:
  using Stages = std::vector<std::unique_ptr<StageTask>>;

  /// `stages` may still be empty; both outlive this.
  CheckpointParticipant(SlotOutbox& outbox, const Stages& stages)
      : outbox_(outbox), stages_(stages), writer_(outbox), output_(outbox) {}

  /// The pipeline was restored from this checkpoint.
  void restored(std::uint64_t checkpoint, PipelineChains chains);

  /// A stage has reached a barrier: its snapshot is taken, the barrier goes on. Throws OperatorFailure.
  void pass(StageTask& stage, const Barrier& barrier);
  /// No record follows in any stage: the last output is prepared.
  void prepare_last_output();

  void abort(std::uint64_t checkpoint);
  void complete(std::uint64_t checkpoint);
  void chunk_stored(const proto::ChunkStored& stored);
  /// False if the work was not for a checkpoint.
  bool io_done(IoToken token) { return output_.io_done(token); }

  /// Encodes about `budget` bytes. True if there is more to do at once.
  bool advance(std::size_t budget);
  [[nodiscard]] bool can_advance() const { return writer_.can_advance(); }
  /// Acknowledges the snapshot under way if it is durable.
  void acknowledge_if_durable();

  /// Nothing is under way, and all output is durable.
  [[nodiscard]] bool idle() const { return barrier_.checkpoint == 0 && output_.durable(); }
  /// What no acknowledgement has covered for sure; from now on the caller's.
  [[nodiscard]] std::vector<proto::Committable> take_output() { return output_.take(); }

 private:
  void begin(const Barrier& barrier);
  void snapshot(StageTask& stage, const Barrier& barrier);
  void finish_if_settled();
  [[nodiscard]] bool durable() const;

  SlotOutbox& outbox_;
  const Stages& stages_;
  SnapshotWriter writer_;
  UncommittedOutput output_;
  std::uint64_t restored_ = 0;
  Barrier barrier_;           // of the snapshot under way; checkpoint 0: none
  std::uint64_t newest_ = 0;  // begun or aborted
  std::size_t passed_ = 0;    // stages
  bool finished_ = false;     // nothing is added to the snapshot any more
  proto::SubtaskEvent::CheckpointAck ack_;
};

}  // namespace leat::runtime
