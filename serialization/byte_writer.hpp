#pragma once

// Appends encoded records to one growable block of bytes. Integers are little-endian. Single-threaded.

#include <bit>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>

#include "serialization/byte_block.hpp"

namespace leat {

static_assert(std::endian::native == std::endian::little,
              "encodings are little-endian and copied as they are");

inline constexpr std::size_t kMaxVarintBytes = 10;

/// LEB128: seven bits a byte, lowest first. Writes at most kMaxVarintBytes; returns the end.
inline char* put_varint(char* out, std::uint64_t value) {
  while (value >= 0x80) {
    *out++ = static_cast<char>(value | 0x80U);
    value >>= 7U;
  }
  *out++ = static_cast<char>(value);
  return out;
}

class ByteWriter {
 public:
  ByteWriter() = default;
  /// The first byte written allocates `capacity` bytes.
  explicit ByteWriter(std::size_t capacity) : capacity_(capacity) {}
  ByteWriter(ByteWriter&& other) noexcept
      : block_(std::move(other.block_)),
        next_(std::exchange(other.next_, nullptr)),
        end_(std::exchange(other.end_, nullptr)),
        capacity_(other.capacity_) {}
  ByteWriter& operator=(ByteWriter&& other) noexcept {
    block_ = std::move(other.block_);
    next_ = std::exchange(other.next_, nullptr);
    end_ = std::exchange(other.end_, nullptr);
    capacity_ = other.capacity_;
    return *this;
  }
  ~ByteWriter() = default;

  [[nodiscard]] std::size_t size() const { return static_cast<std::size_t>(next_ - block_.data()); }
  [[nodiscard]] const char* data() const { return block_.data(); }
  [[nodiscard]] std::string_view view() const { return {block_.data(), size()}; }
  void truncate(std::size_t size) { next_ = block_.data() + size; }
  void clear() { next_ = block_.data(); }

  /// At least `count` bytes to write to; commit() says how far was written. One check per record, and
  /// the writing itself goes through a pointer of the caller's.
  [[nodiscard]] char* reserve(std::size_t count) {
    if (static_cast<std::size_t>(end_ - next_) < count) [[unlikely]]
      grow(count);
    return next_;
  }
  void commit(char* end) { next_ = end; }

  /// The written bytes; the writer is empty afterwards. A small content is copied into a block of its
  /// size, so that what is kept is not larger than what it holds.
  [[nodiscard]] ByteBlock take();

 private:
  void grow(std::size_t count);

  static constexpr std::size_t kSmallestBlock = 64;

  ByteBlock block_;
  char* next_ = nullptr;  ///< where to write; in block_
  char* end_ = nullptr;   ///< of block_
  std::size_t capacity_ = kSmallestBlock;
};

}  // namespace leat
