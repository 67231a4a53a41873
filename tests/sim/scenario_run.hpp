#pragma once

// One scenario from one seed, from the first message to the verdict.

#include <cstdint>
#include <functional>
#include <string>

#include "tests/sim/scenario.hpp"

namespace leat::sim {

struct RunReport {
  std::string violation;  ///< the first one; empty: all held
  std::uint64_t steps = 0;
  std::uint64_t fingerprint = 0;  ///< of all that happened, and when
  double simulated_seconds = 0;
  std::uint32_t attempts = 0;
  std::uint64_t checkpoints = 0;  ///< completed
};

using TraceLine = std::function<void(Time, const std::string&)>;

/// `trace` may be null.
[[nodiscard]] RunReport run_scenario(const Scenario& scenario, std::uint64_t seed,
                                     const TraceLine& trace);

}  // namespace leat::sim
