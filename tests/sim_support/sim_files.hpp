#pragma once

// The shared storage as one process sees it: nothing it does has an effect once it has died, and it can
// die between any two changes.

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "tests/support/memory_file_system.hpp"

namespace leat::sim {

class SimFiles final : public FileSystem {
 public:
  /// `machine` tells what this process has written from what others have; never 0.
  SimFiles(test::MemoryFileSystem& storage, std::uint32_t machine)
      : storage_(storage), machine_(machine) {}

  /// Before the `change`-th change from now the process dies: `die` is called.
  void die_before(std::uint64_t change, std::function<void()> die) {
    changes_left_ = change;
    die_ = std::move(die);
  }
  /// It does not.
  void spare() { die_ = nullptr; }
  /// Nothing has an effect any more. With the machine gone, what was not synced may be lost.
  void end(bool with_machine, std::mt19937_64& random) {
    dead_ = true;
    if (with_machine)
      storage_.crash_of(machine_, random);
  }

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
  class Writer;
  /// Whether there still is a process that could do this.
  Result<void> look(const std::string& path) const;
  Result<void> change(const std::string& path);

  test::MemoryFileSystem& storage_;
  const std::uint32_t machine_;
  bool dead_ = false;
  std::uint64_t changes_left_ = 0;  // while there is die_
  std::function<void()> die_;
};

}  // namespace leat::sim
