#pragma once

// The chunk store of a JobManager, on disk: generations of chunks, each a LevelDB in a directory of its
// own (docs/formats.md). New chunks go to the current generation. When most of an old one is dead, what
// lives is copied to the generation of survivors under its id, and the directory goes as a whole: to
// delete from LevelDB costs a third of its rate and stalls it. Survivors are older than what is written
// and live longer, so both generations are written in ascending order.
//
// Blocks; used from one thread at a time. Invariant: index_ holds the live chunks and where they are.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <absl/container/flat_hash_map.h>

#include "runtime/base/ids.hpp"
#include "runtime/base/result.hpp"
#include "runtime/checkpointing/ballast_file.hpp"
#include "runtime/checkpointing/chunk_generation.hpp"
#include "runtime/checkpointing/durability.hpp"
#include "runtime/checkpointing/generation_directories.hpp"
#include "runtime/checkpointing/snapshot_store.hpp"

namespace leveldb {
class FileLock;
}

namespace leat {

/// How closely live chunks are looked at when the store is opened.
enum class Verification {
  kPresence,  ///< that they are there: reads the generations' directories of contents
  kContents,  ///< that they are intact: reads every live byte
};

struct LevelDbStoreOptions {
  /// Null for the operating system's; outlives the store.
  leveldb::Env* env = nullptr;
  Durability durability = Durability::kSynced;
  Verification verification = Verification::kContents;
  /// A generation is sealed at this size, or at a 32nd of what lives if that is more.
  std::uint64_t generation_bytes = std::uint64_t{256} << 20;
  /// One synced write holds about this much.
  std::size_t batch_bytes = std::size_t{8} << 20;
  std::size_t write_buffer_bytes = std::size_t{4} << 20;
  /// Chunks that would leave less than this free are refused. LevelDB needs about twice a write buffer
  /// and a batch; the rest is for the metadata store beside it.
  std::uint64_t free_space_floor = std::uint64_t{128} << 20;
  /// Bytes free on the volume of a directory; null to ask the operating system.
  std::function<Result<std::uint64_t>(const std::string& directory)> free_space;
};

class LevelDbSnapshotStore final : public SnapshotStore {
 public:
  struct Opened;

  /// Opens or creates the store. `epoch` is this JobManager's, above all earlier ones. All but `live`
  /// is garbage, which collect() frees. Fails when the operating system refuses; live chunks that are
  /// missing or damaged are reported instead.
  static Result<Opened> open(const std::string& directory, Epoch epoch,
                             const std::vector<ChunkId>& live, LevelDbStoreOptions options = {});
  ~LevelDbSnapshotStore() override;
  LevelDbSnapshotStore(const LevelDbSnapshotStore&) = delete;
  LevelDbSnapshotStore& operator=(const LevelDbSnapshotStore&) = delete;

  Result<std::vector<ChunkId>> put(const std::vector<std::string_view>& chunks) override;
  Result<std::string> get(ChunkId id) override;
  void release(const std::vector<ChunkId>& ids) override;
  Result<bool> collect(std::size_t budget_bytes) override;
  [[nodiscard]] bool needs_reopen() const override { return failed_; }
  Result<std::vector<ChunkId>> reopen() override;
  [[nodiscard]] StoreUsage usage() const override;

 private:
  struct Generation {
    std::unique_ptr<ChunkGeneration> database;
    std::uint64_t live_chunks = 0;
    std::uint64_t live_bytes = 0;
    std::size_t copied = 0;   ///< this many of database->chunks() need not be looked at again
    bool unreadable = false;  ///< a live chunk cannot be copied: the generation stays
  };
  using Generations = std::map<std::uint64_t, Generation>;
  struct Location {
    std::uint64_t generation = 0;
    std::uint32_t bytes = 0;
  };
  using Index = absl::flat_hash_map<ChunkId, Location>;

  LevelDbSnapshotStore(std::string directory, Epoch epoch, LevelDbStoreOptions options);

  // Opening
  Result<void> lock();
  Result<std::vector<ChunkId>> load(const std::vector<ChunkId>& live, Verification verification);
  Result<std::vector<ChunkId>> try_load(const std::vector<ChunkId>& live,
                                        Verification verification);
  Result<std::vector<std::uint64_t>> open_generations();
  Result<bool> verify(ChunkId id, Location& location);
  void choose_generations_to_continue();
  [[nodiscard]] GenerationSettings generation_settings() const;

  // Writing
  Result<std::uint64_t> free_space() const;
  Result<void> check_room(std::uint64_t bytes) const;
  /// Returns the generation that the batch is in.
  Result<std::uint64_t> write_batch(std::optional<std::uint64_t>& target,
                                    const std::vector<ChunkToWrite>& batch);
  Result<void> prepare(std::optional<std::uint64_t>& target);
  Error fail(const Error& error);
  void enter(ChunkId id, Location location);
  void leave(const Location& location);

  // Collecting
  [[nodiscard]] Generations::iterator choose_victim();
  Result<void> copy_forward(Generations::iterator victim, std::size_t budget_bytes);

  std::string directory_;
  std::uint64_t epoch_;
  LevelDbStoreOptions options_;
  GenerationDirectories directories_;
  BallastFile ballast_;
  leveldb::FileLock* lock_ = nullptr;
  std::uint64_t last_counter_ = 0;
  Generations generations_;
  std::optional<std::uint64_t> current_;
  std::optional<std::uint64_t> survivors_;
  Index index_;
  std::uint64_t live_bytes_ = 0;
  bool failed_ = false;
};

struct LevelDbSnapshotStore::Opened {
  std::unique_ptr<LevelDbSnapshotStore> store;
  std::vector<ChunkId> lost;  ///< of the live ones, ascending; no longer live
};

}  // namespace leat
