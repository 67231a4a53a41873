#pragma once

// A TaskManager's copies of what its subtasks have snapshotted, in files of a directory that is worth
// nothing once the process is gone. Part of the TaskManager's actor; files are written and read on a thread
// of their own.
// Invariant: a copy answers a fetch only if it has the checksums that the manifest tells.

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include <caf/typed_event_based_actor.hpp>

#include "actors/protocol.hpp"
#include "runtime/base/file_system.hpp"
#include "runtime/checkpointing/local_chunks.hpp"
#include "runtime/checkpointing/stored_piece.hpp"

namespace leat::actors {

class LocalCopies {
 public:
  using Self = local_task_manager_actor::base;
  /// The pieces that a deployment is to be restored from, by chunk.
  using Pieces = std::map<ChunkId, std::vector<runtime::StoredPiece>>;

  /// Empties the directory. With a limit of 0 bytes it does nothing at all. `files` outlives the actor.
  LocalCopies(Self* self, FileSystem& files, std::string directory, std::uint64_t limit_bytes);

  // What passes through the TaskManager.
  void sent(const proto::SnapshotChunk& chunk);
  void stored(const proto::ChunkStored& stored);
  void acknowledged(const proto::SubtaskRef& ref, const proto::SubtaskEvent::CheckpointAck& ack);
  void completed(const proto::CheckpointComplete& complete);
  /// The slot has ended: what it sent will not be acknowledged.
  void gone(const proto::SubtaskRef& ref);

  /// False if there is no copy of this chunk. Else `then` is called later, with its bytes, or with nothing
  /// if they are not what `pieces` say.
  bool fetch(ChunkId id, std::vector<runtime::StoredPiece> pieces,
             std::function<void(std::optional<std::string>)> then);

 private:
  using Sent = std::tuple<std::string, std::uint64_t, std::uint64_t>;  // ref, checkpoint, sequence

  void write(ChunkId id, std::shared_ptr<const std::string> bytes);
  void remove(std::vector<ChunkId> ids);
  [[nodiscard]] std::string path_of(ChunkId id) const;

  Self* self_;
  FileSystem& files_;
  std::string directory_;
  bool enabled_;
  LocalChunks chunks_;
  std::map<Sent, std::shared_ptr<const std::string>> unanswered_;
  io_worker_actor worker_;  // none if not enabled
};

/// What fetch() needs of a deployment's restore.
[[nodiscard]] LocalCopies::Pieces pieces_by_chunk(const proto::RestoreSubtask& restore);

}  // namespace leat::actors
