#pragma once

// A stretch of one file in memory, out of which whole lines are cut without copying. Only a line that
// spans two reads is moved. Used by one reader, on the slot's thread.
// Invariant: begin_ <= scanned_ <= filled_ <= capacity_; no newline lies in [begin_, scanned_).

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <optional>
#include <string_view>

#include "runtime/base/file_system.hpp"
#include "runtime/base/result.hpp"

namespace leat::runtime {

class LineWindow {
 public:
  /// Bytes read at once; lines that are longer make the window grow.
  static constexpr std::size_t kChunkBytes = std::size_t{256} << 10U;

  /// Starts at `offset` of a file, with nothing read.
  void restart(std::uint64_t offset);

  /// Offset in the file of the next line's first byte.
  [[nodiscard]] std::uint64_t offset() const { return window_offset_ + begin_; }
  /// Offset in the file behind what was read.
  [[nodiscard]] std::uint64_t end_offset() const { return window_offset_ + filled_; }
  /// Bytes of the next line read so far.
  [[nodiscard]] std::size_t pending() const { return filled_ - begin_; }

  /// The next line without its newline, or nothing if its newline has not been read. Valid until
  /// read(). Leaves the window where it is: see advance().
  [[nodiscard]] std::optional<std::string_view> peek() {
    const char* const newline =
        static_cast<const char*>(std::memchr(bytes_.get() + scanned_, '\n', filled_ - scanned_));
    if (newline == nullptr) [[unlikely]] {
      scanned_ = filled_;
      return std::nullopt;
    }
    const char* const line = bytes_.get() + begin_;
    return std::string_view(line, static_cast<std::size_t>(newline - line));
  }
  /// Behind the line that peek() found and its newline.
  void advance(std::size_t line_bytes) {
    begin_ += line_bytes + 1;
    scanned_ = begin_;
  }

  /// All that is left, for a last line without newline.
  [[nodiscard]] std::string_view rest() const { return {bytes_.get() + begin_, pending()}; }
  void drop_rest() { begin_ = scanned_ = filled_; }

  /// Reads up to `most` further bytes; 0 means the file has ended.
  Result<std::size_t> read(ReadableFile& file, std::uint64_t most);

 private:
  void make_room();
  void reallocate(std::size_t capacity);

  std::unique_ptr<char[]> bytes_;
  std::size_t capacity_ = 0;
  std::size_t begin_ = 0;
  std::size_t scanned_ = 0;
  std::size_t filled_ = 0;
  std::uint64_t window_offset_ = 0;  ///< in the file, of bytes_[0]
};

}  // namespace leat::runtime
