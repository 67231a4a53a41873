#include "runtime/checkpointing/stored_piece.hpp"

namespace leat::runtime {

proto::Piece to_proto(const StoredPiece& piece) {
  proto::Piece encoded;
  encoded.set_epoch(piece.chunk.epoch);
  encoded.set_counter(piece.chunk.counter);
  encoded.set_offset(piece.offset);
  encoded.set_length(piece.length);
  encoded.set_crc32c(piece.crc32c);
  encoded.set_continued(piece.continued);
  return encoded;
}

StoredPiece from_proto(const proto::Piece& piece) {
  return {{piece.epoch(), piece.counter()},
          piece.offset(),
          piece.length(),
          piece.crc32c(),
          piece.continued()};
}

}  // namespace leat::runtime
