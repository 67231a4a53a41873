#include "actors/level_db_snapshots.hpp"

#include <utility>

#include "runtime/checkpointing/leveldb_snapshot_store.hpp"

namespace leat::actors {

OpenSnapshots level_db_snapshots(std::string directory, Epoch epoch, Durability durability) {
  return [directory = std::move(directory), epoch,
          durability](const std::vector<ChunkId>& live) -> Result<OpenedSnapshots> {
    LevelDbStoreOptions options;
    options.durability = durability;
    options.verification = Verification::kContents;
    auto opened = LevelDbSnapshotStore::open(directory, epoch, live, std::move(options));
    if (!opened)
      return opened.error();
    return OpenedSnapshots{std::move(opened->store), std::move(opened->lost)};
  };
}

}  // namespace leat::actors
