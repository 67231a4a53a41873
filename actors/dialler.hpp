#pragma once

// The one way to dial: probes an endpoint and lets CAF connect only to what answers, so that a host that
// swallows packets holds up nobody but who wants to reach it. Names are resolved anew each time.

#include <caf/actor_system.hpp>

#include "actors/protocol.hpp"

namespace leat::actors {

/// Ends when it is told to; null without a network.
[[nodiscard]] dialler_actor spawn_dialler(caf::actor_system& system);

}  // namespace leat::actors
