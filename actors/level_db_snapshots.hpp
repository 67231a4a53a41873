#pragma once

// Which chunk store a JobManager has.

#include <string>

#include "actors/snapshot_keeper.hpp"
#include "runtime/base/ids.hpp"
#include "runtime/checkpointing/durability.hpp"

namespace leat::actors {

/// A LevelDbSnapshotStore in `directory`, opened when it is first asked for, on the keeper's thread. What
/// is damaged in it is found when it is restored from, not at the start: to read it all would take as
/// long as restoring it.
[[nodiscard]] OpenSnapshots level_db_snapshots(std::string directory, Epoch epoch,
                                               Durability durability);

}  // namespace leat::actors
