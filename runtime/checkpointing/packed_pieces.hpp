#pragma once

// The pieces of a segment as SegmentSnapshot.chain holds them: kPackedPieceBytes each, of little-endian
// numbers: the chunk's epoch (8 bytes) and counter (8), offset (4), length (4; its highest bit says
// `continued`), CRC-32C (4). Pure functions.

#include <cstddef>
#include <string>
#include <string_view>

#include "runtime/checkpointing/stored_piece.hpp"

namespace leat::runtime {

inline constexpr std::size_t kPackedPieceBytes = 28;

/// Precondition: the piece is shorter than 2 GiB.
void append_packed(std::string& chain, const StoredPiece& piece);

/// Whether these are whole pieces, and at least one.
[[nodiscard]] constexpr bool is_packed(std::string_view chain) {
  return !chain.empty() && chain.size() % kPackedPieceBytes == 0;
}
[[nodiscard]] constexpr std::size_t packed_count(std::string_view chain) {
  return chain.size() / kPackedPieceBytes;
}

/// Precondition for both: index < packed_count(chain).
[[nodiscard]] StoredPiece packed_piece(std::string_view chain, std::size_t index);
void set_packed(std::string& chain, std::size_t index, const StoredPiece& piece);

}  // namespace leat::runtime
