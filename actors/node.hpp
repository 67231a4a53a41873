#pragma once

// How actors of one process reach the network: CAF's middleman, if there is one.

#include <caf/actor_system.hpp>
#include <caf/io/middleman_actor.hpp>

#include "actors/network_options.hpp"
#include "runtime/base/result.hpp"

namespace leat::actors {

/// The one that speaks TLS if the actor system was made with it; null with Networking::kOff.
[[nodiscard]] caf::io::middleman_actor middleman_of(caf::actor_system& system);

/// Refuses to listen on anything but loopback, unless `accepted` (TLS, or by request): otherwise
/// connections are neither encrypted nor authenticated, and a few bytes from a stranger can end the
/// process.
[[nodiscard]] Result<void> check_listen_address(const Endpoint& listen, bool accepted);

/// Names of what listens in errors: "the JobManager", "the TaskManager".
[[nodiscard]] Error listen_error(const Endpoint& listen, const std::string& who);

}  // namespace leat::actors
