#pragma once

// The file system of the operating system. Stateless: may be used from any thread; an opened file
// from one thread at a time.

#include "runtime/base/file_system.hpp"

namespace leat {

class PosixFileSystem : public FileSystem {
 public:
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
};

}  // namespace leat
