#pragma once

// Reads what ByteWriter wrote, from bytes that may be truncated or hostile: every read says whether it
// succeeded, and none looks past the end. Does not own the bytes.

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace leat {

class ByteReader {
 public:
  ByteReader() = default;
  explicit ByteReader(std::string_view bytes) : next_(bytes.data()), end_(next_ + bytes.size()) {}

  [[nodiscard]] std::size_t remaining() const { return static_cast<std::size_t>(end_ - next_); }
  [[nodiscard]] bool empty() const { return next_ == end_; }

  template <class T>
  [[nodiscard]] bool read_fixed(T& value) {
    if (remaining() < sizeof value) [[unlikely]]
      return false;
    std::memcpy(&value, next_, sizeof value);
    next_ += sizeof value;
    return true;
  }

  [[nodiscard]] bool read_bytes(std::size_t count, std::string_view& bytes) {
    if (remaining() < count) [[unlikely]]
      return false;
    bytes = {next_, count};
    next_ += count;
    return true;
  }

  [[nodiscard]] bool read_varint(std::uint64_t& value) {
    if (next_ != end_ && static_cast<unsigned char>(*next_) < 0x80) [[likely]] {
      value = static_cast<unsigned char>(*next_++);
      return true;
    }
    return read_long_varint(value);
  }

 private:
  [[nodiscard]] bool read_long_varint(std::uint64_t& value);

  const char* next_ = nullptr;
  const char* end_ = nullptr;
};

/// ByteReader for bytes that are known to be enough: records of fixed size are counted once a batch.
class UncheckedReader {
 public:
  explicit UncheckedReader(std::string_view bytes) : next_(bytes.data()) {}

  template <class T>
  [[nodiscard]] bool read_fixed(T& value) {
    std::memcpy(&value, next_, sizeof value);
    next_ += sizeof value;
    return true;
  }

 private:
  const char* next_;
};

}  // namespace leat
