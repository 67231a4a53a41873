#pragma once

// A file system in memory that can refuse, fail and forget: bytes and names that were not synced
// are gone after crash(), or, where several machines share it, after crash_of() the one that wrote them.
// One thread at a time. Paths are compared after lexical normalisation; the root and "." exist.

#include <cstdint>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <string_view>

#include "runtime/base/file_system.hpp"

namespace leat::test {

enum class FileOperation {
  kInfo,
  kList,
  kOpen,
  kRead,
  kCreate,
  kAppend,
  kSync,
  kClose,
  kCreateDirectory,
  kRename,
  kRemove,
  kSyncDirectory,
};

class MemoryFileSystem : public FileSystem {
 public:
  MemoryFileSystem();

  // Set-up and inspection; never fail, and what is added is durable.
  void add_file(const std::string& path, std::string_view bytes);
  void add_directory(const std::string& path);
  void add_symlink(const std::string& path, const std::string& target);
  /// The bytes of a file; nothing if there is none.
  [[nodiscard]] std::optional<std::string> bytes(const std::string& path) const;
  /// Names in a directory, sorted and joined by spaces.
  [[nodiscard]] std::string names(const std::string& directory) const;

  // Faults.
  /// From now on `operation` fails on paths that contain `part`; until heal().
  void fail(FileOperation operation, std::string part, std::string reason);
  void heal() { faults_.clear(); }
  /// Bytes that may still be appended, to all files together.
  void set_space(std::uint64_t bytes) { space_ = bytes; }
  /// After `count` further changes everything fails, as if the machine had stopped; until crash().
  void power_off_after(std::uint64_t count) { changes_left_ = count; }
  [[nodiscard]] bool power_is_off() const { return changes_left_ == 0; }
  /// The machine restarts: what was not synced is gone. Files still open are useless afterwards.
  void crash();
  /// Whose changes follow, of several machines that share the storage; until told otherwise.
  void act_as(std::uint32_t machine) { machine_ = machine; }
  /// That machine stops. What it had not synced is there, in part, as zeros, or not, as chance has it.
  void crash_of(std::uint32_t machine, std::mt19937_64& random);
  /// Changes made so far: creations, appends, syncs, renames, removals.
  [[nodiscard]] std::uint64_t changes() const { return changes_; }

  Result<FileInfo> info(const std::string& path) override;
  Result<FileInfo> target_info(const std::string& path) override;
  Result<bool> exists(const std::string& path) override;
  Result<std::vector<std::string>> list(const std::string& directory) override;
  Result<std::unique_ptr<ReadableFile>> open_for_read(const std::string& path) override;
  Result<std::unique_ptr<WritableFile>> create(const std::string& path) override;
  Result<void> create_directories(const std::string& path) override;
  Result<void> rename(const std::string& from, const std::string& to) override;
  Result<void> remove(const std::string& path) override;
  Result<void> sync_directory(const std::string& path) override;

 private:
  struct Node {
    FileKind kind = FileKind::kRegular;
    std::string bytes;
    std::string durable_bytes;
    std::string target;  ///< of a symbolic link
    std::uint32_t written_by = 0;
  };
  using Names = std::map<std::string, std::shared_ptr<Node>>;
  class Reader;
  class Writer;
  struct Fault {
    FileOperation operation;
    std::string part;
    std::string reason;
  };

  Result<void> allow(FileOperation operation, const std::string& path);
  Result<void> allow_append(const std::string& path, std::uint64_t bytes);
  /// Where a path leads, links to directories followed but not the last name.
  [[nodiscard]] std::string place(const std::string& path) const;
  /// The node with links followed, or null.
  [[nodiscard]] std::shared_ptr<Node> resolve(const std::string& path) const;
  [[nodiscard]] std::shared_ptr<Node> find(const std::string& path) const;
  void put(const std::string& path, std::shared_ptr<Node> node);
  void make_names_durable(const std::string& directory);
  void settle_name(const std::string& path, bool keep);

  Names now_;
  Names durable_;
  std::map<std::string, std::uint32_t> unsynced_names_;  // and whose change it was
  std::uint32_t machine_ = 0;
  std::vector<Fault> faults_;
  std::uint64_t space_ = std::numeric_limits<std::uint64_t>::max();
  std::uint64_t changes_left_ = std::numeric_limits<std::uint64_t>::max();
  std::uint64_t changes_ = 0;
};

}  // namespace leat::test
