#pragma once

// A piece of a manifest, looked at and changed where it stands. Valid as long as the manifest's structure
// is not changed.

#include <cstddef>
#include <string>

#include "runtime/checkpointing/packed_pieces.hpp"
#include "serialization/proto/checkpoint.pb.h"

namespace leat::runtime {

class PieceRef {
 public:
  /// One of a segment's.
  PieceRef(std::string& chain, std::size_t index) : chain_(&chain), index_(index) {}
  /// One that stands alone.
  explicit PieceRef(proto::Piece& piece) : alone_(&piece) {}

  [[nodiscard]] StoredPiece get() const {
    return alone_ != nullptr ? from_proto(*alone_) : packed_piece(*chain_, index_);
  }
  void set(const StoredPiece& piece) {
    if (alone_ != nullptr)
      *alone_ = to_proto(piece);
    else
      set_packed(*chain_, index_, piece);
  }

 private:
  std::string* chain_ = nullptr;
  std::size_t index_ = 0;
  proto::Piece* alone_ = nullptr;
};

}  // namespace leat::runtime
