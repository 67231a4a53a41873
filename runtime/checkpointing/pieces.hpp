#pragma once

// Which pieces a snapshot has, and which chunks they lie in.

#include <set>

#include <absl/container/flat_hash_set.h>

#include "runtime/checkpointing/chunk_id.hpp"
#include "runtime/checkpointing/packed_pieces.hpp"
#include "serialization/proto/checkpoint.pb.h"
#include "serialization/proto/storage.pb.h"

namespace leat::runtime {

/// Calls `visit(const StoredPiece&)` for each piece of a segment.
template <class Visit>
void for_each_piece(const proto::SegmentSnapshot& segment, Visit visit) {
  for (std::size_t index = 0; index < packed_count(segment.chain()); ++index)
    visit(packed_piece(segment.chain(), index));
}

/// … of a SubtaskSnapshot, StoredCheckpoint or RestoreSubtask.
template <class Snapshot, class Visit>
void for_each_piece(const Snapshot& snapshot, Visit visit) {
  for (const proto::KeyedStateSnapshot& keyed : snapshot.keyed())
    for (const proto::SegmentSnapshot& segment : keyed.segments())
      for_each_piece(segment, visit);
  for (const proto::ChannelSnapshot& channel : snapshot.channels())
    for (const proto::ChannelBuffer& buffer : channel.buffers())
      visit(from_proto(buffer.piece()));
}

template <class Snapshot>
[[nodiscard]] std::set<ChunkId> chunks_of(const Snapshot& snapshot) {
  // Many pieces lie in few chunks.
  absl::flat_hash_set<ChunkId> chunks;
  for_each_piece(snapshot, [&chunks](const StoredPiece& piece) { chunks.insert(piece.chunk); });
  return {chunks.begin(), chunks.end()};
}

}  // namespace leat::runtime
