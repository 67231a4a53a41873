#include "runtime/checkpointing/chunk_packer.hpp"

#include <utility>

#include "serialization/crc32c.hpp"

namespace leat::runtime {

std::vector<StoredPiece> ChunkPacker::append(std::string_view bytes) {
  std::vector<StoredPiece> pieces;
  do {
    const std::string_view part = bytes.substr(0, kMaxChunkBytes);
    bytes.remove_prefix(part.size());
    pieces.push_back(append_piece(part));
    pieces.back().continued = !bytes.empty();
  } while (!bytes.empty());
  return pieces;
}

StoredPiece ChunkPacker::append_piece(std::string_view bytes) {
  if (begun_.size() + bytes.size() > kMaxChunkBytes)
    cut();
  if (begun_.empty())
    begun_.reserve(kMaxChunkBytes);
  StoredPiece piece;
  piece.chunk = {0, sequence_};
  piece.offset = static_cast<std::uint32_t>(begun_.size());
  piece.length = static_cast<std::uint32_t>(bytes.size());
  piece.crc32c = crc32c(bytes);
  begun_.append(bytes);
  return piece;
}

void ChunkPacker::cut() {
  ready_.push_back(std::move(begun_));
  begun_.clear();
  ++sequence_;
}

void ChunkPacker::finish() {
  if (!begun_.empty())
    cut();
}

std::optional<std::string> ChunkPacker::take() {
  if (ready_.empty())
    return std::nullopt;
  std::string chunk = std::move(ready_.front());
  ready_.pop_front();
  return chunk;
}

}  // namespace leat::runtime
