#pragma once

// The JobManager's filing cabinet: epoch, jobs and their state, in a LevelDB. Every write is one
// synced, atomic batch. Blocks: after open() it is used from an io_worker only.
// Invariant: after a failed write nothing is written any more, because LevelDB then accepts writes
// that are gone after a restart.

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "runtime/base/ids.hpp"
#include "runtime/base/result.hpp"
#include "runtime/checkpointing/durability.hpp"

namespace leveldb {
class DB;
class Env;
}  // namespace leveldb

namespace leat::actors {

class MetaStore {
 public:
  using Entries = std::vector<std::pair<std::string, std::string>>;

  struct Opened;

  /// Opens or creates the store, and increments and syncs its epoch before anything else. Fails in
  /// words when another process holds it, when it is damaged, or cannot be written.
  /// `env`: null for the operating system's; outlives the store.
  static Result<Opened> open(const std::string& directory, Durability durability,
                             leveldb::Env* env = nullptr);
  ~MetaStore();
  MetaStore(const MetaStore&) = delete;
  MetaStore& operator=(const MetaStore&) = delete;

  /// All of `writes` or nothing; an empty value deletes its key.
  Result<void> write(const Entries& writes);

 private:
  MetaStore(std::string directory, Durability durability, std::unique_ptr<leveldb::DB> db);
  Result<Epoch> increment_epoch();
  Result<Entries> read_all() const;

  std::string directory_;
  Durability durability_;
  std::unique_ptr<leveldb::DB> db_;
  bool failed_ = false;
};

struct MetaStore::Opened {
  std::unique_ptr<MetaStore> store;
  Epoch epoch{};
  Entries entries;  ///< in key order, without the epoch
};

}  // namespace leat::actors
