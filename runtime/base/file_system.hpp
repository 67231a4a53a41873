#pragma once

// The file system as the engine sees it, so that a simulation can lose, tear and refuse writes.
// Implementations may be used from one thread at a time unless they say otherwise.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "runtime/base/result.hpp"

namespace leat {

enum class FileKind { kRegular, kDirectory, kSymlink, kOther };

struct FileInfo {
  FileKind kind = FileKind::kOther;
  std::uint64_t size = 0;  ///< bytes
};

/// A file open for positioned reads.
class ReadableFile {
 public:
  virtual ~ReadableFile() = default;
  /// Reads up to `into.size()` bytes at `offset`; 0 means end of file.
  virtual Result<std::size_t> read_at(std::uint64_t offset, std::span<char> into) = 0;
};

/// A file being written from its start. Destroying it without close() leaves it as it is on disk.
class WritableFile {
 public:
  virtual ~WritableFile() = default;
  virtual Result<void> append(std::span<const char> bytes) = 0;
  /// fsync: blocks; call it from where blocking is allowed.
  virtual Result<void> sync() = 0;
  virtual Result<void> close() = 0;
};

/// Errors name the path and the reason. Paths are absolute or relative to the process.
class FileSystem {
 public:
  virtual ~FileSystem() = default;
  /// Does not follow a symbolic link; a missing path is an error.
  virtual Result<FileInfo> info(const std::string& path) = 0;
  /// Of what a symbolic link leads to; as info() for all else.
  virtual Result<FileInfo> target_info(const std::string& path) = 0;
  /// False only when the path is surely not there; a link that leads nowhere is there.
  virtual Result<bool> exists(const std::string& path) = 0;
  /// Names (not paths) in a directory, sorted.
  virtual Result<std::vector<std::string>> list(const std::string& directory) = 0;
  virtual Result<std::unique_ptr<ReadableFile>> open_for_read(const std::string& path) = 0;
  /// Fails if the file exists.
  virtual Result<std::unique_ptr<WritableFile>> create(const std::string& path) = 0;
  virtual Result<void> create_directories(const std::string& path) = 0;
  /// Never replaces an existing `to`; syncs the directories. Another's rename of the same pair that
  /// got halfway (both names are one file) is completed.
  virtual Result<void> rename(const std::string& from, const std::string& to) = 0;
  /// Removing what is not there is success.
  virtual Result<void> remove(const std::string& path) = 0;
  virtual Result<void> sync_directory(const std::string& path) = 0;
};

}  // namespace leat
