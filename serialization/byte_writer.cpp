#include "serialization/byte_writer.hpp"

#include <algorithm>
#include <utility>

namespace leat {

void ByteWriter::grow(std::size_t count) {
  block_.resize(std::max({capacity_, size_ + count, block_.size() * 2}));
}

std::vector<char> ByteWriter::take() {
  const std::size_t size = std::exchange(size_, 0);
  if (size < block_.size() / 4)
    return {block_.data(), block_.data() + size};
  block_.resize(size);
  return std::exchange(block_, {});
}

}  // namespace leat
