#include "runtime/coordination/placement.hpp"

#include <algorithm>
#include <cstddef>
#include <map>
#include <utility>

namespace leat::runtime {

namespace {

/// The free slots of one TaskManager.
struct Offer {
  Incarnation task_manager;
  std::vector<SlotId> slots;
};

std::vector<Offer> by_task_manager(const std::vector<SlotId>& free) {
  std::map<Incarnation, Offer> offers;
  for (const SlotId& slot : free) {
    Offer& offer = offers[slot.task_manager];
    offer.task_manager = slot.task_manager;
    offer.slots.push_back(slot);
  }
  std::vector<Offer> sorted;
  sorted.reserve(offers.size());
  for (auto& [task_manager, offer] : offers)
    sorted.push_back(std::move(offer));
  std::stable_sort(sorted.begin(), sorted.end(), [](const Offer& one, const Offer& other) {
    return one.slots.size() > other.slots.size();
  });
  return sorted;
}

std::size_t slot_count(const std::vector<const Offer*>& offers) {
  std::size_t count = 0;
  for (const Offer* offer : offers)
    count += offer->slots.size();
  return count;
}

/// All offers that agree with `first` and with each other, taken greedily in order.
std::vector<const Offer*> compatible_with(const Offer& first, const std::vector<Offer>& offers,
                                          const Conflict& conflict) {
  std::vector<const Offer*> chosen{&first};
  for (const Offer& offer : offers) {
    const bool fits = std::none_of(chosen.begin(), chosen.end(), [&](const Offer* other) {
      return other == &offer || conflict(other->task_manager, offer.task_manager);
    });
    if (fits)
      chosen.push_back(&offer);
  }
  return chosen;
}

/// Each offer is tried as the first one, as the largest may be the one that nobody reaches.
std::vector<const Offer*> choose(const std::vector<Offer>& offers, std::uint32_t wanted,
                                 const Conflict& conflict) {
  std::vector<const Offer*> best;
  for (const Offer& offer : offers) {
    auto chosen = compatible_with(offer, offers, conflict);
    if (slot_count(chosen) > slot_count(best))
      best = std::move(chosen);
    if (slot_count(best) >= wanted || best.size() == offers.size())
      break;
  }
  return best;
}

}  // namespace

std::vector<SlotId> place(const std::vector<SlotId>& free, std::uint32_t wanted,
                          const Conflict& conflict) {
  const std::vector<Offer> offers = by_task_manager(free);
  const std::vector<const Offer*> chosen = choose(offers, wanted, conflict);
  const std::size_t count = std::min<std::size_t>(wanted, slot_count(chosen));
  std::vector<SlotId> slots;
  slots.reserve(count);
  for (std::size_t round = 0; slots.size() < count; ++round) {
    for (const Offer* offer : chosen) {
      if (round < offer->slots.size() && slots.size() < count)
        slots.push_back(offer->slots[round]);
    }
  }
  return slots;
}

std::vector<SlotId> keep_places(std::vector<SlotId> slots, const std::vector<Incarnation>& before) {
  const std::size_t known = std::min(slots.size(), before.size());
  const auto stays = [&](std::size_t subtask) {
    return subtask < known && slots[subtask].task_manager == before[subtask];
  };
  for (std::size_t subtask = 0; subtask < known; ++subtask) {
    for (std::size_t other = 0; other < slots.size() && !stays(subtask); ++other) {
      if (slots[other].task_manager == before[subtask] && !stays(other))
        std::swap(slots[subtask], slots[other]);
    }
  }
  return slots;
}

}  // namespace leat::runtime
