#pragma once

// Where a part of a snapshot lies: in which chunk, and how to tell that it is whole.

#include <cstdint>

#include "runtime/checkpointing/chunk_id.hpp"
#include "serialization/proto/checkpoint.pb.h"

namespace leat::runtime {

struct StoredPiece {
  /// Epoch 0, which no JobManager has: the chunk of that sequence number, not stored yet.
  ChunkId chunk;
  std::uint32_t offset = 0;
  std::uint32_t length = 0;
  std::uint32_t crc32c = 0;
  bool continued = false;  ///< the next piece goes on with what this one begins

  bool operator==(const StoredPiece&) const = default;
};

[[nodiscard]] proto::Piece to_proto(const StoredPiece& piece);
[[nodiscard]] StoredPiece from_proto(const proto::Piece& piece);

}  // namespace leat::runtime
