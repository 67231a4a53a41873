#include "runtime/checkpointing/packed_pieces.hpp"

#include <array>
#include <cstdint>

#include "runtime/base/check.hpp"
#include "serialization/little_endian.hpp"

namespace leat::runtime {

namespace {

constexpr std::uint32_t kContinued = 1U << 31U;

void pack(char* at, const StoredPiece& piece) {
  LEAT_CHECK(piece.length < kContinued);
  at = put_little_endian(at, piece.chunk.epoch);
  at = put_little_endian(at, piece.chunk.counter);
  at = put_little_endian(at, piece.offset);
  at = put_little_endian(at, piece.length | (piece.continued ? kContinued : 0));
  put_little_endian(at, piece.crc32c);
}

}  // namespace

void append_packed(std::string& chain, const StoredPiece& piece) {
  std::array<char, kPackedPieceBytes> packed;
  pack(packed.data(), piece);
  chain.append(packed.data(), packed.size());
}

StoredPiece packed_piece(std::string_view chain, std::size_t index) {
  const std::string_view packed = chain.substr(index * kPackedPieceBytes, kPackedPieceBytes);
  const auto length = little_endian_at<std::uint32_t>(packed, 20);
  StoredPiece piece;
  piece.chunk = {little_endian_at<std::uint64_t>(packed, 0),
                 little_endian_at<std::uint64_t>(packed, 8)};
  piece.offset = little_endian_at<std::uint32_t>(packed, 16);
  piece.length = length & ~kContinued;
  piece.continued = (length & kContinued) != 0;
  piece.crc32c = little_endian_at<std::uint32_t>(packed, 24);
  return piece;
}

void set_packed(std::string& chain, std::size_t index, const StoredPiece& piece) {
  pack(chain.data() + index * kPackedPieceBytes, piece);
}

}  // namespace leat::runtime
