#pragma once

// The actor of one subtask of one attempt, on a thread of its own: feeds messages to a SlotTask and
// gives it turns. Messages only enqueue; a turn is a message that the slot sends itself, so that it
// stands behind what has already arrived. It ends by order (stop_atom), or when its TaskManager's
// actor ends; a slot that finished or failed stays until then, holding what it has prepared.

#include <cstdint>
#include <memory>
#include <string>

#include <caf/fwd.hpp>

#include "actors/protocol.hpp"
#include "actors/shared_lease.hpp"
#include "runtime/base/file_system.hpp"
#include "runtime/base/ids.hpp"

namespace leat::runtime {
class JobGraph;
}

namespace leat::actors {

/// The references outlive the actor system.
struct SlotSetup {
  proto::SubtaskRef ref;
  DeploymentId deployment;  ///< as in ref
  std::uint32_t parallelism = 1;
  std::uint32_t max_parallelism = 1;
  std::shared_ptr<const runtime::JobGraph> graph;
  std::shared_ptr<const SharedLease> lease;
  /// What it starts from; null: from nothing.
  std::shared_ptr<const proto::RestoreSubtask> restore;
  /// Told of everything that happens, as SubtaskEvent with this slot's ref.
  local_task_manager_actor owner;
  FileSystem& files;
};

local_slot_actor spawn_slot(caf::actor_system& system, const SlotSetup& setup);

}  // namespace leat::actors
