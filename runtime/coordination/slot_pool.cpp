#include "runtime/coordination/slot_pool.hpp"

#include <algorithm>

#include "runtime/base/check.hpp"

namespace leat::runtime {

void SlotPool::add(Incarnation task_manager, std::uint32_t slots) {
  for (std::uint32_t index = 0; index < slots; ++index) {
    const bool added = slots_.emplace(SlotId{task_manager, index}, std::nullopt).second;
    LEAT_CHECK(added);
  }
}

std::vector<SubtaskKey> SlotPool::remove(Incarnation task_manager) {
  std::vector<SubtaskKey> lost;
  auto slot = slots_.lower_bound(SlotId{task_manager, 0});
  while (slot != slots_.end() && slot->first.task_manager == task_manager) {
    if (slot->second) {
      lost.push_back(*slot->second);
      holders_.erase(*slot->second);
    }
    slot = slots_.erase(slot);
  }
  closed_.erase(task_manager);
  return lost;
}

void SlotPool::take(SlotId slot, const SubtaskKey& holder) {
  const auto found = slots_.find(slot);
  LEAT_CHECK(found != slots_.end() && !found->second && !closed(slot.task_manager));
  const bool added = holders_.emplace(holder, slot).second;
  LEAT_CHECK(added);
  found->second = holder;
}

bool SlotPool::release(Incarnation task_manager, const SubtaskKey& holder) {
  const auto held = holders_.find(holder);
  if (held == holders_.end() || held->second.task_manager != task_manager)
    return false;
  slots_.at(held->second).reset();
  holders_.erase(held);
  return true;
}

std::optional<SlotId> SlotPool::slot_of(const SubtaskKey& holder) const {
  const auto held = holders_.find(holder);
  if (held == holders_.end())
    return std::nullopt;
  return held->second;
}

std::vector<SubtaskKey> SlotPool::held_by(Incarnation task_manager) const {
  std::vector<SubtaskKey> held;
  auto slot = slots_.lower_bound(SlotId{task_manager, 0});
  for (; slot != slots_.end() && slot->first.task_manager == task_manager; ++slot) {
    if (slot->second)
      held.push_back(*slot->second);
  }
  return held;
}

std::vector<SlotId> SlotPool::free_slots() const {
  std::vector<SlotId> free;
  for (const auto& [slot, holder] : slots_) {
    if (!holder && !closed(slot.task_manager))
      free.push_back(slot);
  }
  return free;
}

std::size_t SlotPool::free_count() const {
  return static_cast<std::size_t>(std::count_if(
      slots_.begin(), slots_.end(),
      [this](const auto& slot) { return !slot.second && !closed(slot.first.task_manager); }));
}

}  // namespace leat::runtime
