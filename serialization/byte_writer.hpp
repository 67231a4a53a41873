#pragma once

// Appends encoded records to one growable block of bytes. Integers are little-endian. Single-threaded.

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace leat {

static_assert(std::endian::native == std::endian::little,
              "encodings are little-endian and copied as they are");

class ByteWriter {
 public:
  ByteWriter() = default;
  /// The first byte written allocates `capacity` bytes.
  explicit ByteWriter(std::size_t capacity) : capacity_(capacity) {}

  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] const char* data() const { return block_.data(); }
  [[nodiscard]] std::string_view view() const { return {block_.data(), size_}; }
  void truncate(std::size_t size) { size_ = size; }
  void clear() { size_ = 0; }

  template <class T>
  void put_fixed(T value) {
    static_assert(std::is_trivially_copyable_v<T>);
    std::memcpy(room(sizeof value), &value, sizeof value);
    size_ += sizeof value;
  }

  void put_bytes(const char* bytes, std::size_t count) {
    if (count == 0)
      return;
    std::memcpy(room(count), bytes, count);
    size_ += count;
  }

  /// LEB128: seven bits a byte, lowest first.
  void put_varint(std::uint64_t value) {
    char* out = room(kMaxVarintBytes);
    std::size_t used = 0;
    while (value >= 0x80) {
      out[used++] = static_cast<char>(value | 0x80U);
      value >>= 7U;
    }
    out[used++] = static_cast<char>(value);
    size_ += used;
  }

  /// The written bytes; the writer is empty afterwards. A small content is copied into a block of its
  /// size, so that what is kept is not larger than what it holds.
  [[nodiscard]] std::vector<char> take();

  static constexpr std::size_t kMaxVarintBytes = 10;

 private:
  char* room(std::size_t count) {
    if (block_.size() - size_ < count) [[unlikely]]
      grow(count);
    return block_.data() + size_;
  }
  void grow(std::size_t count);

  static constexpr std::size_t kSmallestBlock = 64;

  std::vector<char> block_;
  std::size_t size_ = 0;
  std::size_t capacity_ = kSmallestBlock;
};

}  // namespace leat
