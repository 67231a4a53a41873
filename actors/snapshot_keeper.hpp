#pragma once

// Owner of the chunk store, on a thread of its own: carries out what the JobManager's state machine asks
// of it, in order, and frees space when nothing else is due. Long work (savepoints, housekeeping) is done
// in slices between other messages, so that no checkpoint waits behind it.

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "actors/protocol.hpp"
#include "runtime/base/file_system.hpp"
#include "runtime/base/log_event.hpp"
#include "runtime/base/result.hpp"
#include "runtime/checkpointing/snapshot_store.hpp"

namespace leat::actors {

struct OpenedSnapshots {
  std::unique_ptr<SnapshotStore> store;
  std::vector<ChunkId> lost;  ///< of those that should have been there
};

/// Opens the store; `live` are the chunks that checkpoints refer to, all else is garbage.
using OpenSnapshots = std::function<Result<OpenedSnapshots>(const std::vector<ChunkId>& live)>;

/// The references outlive the actor system. If the store cannot be opened the actor ends with the reason,
/// and what is linked to it: a JobManager cannot work without.
struct SnapshotKeeperSetup {
  OpenSnapshots open;
  FileSystem& files;
  LogSink& log;
  local_job_manager_actor owner;
};

/// On a thread of its own, linked to the JobManager's actor, which is `setup.owner`.
snapshot_keeper_actor spawn_snapshot_keeper(local_job_manager_actor::base* owner,
                                            SnapshotKeeperSetup setup);

}  // namespace leat::actors
