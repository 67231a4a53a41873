#pragma once

// Takes a savepoint's pieces into the chunk store, a part at a time, so that whoever owns the store can
// do other things in between. Used on the store's thread; blocks. Never changes the savepoint.
// Invariant: nothing is stored before all of the savepoint has been read and verified; what a failed or
// abandoned reader has stored is released.

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/base/file_system.hpp"
#include "runtime/base/result.hpp"
#include "runtime/checkpointing/piece_ref.hpp"
#include "runtime/checkpointing/snapshot_store.hpp"
#include "serialization/proto/storage.pb.h"

namespace leat {

class SavepointReader {
 public:
  /// `path` is the savepoint's own directory. Reads `_metadata` and looks at the other files' sizes. Both
  /// references outlive the reader.
  static Result<std::unique_ptr<SavepointReader>> begin(FileSystem& files, SnapshotStore& store,
                                                        const std::string& path);
  ~SavepointReader();
  SavepointReader(const SavepointReader&) = delete;
  SavepointReader& operator=(const SavepointReader&) = delete;

  /// Reads about `budget_bytes`. True if there is more to do. Not called again after either an error or
  /// the end.
  Result<bool> step(std::size_t budget_bytes);

  /// After the last step: the manifest, whose pieces name chunks of the store, which are the caller's now.
  [[nodiscard]] proto::StoredCheckpoint take();

 private:
  enum class Phase { kVerify, kStore, kDone };
  /// A chunk being filled, and the pieces that are to lie in it.
  struct Gathered {
    std::string bytes;
    std::vector<runtime::PieceRef> pieces;
  };

  SavepointReader(FileSystem& files, SnapshotStore& store, std::string path);
  Result<void> read_metadata();
  Result<void> check_files();
  Result<void> not_a_savepoint() const;
  Result<std::string> read_all(const std::string& name);
  Result<std::string_view> read_piece(const runtime::StoredPiece& piece);
  Result<void> verify_or_gather(std::size_t index);
  Result<void> store_gathered();
  [[nodiscard]] std::string path_of(const std::string& name) const { return path_ + "/" + name; }

  FileSystem& files_;
  SnapshotStore& store_;
  std::string path_;
  proto::StoredCheckpoint manifest_;
  std::vector<runtime::PieceRef> pieces_;  // of manifest_, in the files' order
  Phase phase_ = Phase::kVerify;
  std::size_t next_ = 0;
  std::uint64_t file_number_ = 0;  // of file_; 0: none is open
  std::unique_ptr<ReadableFile> file_;
  std::string buffer_;  // the piece read last
  std::vector<Gathered> gathered_;
  std::size_t gathered_bytes_ = 0;
  std::vector<ChunkId> stored_;
};

}  // namespace leat
