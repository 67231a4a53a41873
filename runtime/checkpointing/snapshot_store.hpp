#pragma once

// Where the pieces of snapshots lie: chunks of bytes, written durably, read back verified, given back.
// What they mean is their owner's affair. Blocks; used from one thread at a time.
//
// Invariant: once a write has failed nothing is written until reopen() has succeeded, because LevelDB
// accepts writes after a failed one that are gone after a restart. Reading goes on.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/base/result.hpp"
#include "runtime/checkpointing/chunk_id.hpp"
#include "runtime/checkpointing/chunk_limits.hpp"

namespace leat {

struct StoreUsage {
  std::uint64_t live_chunks = 0;
  std::uint64_t live_bytes = 0;   ///< of live chunks, without what storing them costs
  std::uint64_t disk_bytes = 0;   ///< what the store's files take; an estimate
  std::uint64_t free_bytes = 0;   ///< left on the volume
  std::uint64_t generations = 0;  ///< directories
};

class SnapshotStore {
 public:
  virtual ~SnapshotStore() = default;

  /// All of `chunks` are durable when it returns; ids ascend in the order given. Live from now on. On
  /// an error none of them is. It is refused without having touched the disk, and needs_reopen() stays
  /// false, when it would leave less free space than the store's floor.
  virtual Result<std::vector<ChunkId>> put(const std::vector<std::string_view>& chunks) = 0;

  /// What was put, verified by its checksum. Errors name the chunk; their kind is kProtocol when it is
  /// damaged or lost for good, kIo when trying again may help.
  virtual Result<std::string> get(ChunkId id) = 0;

  /// Nobody refers to these any more. Unknown ids are ignored.
  virtual void release(const std::vector<ChunkId>& ids) = 0;

  /// A piece of housekeeping: frees the space of released chunks, copying no more than about
  /// `budget_bytes`. True if there is more to do. Best called again and again when nothing else is due.
  virtual Result<bool> collect(std::size_t budget_bytes) = 0;

  /// True from a failed write until reopen() succeeds.
  [[nodiscard]] virtual bool needs_reopen() const = 0;

  /// Closes, opens anew and verifies each live chunk. Returns those that are lost; they are no longer
  /// live. May be repeated when it fails. Make room first: release() what no checkpoint needs.
  virtual Result<std::vector<ChunkId>> reopen() = 0;

  [[nodiscard]] virtual StoreUsage usage() const = 0;
};

}  // namespace leat
