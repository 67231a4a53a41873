#pragma once

// The end of an actor system: CAF's own waits for its actors without limit.

#include <caf/fwd.hpp>

#include "runtime/base/log_event.hpp"

namespace leat::actors {

/// Precondition: every actor has been told to end, and no scoped_actor is left. Waits until all are
/// gone. User code that does not return after ten seconds cannot be ended otherwise: the process then
/// exits at once, with code 1, which a line in the log says.
void await_actors_or_exit(caf::actor_system& system, LogSink& log);

}  // namespace leat::actors
