#include "runtime/checkpointing/segment_chains.hpp"

#include <utility>

#include "runtime/checkpointing/pieces.hpp"

namespace leat::runtime {

void SegmentChain::grow(std::uint64_t bytes) {
  if (size.whole_bytes == 0) {
    size.whole_bytes = bytes;
  } else {
    size.delta_bytes += bytes;
    ++size.deltas;
  }
}

void SegmentChain::lies_in(ChunkId chunk) {
  if (chunks.empty() || chunks.back() != chunk)
    chunks.push_back(chunk);
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
  std::uint64_t bytes = 0;
  for_each_piece(segment, [&](const StoredPiece& piece) {
    chain.lies_in(piece.chunk);
    bytes += piece.length;
    if (!piece.continued)
      chain.grow(std::exchange(bytes, 0));
  });
  return chain;
}

}  // namespace leat::runtime
