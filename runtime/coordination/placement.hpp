#pragma once

// Where the pipelines of a job go: a pure function of the free slots.

#include <cstdint>
#include <functional>
#include <vector>

#include "runtime/base/ids.hpp"
#include "runtime/coordination/slot_pool.hpp"

namespace leat::runtime {

/// True if the two TaskManagers must not run one job together.
using Conflict = std::function<bool(Incarnation, Incarnation)>;

/// One slot per subtask, in subtask order, at most `wanted`. Spread evenly over TaskManagers, those
/// with the most free slots first, so that a lost TaskManager or a hot machine takes as little as
/// possible with it. No two TaskManagers in conflict are used: then fewer slots than are free may
/// be given, but never none while there is a free one.
[[nodiscard]] std::vector<SlotId> place(const std::vector<SlotId>& free, std::uint32_t wanted,
                                        const Conflict& conflict);

/// The same slots dealt so that as many subtasks as can be go to the TaskManager where they were `before`
/// (by subtask): it may have copies of their state.
[[nodiscard]] std::vector<SlotId> keep_places(std::vector<SlotId> slots,
                                              const std::vector<Incarnation>& before);

}  // namespace leat::runtime
