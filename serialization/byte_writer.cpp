#include "serialization/byte_writer.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

namespace leat {

void ByteWriter::grow(std::size_t count) {
  const std::size_t written = size();
  ByteBlock larger(std::max({capacity_, written + count, block_.size() * 2}));
  if (written > 0)
    std::memcpy(larger.data(), block_.data(), written);
  block_ = std::move(larger);
  next_ = block_.data() + written;
  end_ = block_.data() + block_.size();
}

ByteBlock ByteWriter::take() {
  const std::size_t written = size();
  if (written < block_.size() / 4) {
    clear();
    return ByteBlock(std::string_view(block_.data(), written));
  }
  ByteBlock taken = std::exchange(block_, ByteBlock());
  taken.shrink(written);
  next_ = nullptr;
  end_ = nullptr;
  return taken;
}

}  // namespace leat
