#pragma once

// Which chunk store a JobManager has.

#include <string>

#include "actors/snapshot_keeper.hpp"
#include "runtime/base/ids.hpp"
#include "runtime/checkpointing/durability.hpp"

namespace leat::actors {

/// A LevelDbSnapshotStore in `directory`, opened when it is first asked for, on the keeper's thread. All
/// that checkpoints refer to is read and verified: a TaskManager may restore from copies of its own, and the
/// next checkpoint would then refer to what is damaged here.
[[nodiscard]] OpenSnapshots level_db_snapshots(std::string directory, Epoch epoch,
                                               Durability durability);

}  // namespace leat::actors
