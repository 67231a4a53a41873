#pragma once

// What one snapshot holds of one operator's segments: for each a whole image and the deltas on it. Kept
// for the newest complete snapshot, so that the next one can say what has changed since. Which pieces these are,
// the JobManager knows; here is only which chunks they lie in.

#include <cstddef>
#include <cstdint>
#include <vector>

#include <absl/container/flat_hash_map.h>

#include "runtime/checkpointing/chunk_id.hpp"
#include "runtime/state/keyed_state.hpp"
#include "runtime/state/segment_id.hpp"
#include "serialization/proto/checkpoint.pb.h"

namespace leat::runtime {

struct SegmentChain {
  std::vector<ChunkId> chunks;  ///< in the order of the pieces, the same one not twice in a row
  ChainSize size;

  /// Counts an image, or a delta on what there is.
  void grow(std::uint64_t bytes);
  /// A piece of what was counted last lies in this chunk.
  void lies_in(ChunkId chunk);
};

class SegmentChains final : public SnapshotBase {
 public:
  [[nodiscard]] const ChainSize* find(SegmentId id) const override;
  /// Null if there is none.
  [[nodiscard]] const SegmentChain* chain(SegmentId id) const;
  /// Empty if it is new.
  [[nodiscard]] SegmentChain& operator[](SegmentId id) { return chains_[id]; }

  [[nodiscard]] auto begin() { return chains_.begin(); }
  [[nodiscard]] auto end() { return chains_.end(); }
  [[nodiscard]] auto begin() const { return chains_.begin(); }
  [[nodiscard]] auto end() const { return chains_.end(); }
  [[nodiscard]] std::size_t size() const { return chains_.size(); }

 private:
  absl::flat_hash_map<SegmentId, SegmentChain> chains_;
};

/// Of a chain as stored; the number of images and deltas follows from which pieces are continued.
[[nodiscard]] SegmentChain chain_of(const proto::SegmentSnapshot& segment);

}  // namespace leat::runtime
