#pragma once

// A directory of its own, removed with all it holds when the owner ends.

#include <string>
#include <utility>

#include "runtime/base/result.hpp"

namespace leat::actors {

class TemporaryDirectory {
 public:
  /// Below $TMPDIR, else /tmp.
  static Result<TemporaryDirectory> create(const std::string& prefix);
  ~TemporaryDirectory();
  TemporaryDirectory(TemporaryDirectory&& other) noexcept : path_(std::exchange(other.path_, "")) {}
  TemporaryDirectory& operator=(TemporaryDirectory&&) = delete;

  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  explicit TemporaryDirectory(std::string path) : path_(std::move(path)) {}

  std::string path_;  // empty: moved from
};

}  // namespace leat::actors
