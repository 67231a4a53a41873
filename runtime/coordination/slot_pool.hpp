#pragma once

// Which slot of which TaskManager holds which subtask. A slot is taken from the moment it is given
// out until its TaskManager confirms that it is released, or is lost: what merely should have ended
// still takes room. Slots of a TaskManager that leaves are closed: those in use stay so until they are
// released, and are not free then. Single-threaded, owned by the JobManagerCore.
// Invariant: a subtask holds at most one slot, a slot at most one subtask.

#include <compare>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <vector>

#include "runtime/base/ids.hpp"
#include "runtime/coordination/subtask_key.hpp"

namespace leat::runtime {

struct SlotId {
  Incarnation task_manager;
  std::uint32_t index = 0;
  auto operator<=>(const SlotId&) const = default;
};

class SlotPool {
 public:
  /// Precondition: the TaskManager's slots are not in the pool.
  void add(Incarnation task_manager, std::uint32_t slots);
  /// Takes all slots of a TaskManager away; what they held is lost.
  std::vector<SubtaskKey> remove(Incarnation task_manager);

  /// From now on none of its slots is free. Precondition: they are in the pool.
  void close(Incarnation task_manager) { closed_.insert(task_manager); }
  [[nodiscard]] bool closed(Incarnation task_manager) const {
    return closed_.contains(task_manager);
  }

  /// Precondition: the slot is free and the subtask holds none.
  void take(SlotId slot, const SubtaskKey& holder);
  /// False if the TaskManager has no slot held by this subtask: a stale or repeated confirmation.
  bool release(Incarnation task_manager, const SubtaskKey& holder);

  [[nodiscard]] std::optional<SlotId> slot_of(const SubtaskKey& holder) const;
  /// What the TaskManager's slots hold.
  [[nodiscard]] std::vector<SubtaskKey> held_by(Incarnation task_manager) const;
  /// In ascending order.
  [[nodiscard]] std::vector<SlotId> free_slots() const;
  [[nodiscard]] std::size_t free_count() const;
  [[nodiscard]] std::size_t size() const { return slots_.size(); }

 private:
  std::map<SlotId, std::optional<SubtaskKey>> slots_;
  std::map<SubtaskKey, SlotId> holders_;
  std::set<Incarnation> closed_;
};

}  // namespace leat::runtime
