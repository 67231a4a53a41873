#pragma once

// Who restores what: a checkpoint dealt to the subtasks of a deployment, whatever parallelism it was taken
// at. Pure functions.

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "runtime/base/result.hpp"
#include "serialization/proto/control.pb.h"
#include "serialization/proto/storage.pb.h"

namespace leat::runtime {

/// One per subtask: the segments that hold keys of its key groups (one that holds keys of several subtasks
/// goes to each), and the channels whose `from` it takes over.
[[nodiscard]] std::vector<proto::RestoreSubtask> restore_plan(
    const proto::StoredCheckpoint& checkpoint, std::uint32_t parallelism);

/// Uids of operators that the checkpoint holds state of and the plan does not have.
[[nodiscard]] std::vector<std::string> unmatched_state(const proto::StoredCheckpoint& checkpoint,
                                                       const proto::Plan& plan);

/// Takes away what belongs to operators the plan does not have.
void drop_unmatched(proto::StoredCheckpoint& checkpoint, const proto::Plan& plan);

/// Whether a job of this plan and parallelism can go on from the savepoint. Errors are of kind kInput and
/// say what to do. `allow_non_restored`: state without an operator is dropped.
Result<void> check_restorable(const proto::StoredCheckpoint& savepoint, const proto::Plan& plan,
                              std::uint32_t parallelism, bool allow_non_restored);

}  // namespace leat::runtime
