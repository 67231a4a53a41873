#include "runtime/connectors/line_window.hpp"

#include <algorithm>
#include <span>
#include <utility>

namespace leat::runtime {

namespace {
/// A window that one long line made larger than this is given back.
constexpr std::size_t kKeptBytes = 16 * LineWindow::kChunkBytes;
}  // namespace

void LineWindow::restart(std::uint64_t offset) {
  if (!bytes_ || capacity_ > kKeptBytes) {
    bytes_ = std::make_unique_for_overwrite<char[]>(kChunkBytes);
    capacity_ = kChunkBytes;
  }
  begin_ = scanned_ = filled_ = 0;
  window_offset_ = offset;
}

Result<std::size_t> LineWindow::read(ReadableFile& file, std::uint64_t most) {
  make_room();
  const std::size_t room =
      static_cast<std::size_t>(std::min<std::uint64_t>(capacity_ - filled_, most));
  auto got = file.read_at(end_offset(), std::span<char>(bytes_.get() + filled_, room));
  if (got)
    filled_ += *got;
  return got;
}

/// Moves the begun line to the front; grows when it fills the window already.
void LineWindow::make_room() {
  if (begin_ == 0) {
    if (filled_ == capacity_)
      reallocate(2 * capacity_);
    return;
  }
  if (capacity_ > kKeptBytes && pending() <= kChunkBytes / 2)
    reallocate(kChunkBytes);
  else
    std::memmove(bytes_.get(), bytes_.get() + begin_, pending());
  window_offset_ += begin_;
  scanned_ -= begin_;
  filled_ -= begin_;
  begin_ = 0;
}

/// Keeps the begun line, at the front.
void LineWindow::reallocate(std::size_t capacity) {
  auto larger = std::make_unique_for_overwrite<char[]>(capacity);
  std::memcpy(larger.get(), bytes_.get() + begin_, pending());
  bytes_ = std::move(larger);
  capacity_ = capacity;
}

}  // namespace leat::runtime
