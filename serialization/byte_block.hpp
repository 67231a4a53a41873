#pragma once

// A block of bytes whose size is fixed when it is made and whose content is not set to zero first,
// which a std::vector would do at a cost that shows. Movable, not copyable.

#include <cstddef>
#include <cstring>
#include <memory>
#include <string_view>
#include <utility>

namespace leat {

class ByteBlock {
 public:
  ByteBlock() = default;
  explicit ByteBlock(std::size_t size)
      : bytes_(size == 0 ? nullptr : std::make_unique_for_overwrite<char[]>(size)), size_(size) {}
  explicit ByteBlock(std::string_view content) : ByteBlock(content.size()) {
    if (size_ > 0)
      std::memcpy(bytes_.get(), content.data(), size_);
  }
  ByteBlock(ByteBlock&& other) noexcept
      : bytes_(std::move(other.bytes_)), size_(std::exchange(other.size_, 0)) {}
  ByteBlock& operator=(ByteBlock&& other) noexcept {
    bytes_ = std::move(other.bytes_);
    size_ = std::exchange(other.size_, 0);
    return *this;
  }

  [[nodiscard]] char* data() { return bytes_.get(); }
  [[nodiscard]] const char* data() const { return bytes_.get(); }
  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] std::string_view view() const { return {bytes_.get(), size_}; }

  /// Forgets the bytes from `size` on; their memory stays.
  void shrink(std::size_t size) { size_ = size; }

 private:
  std::unique_ptr<char[]> bytes_;
  std::size_t size_ = 0;
};

}  // namespace leat
