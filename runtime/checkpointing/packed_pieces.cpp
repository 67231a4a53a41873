#include "runtime/checkpointing/packed_pieces.hpp"

#include <array>
#include <cstdint>

#include "runtime/base/check.hpp"

namespace leat::runtime {

namespace {

constexpr std::uint32_t kContinued = 1U << 31U;

template <class T>
void put(char*& at, T number) {
  for (std::size_t byte = 0; byte < sizeof number; ++byte)
    *at++ = static_cast<char>(number >> (8 * byte));
}

template <class T>
T take(const char*& at) {
  T number = 0;
  for (std::size_t byte = 0; byte < sizeof number; ++byte)
    number |= static_cast<T>(static_cast<unsigned char>(*at++)) << (8 * byte);
  return number;
}

void pack(char* at, const StoredPiece& piece) {
  LEAT_CHECK(piece.length < kContinued);
  put(at, piece.chunk.epoch);
  put(at, piece.chunk.counter);
  put(at, piece.offset);
  put(at, piece.length | (piece.continued ? kContinued : 0));
  put(at, piece.crc32c);
}

}  // namespace

void append_packed(std::string& chain, const StoredPiece& piece) {
  std::array<char, kPackedPieceBytes> packed;
  pack(packed.data(), piece);
  chain.append(packed.data(), packed.size());
}

StoredPiece packed_piece(std::string_view chain, std::size_t index) {
  const char* at = chain.data() + index * kPackedPieceBytes;
  StoredPiece piece;
  piece.chunk.epoch = take<std::uint64_t>(at);
  piece.chunk.counter = take<std::uint64_t>(at);
  piece.offset = take<std::uint32_t>(at);
  const auto length = take<std::uint32_t>(at);
  piece.length = length & ~kContinued;
  piece.continued = (length & kContinued) != 0;
  piece.crc32c = take<std::uint32_t>(at);
  return piece;
}

void set_packed(std::string& chain, std::size_t index, const StoredPiece& piece) {
  pack(chain.data() + index * kPackedPieceBytes, piece);
}

}  // namespace leat::runtime
