#pragma once

// Runs seeds, each in a process of its own: one that aborts or hangs ends alone, and all start from the
// same memory, so that a seed does the same when it is run again.

#include <cstdint>
#include <functional>
#include <string>

#include "tests/sim/scenario_run.hpp"

namespace leat::sim {

struct SeedResult {
  std::uint64_t seed = 0;
  RunReport report;
};

/// All seeds are spread over the scenarios, or all go to one.
struct SeedRange {
  std::uint64_t first = 1;
  std::uint64_t count = 1;
  const Scenario* only = nullptr;
};
[[nodiscard]] const Scenario& scenario_of(const SeedRange& range, std::uint64_t seed);

/// In a child; a child that dies or takes more than a minute is a violation. With `trace`, what happens is
/// printed.
[[nodiscard]] RunReport run_seed(const Scenario& scenario, std::uint64_t seed, bool trace = false);

/// On `workers` processes at a time; `on_result` runs in this one, in any order.
void run_seeds(const SeedRange& range, std::uint32_t workers,
               const std::function<void(const SeedResult&)>& on_result);

}  // namespace leat::sim
