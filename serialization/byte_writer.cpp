#include "serialization/byte_writer.hpp"

#include <algorithm>

namespace leat {

namespace {
constexpr std::size_t kSmallestBlock = 64;
}

void ByteWriter::grow(std::size_t count) {
  block_.resize(std::max({kSmallestBlock, size_ + count, block_.size() * 2}));
}

}  // namespace leat
