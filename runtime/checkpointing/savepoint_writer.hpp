#pragma once

// Copies the pieces of a checkpoint out of the chunk store into a directory of their own, a part at a
// time, so that whoever owns the store can do other things in between. Used on the store's thread; blocks.
// Invariant: until the last step has succeeded there is no `_metadata`; what a failed or abandoned
// writer has written is removed, as far as it can be.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "runtime/base/file_system.hpp"
#include "runtime/base/result.hpp"
#include "runtime/checkpointing/piece_ref.hpp"
#include "runtime/checkpointing/snapshot_store.hpp"
#include "serialization/proto/storage.pb.h"

namespace leat {

class SavepointWriter {
 public:
  /// Makes `path`, the savepoint's own directory. A complete savepoint there is an error; what is left
  /// of an incomplete one is removed. Both references outlive the writer.
  static Result<std::unique_ptr<SavepointWriter>> begin(FileSystem& files, SnapshotStore& store,
                                                        std::string path,
                                                        proto::StoredCheckpoint manifest);
  ~SavepointWriter();
  SavepointWriter(const SavepointWriter&) = delete;
  SavepointWriter& operator=(const SavepointWriter&) = delete;

  /// Copies about `budget_bytes`. True if there is more to do, false when the savepoint is complete. Not
  /// called again after either an error or the end.
  Result<bool> step(std::size_t budget_bytes);

  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  SavepointWriter(FileSystem& files, SnapshotStore& store, std::string path,
                  proto::StoredCheckpoint manifest);
  Result<void> make_directory();
  Result<void> remove_leftovers();
  Result<void> copy(runtime::PieceRef& piece);
  Result<void> load_chunk(ChunkId id);
  Result<void> open_file();
  Result<void> close_file();
  Result<void> finish();
  Result<void> write_file(const std::string& name, const std::string& bytes);
  [[nodiscard]] std::string path_of(const std::string& name) const { return path_ + "/" + name; }

  FileSystem& files_;
  SnapshotStore& store_;
  std::string path_;
  proto::StoredCheckpoint manifest_;
  std::vector<runtime::PieceRef> pieces_;  // of manifest_, in the store's order
  std::size_t next_ = 0;
  std::optional<runtime::StoredPiece> copied_;  // the last one, as it lay in the store
  std::optional<ChunkId> chunk_id_;             // of chunk_
  std::string chunk_;
  std::unique_ptr<WritableFile> file_;
  std::uint64_t file_number_ = 0;
  std::uint64_t file_bytes_ = 0;
  bool complete_ = false;
};

}  // namespace leat
