#pragma once

// What one snapshot holds of one operator's segments: for each a whole image and the deltas on it. Kept
// for the newest complete snapshot, so that the next one can refer to what has not changed.

#include <vector>

#include <absl/container/flat_hash_map.h>

#include "runtime/checkpointing/stored_piece.hpp"
#include "runtime/state/keyed_state.hpp"
#include "runtime/state/segment_id.hpp"

namespace leat::runtime {

struct SegmentChain {
  std::vector<StoredPiece> pieces;
  ChainSize size;

  /// `pieces` hold one image or delta, `bytes` long.
  void append(const std::vector<StoredPiece>& added, std::uint64_t bytes);
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

/// A chain as stored; the number of images and deltas follows from which pieces are continued.
[[nodiscard]] SegmentChain chain_of(const proto::SegmentSnapshot& segment);

}  // namespace leat::runtime
