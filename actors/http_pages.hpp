#pragma once

// What the HTTP port of a JobManager or TaskManager shows: /healthz, /readyz, /metrics. Each request asks the
// supervisor, and through it the actor, on the thread that serves it, with a finite timeout.

#include <atomic>
#include <memory>
#include <string>

#include <caf/fwd.hpp>

#include "actors/http_server.hpp"
#include "actors/network_options.hpp"
#include "actors/protocol.hpp"

namespace leat::actors {

/// `listening`: whether clients can reach the JobManager yet.
[[nodiscard]] HttpPages job_manager_pages(caf::actor_system& system,
                                          const supervisor_actor& supervisor,
                                          const std::string& data_dir,
                                          std::shared_ptr<const std::atomic<bool>> listening);

[[nodiscard]] HttpPages task_manager_pages(caf::actor_system& system,
                                           const supervisor_actor& supervisor,
                                           const Endpoint& job_manager);

}  // namespace leat::actors
