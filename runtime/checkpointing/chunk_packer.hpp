#pragma once

// Packs pieces of a snapshot into chunks. A piece lies in one chunk; what is larger than a chunk becomes
// several pieces. Single-threaded.

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/checkpointing/chunk_limits.hpp"
#include "runtime/checkpointing/stored_piece.hpp"

namespace leat::runtime {

class ChunkPacker {
 public:
  /// The pieces that `bytes` became; chunks are named by their sequence numbers, from 0.
  [[nodiscard]] std::vector<StoredPiece> append(std::string_view bytes);
  /// No more follows: the chunk that was begun is ready too.
  void finish();

  /// The next chunk that is ready, in order.
  [[nodiscard]] std::optional<std::string> take();
  /// Bytes of chunks that were not taken, the one that was begun included.
  [[nodiscard]] std::size_t waiting_bytes() const {
    return ready_.size() * kMaxChunkBytes + begun_.size();
  }
  [[nodiscard]] bool has_ready() const { return !ready_.empty(); }

 private:
  StoredPiece append_piece(std::string_view bytes);
  void cut();

  std::deque<std::string> ready_;
  std::string begun_;
  std::uint64_t sequence_ = 0;  // of begun_
};

}  // namespace leat::runtime
