#pragma once

// A whole file as one read-only range of memory, for the hand-written loops.
// Any thread; movable, not shared.
// Invariant: bytes() stays valid as long as the object lives.

#include <string>
#include <string_view>
#include <utility>

namespace leat::bench {

/// Maps the file instead of reading it: in the page cache both cost about the same, and a map
/// needs no buffer. Throws std::system_error naming the file.
class FileView {
 public:
  explicit FileView(const std::string& path);
  FileView(FileView&& other) noexcept : bytes_(std::exchange(other.bytes_, {})) {}
  FileView(const FileView&) = delete;
  FileView& operator=(const FileView&) = delete;
  FileView& operator=(FileView&&) = delete;
  ~FileView();

  std::string_view bytes() const { return bytes_; }

 private:
  std::string_view bytes_;
};

}  // namespace leat::bench
