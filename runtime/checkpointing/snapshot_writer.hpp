#pragma once

// Writes one pipeline's state at a barrier to the JobManager's chunk store, a slice at a time while records
// go on: encoded segments packed into chunks, within a window of unanswered ones. What it says of them is what
// has changed since the newest complete checkpoint. Single-threaded.
// Invariant: at most one snapshot is being written; encoded bytes that wait here are bounded.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <absl/container/flat_hash_map.h>
#include <absl/container/flat_hash_set.h>

#include "runtime/checkpointing/chunk_id.hpp"
#include "runtime/checkpointing/chunk_packer.hpp"
#include "runtime/checkpointing/segment_chains.hpp"
#include "runtime/dataflow/barrier.hpp"
#include "runtime/dataflow/captured_channel.hpp"
#include "runtime/dataflow/slot_outbox.hpp"
#include "runtime/state/keyed_state.hpp"
#include "serialization/proto/checkpoint.pb.h"

namespace leat::runtime {

/// Chains of all operators in one snapshot, by uid.
using PipelineChains = absl::flat_hash_map<std::string, SegmentChains>;

class SnapshotWriter {
 public:
  /// No segment is encoded while as much waits for the window.
  static constexpr std::size_t kMostWaitingBytes = 2 * kMaxChunkBytes;

  explicit SnapshotWriter(SlotOutbox& outbox) : outbox_(outbox) {}

  /// Discards what is left of an older one.
  void begin(const Barrier& barrier);
  /// Marks the state as of now; it outlives the snapshot.
  void add(const std::string& uid, KeyedState& state);
  /// Records that the barrier has overtaken.
  void add(CapturedChannel channel);
  /// Nothing else is added.
  void finish() { finished_ = true; }
  void abort();

  /// Encodes about `budget` bytes and sends what the window allows. True if there is more to do at once.
  bool advance(std::size_t budget);
  /// advance() would do something.
  [[nodiscard]] bool can_advance() const;

  void chunk_stored(std::uint64_t checkpoint, std::uint64_t sequence, ChunkId chunk);
  /// Everything added is durable.
  [[nodiscard]] bool durable() const;
  /// Precondition: durable(). Ends it; its chains are kept until another one begins or it is complete.
  void take(proto::SubtaskSnapshot& into);
  [[nodiscard]] std::uint64_t sent_bytes() const { return sent_bytes_; }

  /// The checkpoint may serve as a base.
  void complete(std::uint64_t checkpoint);
  /// The same of one that this pipeline was restored from.
  void restored(std::uint64_t checkpoint, PipelineChains chains);

 private:
  class Intake;
  /// A segment of the snapshot being written.
  struct Written {
    SegmentId id;
    bool on_base;
    std::uint32_t pieces;
  };
  /// One operator's part of the snapshot being written.
  struct Part {
    std::string uid;
    KeyedState* state;
    const SegmentChains* base;  // null: none
    SegmentChains chains;       // without the chunks of this snapshot
    std::vector<Written> written;
    std::vector<StoredPiece> pieces;  // of those, in their order
    bool encoded = false;
  };

  /// What of a channel was overtaken, and where it was put.
  struct Overtaken {
    CapturedChannel channel;
    std::vector<StoredPiece> pieces;  // one per buffer packed so far
  };

  [[nodiscard]] bool may_encode() const;
  void encode(std::size_t budget);
  void pack_overtaken(std::size_t budget);
  void send_ready();
  [[nodiscard]] bool all_encoded() const {
    return next_part_ == parts_.size() && next_overtaken_ == overtaken_.size();
  }
  void name_chunk(StoredPiece& piece) const;
  void take_keyed(Part& part, proto::KeyedStateSnapshot& into);
  void take_overtaken(Overtaken& overtaken, proto::ChannelSnapshot& into);

  SlotOutbox& outbox_;
  std::uint64_t checkpoint_ = 0;  // being written; 0: none
  std::uint64_t base_ = 0;        // complete_ if the barrier named it, else 0
  std::uint32_t window_ = 1;
  bool finished_ = false;
  std::vector<std::unique_ptr<Part>> parts_;
  std::size_t next_part_ = 0;  // the one being encoded
  std::vector<Overtaken> overtaken_;
  std::size_t next_overtaken_ = 0;  // the one being packed
  ChunkPacker packer_;
  std::vector<ChunkId> stored_;           // by sequence; epoch 0: not yet
  absl::flat_hash_set<ChunkId> of_base_;  // that what is on the base lies in
  std::size_t unanswered_ = 0;
  std::uint64_t sent_bytes_ = 0;

  std::uint64_t taken_ = 0;  // the last one that became durable, unless another began
  PipelineChains taken_chains_;
  std::uint64_t complete_ = 0;  // the newest that is complete; 0: none
  PipelineChains complete_chains_;
};

}  // namespace leat::runtime
