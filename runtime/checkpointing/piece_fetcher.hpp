#pragma once

// Gets pieces of a snapshot back from the chunks they lie in: each chunk is fetched once, verified piece by
// piece, and let go when it has been dealt out. Single-threaded.
// Invariant: at most kMostFetches chunks are under way.

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/base/result.hpp"
#include "runtime/checkpointing/stored_piece.hpp"
#include "runtime/dataflow/slot_outbox.hpp"
#include "serialization/proto/control.pb.h"

namespace leat::runtime {

/// Takes the pieces of one sequence, in order.
class PieceConsumer {
 public:
  virtual ~PieceConsumer() = default;
  /// `bytes` are valid during the call.
  virtual Result<void> piece(const StoredPiece& piece, std::string_view bytes) = 0;
};

class PieceFetcher {
 public:
  static constexpr std::size_t kMostFetches = 8;

  explicit PieceFetcher(SlotOutbox& outbox) : outbox_(outbox) {}

  /// Before start(). `consumer` outlives this.
  void add(PieceConsumer& consumer, std::vector<StoredPiece> pieces);
  void start() { fetch(); }
  /// Errors name the chunk: it is missing or damaged (kProtocol), or cannot be read at present (kIo).
  Result<void> chunk_arrived(const proto::ChunkData& chunk);
  /// All pieces have been handed out.
  [[nodiscard]] bool done() const { return waiting_.empty() && fetching_.empty(); }

 private:
  struct Sequence {
    PieceConsumer* consumer;
    std::vector<StoredPiece> pieces;
    std::size_t next = 0;
    std::map<std::size_t, std::string> early;  // those that came before their turn
  };
  struct Use {
    std::size_t sequence;
    std::size_t piece;
  };

  void fetch();
  Result<void> deliver(const Use& use, std::string_view chunk);
  Result<void> hand_out(Sequence& sequence, std::string_view bytes);

  SlotOutbox& outbox_;
  std::vector<Sequence> sequences_;
  // Oldest first: images are older than their deltas, so that few pieces come before their turn.
  std::map<ChunkId, std::vector<Use>> waiting_;
  std::map<ChunkId, std::vector<Use>> fetching_;
};

}  // namespace leat::runtime
