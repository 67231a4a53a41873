#pragma once

// Gathers the slot actors of all subtasks of a deployment before one of them may run: those in this
// TaskManager directly, the others by asking their hubs. Part of the TaskManager's actor; kept alive by
// the answers it waits for.

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include <caf/typed_event_based_actor.hpp>

#include "actors/peer_directory.hpp"
#include "actors/protocol.hpp"

namespace leat::actors {

struct UnreachablePeer {
  std::uint32_t subtask = 0;
  std::string reason;
};

class SlotRendezvous : public std::enable_shared_from_this<SlotRendezvous> {
 public:
  using Self = local_task_manager_actor::base;

  struct Outcome {
    std::function<void(SlotPeers)> complete;
    std::function<void(const UnreachablePeer&)> unreachable;
  };
  /// A slot of this TaskManager, null if it holds none such.
  using FindLocal = std::function<local_slot_actor(const proto::SubtaskRef&)>;

  SlotRendezvous(Self* self, const proto::DeploySubtask& deployment, Incarnation own,
                 Outcome outcome);

  /// Exactly one of the outcome's functions is called, now or later.
  void run(PeerDirectory& directory, Time now, const FindLocal& find_local);

 private:
  void ask(std::uint32_t subtask, const task_manager_actor& hub);
  void add(std::uint32_t subtask, slot_actor slot);
  void fail(std::uint32_t subtask, const std::string& reason);
  [[nodiscard]] proto::SubtaskRef ref_of(std::uint32_t subtask) const;

  Self* self_;
  proto::DeploySubtask deployment_;
  Incarnation own_;
  Outcome outcome_;
  SlotPeers peers_;
  std::size_t missing_;
  bool settled_ = false;
};

}  // namespace leat::actors
