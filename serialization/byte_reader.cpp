#include "serialization/byte_reader.hpp"

namespace leat {

bool ByteReader::read_long_varint(std::uint64_t& value) {
  std::uint64_t result = 0;
  for (unsigned shift = 0; shift < 64; shift += 7) {
    if (next_ == end_)
      return false;
    const auto byte = static_cast<unsigned char>(*next_++);
    const std::uint64_t bits = byte & 0x7FU;
    if (shift == 63 && bits > 1)
      return false;
    result |= bits << shift;
    if (byte < 0x80) {
      value = result;
      return true;
    }
  }
  return false;
}

}  // namespace leat
