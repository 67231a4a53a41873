#pragma once

// The JobManager's filing cabinet: epoch, jobs and their state, in a LevelDB. Every write is one
// synced, atomic batch. Blocks: after open() it is used from an io_worker only.
// Invariant: after a failed write nothing is written before the store has been opened anew, because LevelDB
// then accepts writes that are gone after a restart.

#include <cstdint>
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

  /// All of `writes` or nothing; an empty value deletes its key. One that was refused may be there all the
  /// same after the next opening. Whoever repeats it when there is room again succeeds: the store is then
  /// opened anew first.
  Result<void> write(const Entries& writes);

 private:
  MetaStore(std::string directory, Durability durability, leveldb::Env* env);
  Result<void> open_database();
  /// Fails for good if another JobManager has used the store meanwhile.
  Result<void> reopen();
  Result<std::uint64_t> stored_epoch() const;
  Result<Epoch> increment_epoch();
  Result<Entries> read_all() const;

  std::string directory_;
  Durability durability_;
  leveldb::Env* env_;
  std::unique_ptr<leveldb::DB> db_;  // null after a reopening that failed
  std::uint64_t epoch_ = 0;
  bool failed_ = false;
};

struct MetaStore::Opened {
  std::unique_ptr<MetaStore> store;
  Epoch epoch{};
  Entries entries;  ///< in key order, without the epoch
};

}  // namespace leat::actors
