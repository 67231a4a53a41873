#pragma once

// A job's complete checkpoints, oldest first, and which of them can be trusted. Single-threaded, part of a
// CheckpointCoordinator; after a failed job's end, of the JobManager.
// Invariant: ids ascend; an entry without a manifest is damaged.

#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "runtime/base/result.hpp"
#include "runtime/checkpointing/chunk_id.hpp"
#include "serialization/proto/storage.pb.h"

namespace leat::runtime {

class RetainedCheckpoints {
 public:
  using Manifest = std::shared_ptr<const proto::StoredCheckpoint>;
  struct Entry {
    std::uint64_t id = 0;
    Manifest manifest;   ///< null if it is missing or does not decode
    std::string damage;  ///< why it cannot be restored from; empty if it can
  };

  /// Precondition: newer than all others.
  void add(Manifest manifest);
  /// One that there was, of which no manifest is left; `why` in words.
  void add_unreadable(std::uint64_t id, const std::string& why);
  /// Takes the oldest out beyond `kept`.
  std::vector<Entry> trim(std::size_t kept);
  /// Takes those newer than `id` out.
  std::vector<Entry> drop_newer_than(std::uint64_t id);

  void mark_damaged(std::uint64_t id, const std::string& why);
  /// All that refer to one of these.
  void mark_lost(const std::set<ChunkId>& chunks);

  /// What to go on from: the newest that is sound, null if there are none at all. An older one than the newest
  /// only if `may_fall_back`; an error, in words, if there is none that may be used.
  [[nodiscard]] Result<Manifest> resume_point(bool may_fall_back) const;
  /// The newest, if it is sound: acknowledgements may say what has changed since. Null: none.
  [[nodiscard]] Manifest base() const;

  [[nodiscard]] const std::vector<Entry>& entries() const { return entries_; }
  [[nodiscard]] std::uint64_t newest_id() const {
    return entries_.empty() ? 0 : entries_.back().id;
  }
  [[nodiscard]] std::set<ChunkId> chunks() const;

 private:
  std::vector<Entry> entries_;
};

/// True if a job of this plan makes output visible at checkpoints: going back behind one would repeat it.
[[nodiscard]] bool commits_output(const proto::Plan& plan);

}  // namespace leat::runtime
