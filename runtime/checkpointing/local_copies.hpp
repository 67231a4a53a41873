#pragma once

// A TaskManager's copies of what its subtasks have snapshotted, in files of a directory that is worth
// nothing once the process is gone. Single-threaded; files are written and read where the owner wants blocking
// work to be done.
// Invariant: a copy answers a fetch only if it has the checksums that the manifest tells.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "runtime/base/file_system.hpp"
#include "runtime/base/result.hpp"
#include "runtime/checkpointing/chunk_id.hpp"
#include "runtime/checkpointing/local_chunks.hpp"
#include "runtime/checkpointing/stored_piece.hpp"
#include "serialization/proto/control.pb.h"

namespace leat::runtime {

class LocalCopies {
 public:
  using Work = std::function<Result<std::string>()>;
  using Then = std::function<void(Result<std::string>)>;
  /// Has `work` done, one after the other in this order; `then` follows on the owner's thread unless the owner
  /// has ended.
  using RunIo = std::function<void(Work work, Then then)>;
  /// The pieces that a deployment is to be restored from, by chunk.
  using Pieces = std::map<ChunkId, std::vector<StoredPiece>>;

  /// Empties the directory. With a limit of 0 bytes it does nothing at all. `files` outlives what is run.
  LocalCopies(RunIo run_io, FileSystem& files, std::string directory, std::uint64_t limit_bytes);

  // What passes through the TaskManager.
  void sent(const proto::SnapshotChunk& chunk);
  void stored(const proto::ChunkStored& stored);
  void acknowledged(const proto::SubtaskRef& ref, const proto::SubtaskEvent::CheckpointAck& ack);
  void completed(const proto::CheckpointComplete& complete);
  /// The slot has ended: what it sent will not be acknowledged.
  void gone(const proto::SubtaskRef& ref);

  /// False if there is no copy of this chunk. Else `then` is called later, with its bytes, or with nothing
  /// if they are not what `pieces` say.
  bool fetch(ChunkId id, std::vector<StoredPiece> pieces,
             std::function<void(std::optional<std::string>)> then);

  /// Chunks sent that are in memory until the store has answered.
  [[nodiscard]] std::size_t unanswered() const { return unanswered_.size(); }

 private:
  using Sent = std::tuple<std::string, std::uint64_t, std::uint64_t>;  // ref, checkpoint, sequence

  void write(ChunkId id, std::shared_ptr<const std::string> bytes);
  void remove(std::vector<ChunkId> ids);
  [[nodiscard]] std::string path_of(ChunkId id) const;

  RunIo run_io_;
  FileSystem& files_;
  std::string directory_;
  bool enabled_;
  LocalChunks chunks_;
  std::map<Sent, std::shared_ptr<const std::string>> unanswered_;
};

/// What fetch() needs of a deployment's restore.
[[nodiscard]] LocalCopies::Pieces pieces_by_chunk(const proto::RestoreSubtask& restore);

}  // namespace leat::runtime
