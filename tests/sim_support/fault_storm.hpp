#pragma once

// Faults at random times in random places, repeatable from the cluster's seed; then calm, in which
// everything must come to its end.

#include <cstdint>
#include <functional>

#include "runtime/base/engine_time.hpp"
#include "tests/sim_support/sim_cluster.hpp"

namespace leat::sim {

struct FaultStormOptions {
  std::uint32_t faults = 20;
  Duration longest_pause = std::chrono::milliseconds(400);  ///< between two faults
  bool job_manager_dies = true;
  bool writes_refused = true;
};

/// Everything is alive, connected and healed afterwards. `also` may add a fault of the test's own.
void run_fault_storm(SimCluster& cluster, const FaultStormOptions& options,
                     const std::function<void()>& also = {});

}  // namespace leat::sim
