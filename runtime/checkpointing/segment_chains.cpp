#include "runtime/checkpointing/segment_chains.hpp"

#include <utility>

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
  for (const proto::Piece& encoded : segment.chain()) {
    pieces.push_back(from_proto(encoded));
    bytes += encoded.length();
    if (encoded.continued())
      continue;
    chain.append(pieces, std::exchange(bytes, 0));
    pieces.clear();
  }
  return chain;
}

}  // namespace leat::runtime
