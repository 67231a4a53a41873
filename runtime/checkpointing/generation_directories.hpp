#pragma once

// The directories of a chunk store: `<root>/<number, eight digits>/` each a generation, and
// `….dropped` one that is being deleted. Deleting takes steps, and a crash in between is made up for
// at the next start. Blocks; used from one thread at a time.

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "runtime/base/result.hpp"

namespace leveldb {
class Env;
}

namespace leat {

class GenerationDirectories {
 public:
  GenerationDirectories(leveldb::Env* env, std::string root) : env_(env), root_(std::move(root)) {}

  /// Numbers of the generations there are, ascending. Those that a crash left half created or half
  /// deleted go to the dropped ones.
  Result<std::vector<std::uint64_t>> list();
  /// A number that no directory has or had.
  [[nodiscard]] std::uint64_t next_number() { return next_number_++; }
  [[nodiscard]] std::string path(std::uint64_t number) const;

  /// To be deleted by remove_some(). Its database must be closed.
  void drop(std::uint64_t number);
  /// Deletes up to `max_files` files of dropped generations. True if some are left.
  Result<bool> remove_some(std::size_t max_files);

  /// What all files below the root take.
  [[nodiscard]] std::uint64_t disk_bytes() const;

 private:
  [[nodiscard]] std::vector<std::string> children(const std::string& directory) const;
  [[nodiscard]] bool is_half_created(std::uint64_t number) const;
  [[nodiscard]] std::uint64_t bytes_below(const std::string& directory) const;

  leveldb::Env* env_;
  std::string root_;
  std::uint64_t next_number_ = 1;
  std::vector<std::string> dropped_;  ///< paths, renamed or not yet
};

}  // namespace leat
