#include "runtime/checkpointing/segment_chains.hpp"

#include <utility>

#include "runtime/checkpointing/pieces.hpp"

namespace leat::runtime {

void SegmentChain::append(const std::vector<StoredPiece>& added, std::uint64_t bytes) {
  if (pieces.empty()) {
    size.whole_bytes = bytes;
  } else {
    size.delta_bytes += bytes;
    ++size.deltas;
  }
  pieces.insert(pieces.end(), added.begin(), added.end());
}

const SegmentChain* SegmentChains::chain(SegmentId id) const {
  const auto found = chains_.find(id);
  return found == chains_.end() ? nullptr : &found->second;
}

const ChainSize* SegmentChains::find(SegmentId id) const {
  const SegmentChain* found = chain(id);
  return found == nullptr ? nullptr : &found->size;
}

SegmentChain chain_of(const proto::SegmentSnapshot& segment) {
  SegmentChain chain;
  std::vector<StoredPiece> pieces;
  std::uint64_t bytes = 0;
  for_each_piece(segment, [&](const StoredPiece& piece) {
    pieces.push_back(piece);
    bytes += piece.length;
    if (piece.continued)
      return;
    chain.append(pieces, std::exchange(bytes, 0));
    pieces.clear();
  });
  return chain;
}

}  // namespace leat::runtime
