#include "cli/row_output.hpp"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <string>
#include <unistd.h>
#include <utility>
#include <vector>

namespace leat::cli {

namespace {

constexpr std::size_t kCopyBytes = 1U << 18U;

std::string temporary_directory() {
  const char* chosen = std::getenv("TMPDIR");
  return chosen != nullptr && *chosen != '\0' ? chosen : "/tmp";
}

Error cannot_hold(int reason) {
  return {ErrorKind::kIo, "the job's rows cannot be held in a temporary file in " +
                              temporary_directory() + ": " + std::strerror(reason) +
                              "; TMPDIR names another directory"};
}

Result<std::FILE*> open_unlinked() {
  std::string path = temporary_directory() + "/leat-rows-XXXXXX";
  const int descriptor = ::mkostemp(path.data(), O_CLOEXEC);
  if (descriptor < 0)
    return cannot_hold(errno);
  ::unlink(path.c_str());
  std::FILE* file = ::fdopen(descriptor, "w+");
  if (file == nullptr) {
    ::close(descriptor);
    return cannot_hold(errno);
  }
  return file;
}

}  // namespace

Result<void> RowOutput::add(const proto::ResultBatch& batch) {
  if (batch.attempt() != attempt_) {
    if (auto started = start_attempt(batch.attempt()); !started)
      return started;
  }
  // A repeated request may be answered with rows that are here already.
  const auto known = static_cast<int>(offset_ > batch.offset() ? offset_ - batch.offset() : 0);
  for (int i = known; i < batch.rows_size(); ++i) {
    const std::string line = batch.rows(i) + "\n";
    auto done = hold_ == Hold::kUntilFinished ? hold(line) : print(line.data(), line.size());
    if (!done)
      return done;
    ++offset_;
  }
  return hold_ == Hold::kNothing && batch.rows_size() > 0 ? flush() : Result<void>();
}

Result<void> RowOutput::start_attempt(std::uint32_t attempt) {
  void_rows_ = void_rows_ || (hold_ == Hold::kNothing && offset_ > 0);
  attempt_ = attempt;
  offset_ = 0;
  held_.reset();
  return {};
}

Result<void> RowOutput::hold(const std::string& row) {
  if (!held_) {
    auto opened = open_unlinked();
    if (!opened)
      return opened.error();
    held_.reset(*opened);
  }
  if (std::fwrite(row.data(), 1, row.size(), held_.get()) != row.size())
    return cannot_hold(errno);
  return {};
}

Result<void> RowOutput::release() {
  if (!held_)
    return {};
  if (std::fflush(held_.get()) != 0 || std::fseek(held_.get(), 0, SEEK_SET) != 0)
    return cannot_hold(errno);
  std::vector<char> block(kCopyBytes);
  while (const std::size_t size = std::fread(block.data(), 1, block.size(), held_.get())) {
    if (auto done = print(block.data(), size); !done)
      return done;
  }
  if (std::ferror(held_.get()) != 0)
    return cannot_hold(errno);
  held_.reset();
  return flush();
}

Result<void> RowOutput::print(const char* bytes, std::size_t size) {
  out_.write(bytes, static_cast<std::streamsize>(size));
  return check_output();
}

/// A full disk shows only when the stream's buffer is emptied.
Result<void> RowOutput::flush() {
  out_.flush();
  return check_output();
}

Result<void> RowOutput::check_output() const {
  if (!out_)
    return Error(ErrorKind::kIo, "standard output takes no more rows (closed, or its disk full)");
  return {};
}

bool RowOutput::printed_rows_are_void() {
  return std::exchange(void_rows_, false);
}

}  // namespace leat::cli
