#pragma once

// Brings back what a pipeline's part of a checkpoint holds, before the first record: keyed state by the
// operators' uids, and records that were on their way, which are sent again. Single-threaded.

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "runtime/base/result.hpp"
#include "runtime/checkpointing/piece_fetcher.hpp"
#include "runtime/checkpointing/snapshot_writer.hpp"
#include "runtime/dataflow/stage_task.hpp"
#include "runtime/state/key_group.hpp"
#include "serialization/proto/control.pb.h"

namespace leat::runtime {

class StateRestorer {
 public:
  using Stages = std::vector<std::unique_ptr<StageTask>>;

  /// `groups`: those of the pipeline's subtask.
  StateRestorer(proto::RestoreSubtask restore, const KeyGroupRange& groups, SlotOutbox& outbox);
  ~StateRestorer();

  /// Asks for the first chunks. Refuses state of another type, in words. `stages` outlive this.
  Result<void> begin(const Stages& stages);
  Result<void> chunk_arrived(const proto::ChunkData& chunk) {
    return fetcher_.chunk_arrived(chunk);
  }
  /// All of it has come back: call finish().
  [[nodiscard]] bool done() const { return fetcher_.done(); }
  /// Tells the states that they are complete, and sends records in flight again. Returns what the next
  /// checkpoint may refer to: what is this subtask's alone. Throws what partitioners throw.
  Result<PipelineChains> finish();

  [[nodiscard]] std::uint64_t checkpoint() const { return restore_.checkpoint(); }

 private:
  class SegmentRestore;
  class ChannelRestore;

  Result<void> begin_channels(const Stages& stages);
  Result<void> begin_operator(const KeyedOperator& keyed,
                              const proto::KeyedStateSnapshot& snapshot);

  proto::RestoreSubtask restore_;
  KeyGroupRange groups_;
  PieceFetcher fetcher_;
  std::vector<KeyedOperator> operators_;
  std::vector<std::unique_ptr<SegmentRestore>> segments_;
  std::vector<std::unique_ptr<ChannelRestore>> channels_;
  PipelineChains chains_;
};

}  // namespace leat::runtime
