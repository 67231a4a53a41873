#pragma once

// Which chunks a snapshot's parts lie in.

#include <set>

#include "runtime/checkpointing/chunk_id.hpp"
#include "serialization/proto/checkpoint.pb.h"
#include "serialization/proto/storage.pb.h"

namespace leat::runtime {

/// Calls `visit(const proto::Piece&)` for each piece of a SubtaskSnapshot or StoredCheckpoint.
template <class Snapshot, class Visit>
void for_each_piece(const Snapshot& snapshot, Visit visit) {
  for (const proto::KeyedStateSnapshot& keyed : snapshot.keyed())
    for (const proto::SegmentSnapshot& segment : keyed.segments())
      for (const proto::Piece& piece : segment.chain())
        visit(piece);
  for (const proto::ChannelSnapshot& channel : snapshot.channels())
    for (const proto::ChannelBuffer& buffer : channel.buffers())
      visit(buffer.piece());
}

[[nodiscard]] inline ChunkId chunk_of(const proto::Piece& piece) {
  return {piece.epoch(), piece.counter()};
}

template <class Snapshot>
[[nodiscard]] std::set<ChunkId> chunks_of(const Snapshot& snapshot) {
  std::set<ChunkId> chunks;
  for_each_piece(snapshot,
                 [&chunks](const proto::Piece& piece) { chunks.insert(chunk_of(piece)); });
  return chunks;
}

}  // namespace leat::runtime
