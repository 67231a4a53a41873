#include "runtime/checkpointing/piece_fetcher.hpp"

#include <utility>

#include "serialization/crc32c.hpp"

namespace leat::runtime {

namespace {

Error damaged(const ChunkId& chunk, const std::string& what) {
  return Error(ErrorKind::kProtocol,
               "chunk " + to_string(chunk) + " of the checkpoint is damaged: " + what);
}

}  // namespace

void PieceFetcher::add(PieceConsumer& consumer, std::vector<StoredPiece> pieces) {
  for (std::size_t piece = 0; piece < pieces.size(); ++piece)
    waiting_[pieces[piece].chunk].push_back({sequences_.size(), piece});
  sequences_.push_back({&consumer, std::move(pieces), 0, {}});
}

void PieceFetcher::fetch() {
  while (fetching_.size() < kMostFetches && !waiting_.empty()) {
    const auto next = fetching_.insert(waiting_.extract(waiting_.begin())).position;
    outbox_.fetch_chunk(next->first.epoch, next->first.counter);
  }
}

Result<void> PieceFetcher::chunk_arrived(const proto::ChunkData& chunk) {
  const auto found = fetching_.find({chunk.epoch(), chunk.counter()});
  if (found == fetching_.end())
    return {};
  if (chunk.error().kind() != proto::ERROR_NONE) {
    const bool lost = chunk.error().kind() == proto::ERROR_PROTOCOL;
    return Error(lost ? ErrorKind::kProtocol : ErrorKind::kIo,
                 "chunk " + to_string(found->first) +
                     " of the checkpoint cannot be read: " + chunk.error().message());
  }
  const auto uses = std::move(found->second);
  fetching_.erase(found);
  fetch();
  for (const Use& use : uses)
    if (auto delivered = deliver(use, chunk.data()); !delivered)
      return delivered;
  return {};
}

Result<void> PieceFetcher::deliver(const Use& use, std::string_view chunk) {
  Sequence& sequence = sequences_[use.sequence];
  const StoredPiece& piece = sequence.pieces[use.piece];
  if (piece.offset > chunk.size() || piece.length > chunk.size() - piece.offset)
    return damaged(piece.chunk, "it holds " + std::to_string(chunk.size()) +
                                    " bytes, and bytes from " + std::to_string(piece.offset) +
                                    " to " + std::to_string(piece.offset + piece.length) +
                                    " are needed");
  const std::string_view bytes = chunk.substr(piece.offset, piece.length);
  if (crc32c(bytes) != piece.crc32c)
    return damaged(piece.chunk, "the checksum of the bytes at " + std::to_string(piece.offset) +
                                    " does not match");
  if (use.piece == sequence.next)
    return hand_out(sequence, bytes);
  sequence.early.emplace(use.piece, bytes);
  return {};
}

Result<void> PieceFetcher::hand_out(Sequence& sequence, std::string_view bytes) {
  std::string kept;
  while (true) {
    if (auto taken = sequence.consumer->piece(sequence.pieces[sequence.next], bytes); !taken)
      return taken;
    const auto early = sequence.early.extract(++sequence.next);
    if (early.empty())
      return {};
    kept = std::move(early.mapped());
    bytes = kept;
  }
}

}  // namespace leat::runtime
