#pragma once

// Owner of the chunk store, on a thread of its own: carries out what the JobManager's state machine asks
// of it, in order, and frees space when nothing else is due. Long work (savepoints, housekeeping) is done
// in slices between other messages, so that no checkpoint waits behind it. Spawn it detached.

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <caf/replies_to.hpp>
#include <caf/typed_actor.hpp>

#include "actors/protocol.hpp"
#include "runtime/base/file_system.hpp"
#include "runtime/base/log_event.hpp"
#include "runtime/base/result.hpp"
#include "runtime/checkpointing/snapshot_store.hpp"
#include "runtime/coordination/job_manager_core.hpp"

namespace leat::actors {

struct OpenedSnapshots {
  std::unique_ptr<SnapshotStore> store;
  std::vector<ChunkId> lost;  ///< of those that should have been there
};

/// Opens the store; `live` are the chunks that checkpoints refer to, all else is garbage.
using OpenSnapshots = std::function<Result<OpenedSnapshots>(const std::vector<ChunkId>& live)>;

/// What an event of the state machine is to be told once the keeper has done its part.
struct KeeperAnswer {
  std::function<void(runtime::JobManagerCore&, Time, runtime::JobManagerCommands&)> tell;
};

using snapshot_keeper_actor = caf::typed_actor<
    /// Comes first: opens the store.
    caf::reacts_to<runtime::KeepChunks>, caf::reacts_to<runtime::StoreChunks>,
    caf::reacts_to<runtime::LoadChunk>, caf::reacts_to<runtime::ReleaseChunks>,
    caf::reacts_to<runtime::WriteSavepoint>, caf::reacts_to<runtime::ReadSavepoint>,
    /// From itself: the next slice of long work.
    caf::reacts_to<tick_atom>,
    /// From itself: the store may have room again.
    caf::reacts_to<wake_atom>>;

/// The references outlive the actor system. If the store cannot be opened the actor ends with the reason,
/// and what is linked to it: a JobManager cannot work without.
struct SnapshotKeeperSetup {
  OpenSnapshots open;
  FileSystem& files;
  LogSink& log;
  /// Takes the answers to all messages that have one.
  std::function<void(KeeperAnswer)> answer;
};

class SnapshotKeeperState;

snapshot_keeper_actor::behavior_type snapshot_keeper(
    snapshot_keeper_actor::stateful_pointer<SnapshotKeeperState> self,
    const SnapshotKeeperSetup& setup);

}  // namespace leat::actors

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(leat::actors::KeeperAnswer)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(leat::runtime::KeepChunks)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(leat::runtime::StoreChunks)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(leat::runtime::LoadChunk)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(leat::runtime::ReleaseChunks)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(leat::runtime::WriteSavepoint)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(leat::runtime::ReadSavepoint)
