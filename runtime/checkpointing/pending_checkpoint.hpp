#pragma once

// A checkpoint that is being taken: who has acknowledged, and what the manifest will say. Sends and decides
// nothing. Single-threaded, part of a CheckpointCoordinator. Invariant: a chunk is in stored() once it
// is durable, whether or not an acknowledgement refers to it yet.

#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "runtime/base/engine_time.hpp"
#include "runtime/checkpointing/base_segments.hpp"
#include "runtime/checkpointing/chunk_id.hpp"
#include "serialization/proto/control.pb.h"
#include "serialization/proto/storage.pb.h"

namespace leat::runtime {

enum class AckOutcome {
  kAccepted,
  kDuplicate,
  kUnknown,   ///< of another checkpoint, or no subtask of this one
  kBaseless,  ///< it says what changed since a base that does not have it; nothing is taken
  kCompleted,
};

class PendingCheckpoint {
 public:
  /// `manifest` holds all but what acknowledgements bring: info.id, attempt, the enumerators' states …
  /// `base` is that of the checkpoint which subtasks were told they may refer to; null: none.
  PendingCheckpoint(proto::StoredCheckpoint manifest,
                    std::shared_ptr<const proto::StoredCheckpoint> base, std::uint32_t subtasks,
                    Time began);

  /// Takes the snapshot if it is the first of this subtask.
  AckOutcome acknowledge(std::uint32_t subtask, const proto::SubtaskEvent::CheckpointAck& ack);
  [[nodiscard]] bool has_acknowledged(std::uint32_t subtask) const {
    return subtask < acknowledged_.size() && acknowledged_[subtask];
  }
  void add_chunk(ChunkId chunk, std::uint64_t bytes) {
    stored_.insert(chunk);
    stored_bytes_ += bytes;
  }

  [[nodiscard]] std::uint64_t id() const { return manifest_.info().id(); }
  [[nodiscard]] proto::CheckpointKind kind() const { return manifest_.info().kind(); }
  [[nodiscard]] const proto::CheckpointInfo& info() const { return manifest_.info(); }
  [[nodiscard]] Time began() const { return began_; }
  [[nodiscard]] const std::set<ChunkId>& stored() const { return stored_; }
  /// Precondition: all subtasks have acknowledged.
  [[nodiscard]] proto::StoredCheckpoint& manifest();

 private:
  [[nodiscard]] bool is_founded(const proto::SubtaskSnapshot& snapshot);
  void merge(std::uint32_t subtask, const proto::SubtaskSnapshot& snapshot);
  void merge(const proto::KeyedStateSnapshot& keyed);

  proto::StoredCheckpoint manifest_;
  BaseSegments base_;
  std::vector<bool> acknowledged_;  // by subtask
  std::uint32_t missing_;
  std::set<ChunkId> stored_;
  std::uint64_t stored_bytes_ = 0;
  Time began_;
};

}  // namespace leat::runtime
