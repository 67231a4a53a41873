#pragma once

// LevelDB's operating system, in memory: it can fill up, fail, write short, flip bits and lose power.
// Thread-safe, as LevelDB writes tables on a thread of its own.
//
// What it promises about a power cut is what journaling file systems do. Bytes are there up to the last
// sync of their file; behind it any part is, or rubbish. Names (creating, renaming, removing) become
// durable in the order in which they changed, at the latest with the next sync of any file. A sync that
// failed is never made up for: its bytes are zeros after a power cut even if a later one succeeds.

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <random>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <leveldb/env.h>

namespace leat::test {

enum class EnvOperation { kCreate, kAppend, kSync, kRename, kRemove, kRead };

/// What is found behind the synced part of a file after a power cut.
enum class UnsyncedTail { kLost, kCutShort, kRubbish };

class FaultyEnv : public leveldb::EnvWrapper {
 public:
  FaultyEnv();
  ~FaultyEnv() override;

  // Faults.
  /// The volume holds this many bytes of files in all; an append that does not fit is written in part.
  void set_capacity(std::uint64_t bytes);
  [[nodiscard]] std::uint64_t free_bytes() const;
  /// The `nth` (from 1) such operation from now on whose path contains `part` fails.
  void fail_nth(EnvOperation operation, std::uint64_t nth, std::string part = "");
  /// That one and all after it.
  void fail_from_nth(EnvOperation operation, std::uint64_t nth, std::string part = "");
  /// Forgets the faults that have not happened yet.
  void heal();
  /// After `count` further changes everything fails, as if the machine had stopped; until restart().
  void power_off_after(std::uint64_t count);
  /// Changes made so far.
  [[nodiscard]] std::uint64_t changes() const;
  /// The machine comes back. Nothing may be open any more.
  void restart(UnsyncedTail tail, std::uint64_t seed);
  /// Flips a bit of a random file whose path contains `part`. False if none has any byte.
  bool flip_bit(std::string_view part, std::uint64_t seed);
  /// Flips a bit wherever a file holds `content` (in one piece). False if none does.
  bool damage(std::string_view content);
  /// Paths that contain `part`, sorted.
  [[nodiscard]] std::vector<std::string> paths(std::string_view part) const;

  leveldb::Status NewSequentialFile(const std::string& path,
                                    leveldb::SequentialFile** file) override;
  leveldb::Status NewRandomAccessFile(const std::string& path,
                                      leveldb::RandomAccessFile** file) override;
  leveldb::Status NewWritableFile(const std::string& path, leveldb::WritableFile** file) override;
  leveldb::Status NewAppendableFile(const std::string& path, leveldb::WritableFile** file) override;
  bool FileExists(const std::string& path) override;
  leveldb::Status GetChildren(const std::string& directory,
                              std::vector<std::string>* names) override;
  leveldb::Status RemoveFile(const std::string& path) override;
  leveldb::Status CreateDir(const std::string& path) override;
  leveldb::Status RemoveDir(const std::string& path) override;
  leveldb::Status GetFileSize(const std::string& path, std::uint64_t* size) override;
  leveldb::Status RenameFile(const std::string& from, const std::string& to) override;
  leveldb::Status LockFile(const std::string& path, leveldb::FileLock** lock) override;
  leveldb::Status UnlockFile(leveldb::FileLock* lock) override;
  leveldb::Status NewLogger(const std::string& path, leveldb::Logger** logger) override;

 private:
  struct Node {
    std::string bytes;
    std::size_t synced = 0;
    std::vector<std::pair<std::size_t, std::size_t>> lost;  ///< ranges of failed syncs
    bool directory = false;
  };
  using Names = std::map<std::string, std::shared_ptr<Node>>;
  using NameChange = std::function<void(Names&)>;
  struct Fault {
    EnvOperation operation;
    std::uint64_t left;
    std::string part;
    bool lasting;
  };
  class Sequential;
  class RandomAccess;
  class Writable;
  class Lock;

  // All of these: mutex_ is held.
  leveldb::Status allow(EnvOperation operation, const std::string& path);
  leveldb::Status append(const std::string& path, Node& node, std::string_view bytes);
  leveldb::Status sync(const std::string& path, Node& node);
  leveldb::Status find(const std::string& path, std::shared_ptr<Node>& node);
  void change_names(NameChange change);
  [[nodiscard]] std::uint64_t used() const;

  mutable std::mutex mutex_;
  Names now_;
  Names durable_;
  std::vector<NameChange> pending_;  ///< changes of names that are not durable yet
  std::set<std::string> locks_;
  std::vector<Fault> faults_;
  std::uint64_t capacity_;
  std::uint64_t changes_left_;
  std::uint64_t changes_ = 0;
};

}  // namespace leat::test
