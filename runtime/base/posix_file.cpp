#include "runtime/base/posix_file.hpp"

#include <cerrno>
#include <system_error>
#include <unistd.h>
#include <utility>

#include "runtime/base/quote_name.hpp"

namespace leat::detail {

namespace {

class PosixReader : public ReadableFile {
 public:
  PosixReader(Descriptor fd, std::string path) : fd_(std::move(fd)), path_(std::move(path)) {}

  Result<std::size_t> read_at(std::uint64_t offset, std::span<char> into) override {
    while (true) {
      const ssize_t got = ::pread(fd_.get(), into.data(), into.size(), static_cast<off_t>(offset));
      if (got >= 0)
        return static_cast<std::size_t>(got);
      if (errno != EINTR)
        return io_error("read", path_, errno);
    }
  }

 private:
  Descriptor fd_;
  std::string path_;
};

class PosixWriter : public WritableFile {
 public:
  PosixWriter(Descriptor fd, std::string path) : fd_(std::move(fd)), path_(std::move(path)) {}

  Result<void> append(std::span<const char> bytes) override {
    while (!bytes.empty()) {
      const ssize_t written = ::write(fd_.get(), bytes.data(), bytes.size());
      if (written >= 0)
        bytes = bytes.subspan(static_cast<std::size_t>(written));
      else if (errno != EINTR)
        return io_error("write", path_, errno);
    }
    return {};
  }

  Result<void> sync() override {
    // Not repeated after an error: the kernel may have dropped the pages, and would then say yes.
    if (::fsync(fd_.get()) != 0)
      return io_error("sync", path_, errno);
    return {};
  }

  Result<void> close() override {
    const int fd = fd_.release();
    // On Linux the descriptor is gone even after EINTR.
    if (fd >= 0 && ::close(fd) != 0 && errno != EINTR)
      return io_error("close", path_, errno);
    return {};
  }

 private:
  Descriptor fd_;
  std::string path_;
};

}  // namespace

Error io_error(std::string_view action, const std::string& path, int error_number) {
  return Error(ErrorKind::kIo, "cannot " + std::string(action) + " " + quote_name(path) + ": " +
                                   std::generic_category().message(error_number));
}

Result<void> check_path(const std::string& path) {
  if (path.empty())
    return Error(ErrorKind::kInput, "an empty path names no file");
  if (path.find('\0') != std::string::npos)
    return Error(ErrorKind::kInput, "the path " + quote_name(path) + " holds a NUL byte");
  return {};
}

Descriptor::~Descriptor() {
  if (fd_ >= 0)
    ::close(fd_);
}

std::unique_ptr<ReadableFile> make_posix_reader(Descriptor fd, std::string path) {
  return std::make_unique<PosixReader>(std::move(fd), std::move(path));
}

std::unique_ptr<WritableFile> make_posix_writer(Descriptor fd, std::string path) {
  return std::make_unique<PosixWriter>(std::move(fd), std::move(path));
}

}  // namespace leat::detail
