#include "serialization/byte_writer.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

namespace leat {

void ByteWriter::grow(std::size_t count) {
  ByteBlock larger(std::max({capacity_, size_ + count, block_.size() * 2}));
  if (size_ > 0)
    std::memcpy(larger.data(), block_.data(), size_);
  block_ = std::move(larger);
}

ByteBlock ByteWriter::take() {
  const std::size_t size = std::exchange(size_, 0);
  if (size < block_.size() / 4)
    return ByteBlock(std::string_view(block_.data(), size));
  ByteBlock taken = std::exchange(block_, ByteBlock());
  taken.shrink(size);
  return taken;
}

}  // namespace leat
