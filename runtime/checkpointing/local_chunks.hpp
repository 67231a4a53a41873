#pragma once

// Which chunks a TaskManager keeps copies of, so that after a failure only what is missing travels: those
// that the last complete checkpoint of each of its subtasks refers to, and what was sent for newer ones.
// Bookkeeping only; whoever owns it writes and removes the copies. Single-threaded.
// Invariant: bytes() never exceeds the limit.

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "runtime/checkpointing/chunk_id.hpp"

namespace leat {

/// A subtask of a job, whichever attempt of it.
using ChunkOwner = std::pair<std::string, std::uint32_t>;

class LocalChunks {
 public:
  explicit LocalChunks(std::uint64_t limit_bytes) : limit_(limit_bytes) {}

  struct Admission {
    bool admitted = false;         ///< keep a copy of it
    std::vector<ChunkId> evicted;  ///< remove these to make room
  };
  /// A chunk of `owner`'s part of a checkpoint is durable. Subtasks not heard of for longest lose their
  /// copies first; a chunk that does not fit besides its owner's own is not kept.
  Admission add(const ChunkOwner& owner, std::uint64_t checkpoint, ChunkId id, std::uint64_t bytes);

  /// All that the owner's part of a checkpoint refers to.
  void acknowledged(const ChunkOwner& owner, std::uint64_t checkpoint, std::set<ChunkId> chunks);

  /// Returns what may go: nothing newer than this checkpoint, and nothing it refers to.
  [[nodiscard]] std::vector<ChunkId> completed(const ChunkOwner& owner, std::uint64_t checkpoint);

  /// The copy could not be made, or is damaged.
  void forget(ChunkId id);

  [[nodiscard]] bool contains(ChunkId id) const { return owners_of_.contains(id); }
  [[nodiscard]] std::uint64_t bytes() const { return bytes_; }

 private:
  struct Copy {
    std::uint64_t checkpoint = 0;
    std::uint64_t bytes = 0;
  };
  struct Subtask {
    std::map<ChunkId, Copy> copies;
    std::map<std::uint64_t, std::set<ChunkId>> acknowledged;  // by checkpoint
    std::uint64_t heard = 0;
  };

  Subtask& hear(const ChunkOwner& owner);
  void erase(Subtask& subtask, std::map<ChunkId, Copy>::iterator copy);
  void evict_longest_silent(const ChunkOwner& but, std::vector<ChunkId>& evicted);

  std::uint64_t limit_;
  std::uint64_t bytes_ = 0;
  std::uint64_t events_ = 0;
  std::map<ChunkOwner, Subtask> subtasks_;
  std::map<ChunkId, ChunkOwner> owners_of_;
};

}  // namespace leat
