#include "bench/baseline/result_writer.hpp"

#include <array>
#include <cerrno>
#include <charconv>
#include <cstddef>
#include <fcntl.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace leat::bench {
namespace {

constexpr std::size_t kBufferBytes = 1U << 20U;

}  // namespace

ResultWriter::ResultWriter(const std::string& path)
    : path_(path),
      descriptor_(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644)) {
  if (descriptor_ < 0)
    throw std::system_error(errno, std::generic_category(), "cannot create " + path_);
  buffer_.reserve(kBufferBytes + 4096);
}

ResultWriter::~ResultWriter() {
  if (descriptor_ >= 0)
    ::close(descriptor_);
}

void ResultWriter::add(std::string_view key, std::uint64_t value) {
  buffer_ += key;
  buffer_ += '\t';
  append(value);
  end_line();
}

void ResultWriter::add(std::int64_t key, std::int64_t value) {
  append(key);
  buffer_ += '\t';
  append(value);
  end_line();
}

void ResultWriter::close() {
  flush();
  if (::close(std::exchange(descriptor_, -1)) != 0)
    throw std::system_error(errno, std::generic_category(), "cannot close " + path_);
}

template <class Number>
void ResultWriter::append(Number number) {
  std::array<char, 24> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
  buffer_.append(digits.data(), end);
}

void ResultWriter::end_line() {
  buffer_ += '\n';
  if (buffer_.size() >= kBufferBytes)
    flush();
}

void ResultWriter::flush() {
  std::string_view rest = buffer_;
  while (!rest.empty()) {
    const ssize_t written = ::write(descriptor_, rest.data(), rest.size());
    if (written < 0 && errno == EINTR)
      continue;
    if (written < 0)
      throw std::system_error(errno, std::generic_category(), "cannot write " + path_);
    rest.remove_prefix(static_cast<std::size_t>(written));
  }
  buffer_.clear();
}

}  // namespace leat::bench
