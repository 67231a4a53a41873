#pragma once

// An open descriptor as ReadableFile and WritableFile. One thread at a time.

#include <memory>
#include <string>
#include <string_view>

#include "runtime/base/file_system.hpp"
#include "runtime/base/result.hpp"

namespace leat::detail {

/// "cannot <action> '<path>': <reason of errno>".
[[nodiscard]] Error io_error(std::string_view action, const std::string& path, int error_number);

/// A path with a NUL byte would be cut short by the operating system.
[[nodiscard]] Result<void> check_path(const std::string& path);

/// Owns a descriptor; -1 is none.
class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(Descriptor&& other) noexcept : fd_(other.release()) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  Descriptor& operator=(Descriptor&&) = delete;
  ~Descriptor();

  [[nodiscard]] int get() const { return fd_; }
  [[nodiscard]] int release() {
    const int fd = fd_;
    fd_ = -1;
    return fd;
  }

 private:
  int fd_;
};

[[nodiscard]] std::unique_ptr<ReadableFile> make_posix_reader(Descriptor fd, std::string path);
[[nodiscard]] std::unique_ptr<WritableFile> make_posix_writer(Descriptor fd, std::string path);

}  // namespace leat::detail
