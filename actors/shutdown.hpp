#pragma once

// The end of an actor system: CAF's own waits for its actors without limit, and for ever if the last
// words of one of them come too late (docs/connections.md, "The end of a process").

#include <caf/fwd.hpp>

#include "runtime/base/log_event.hpp"

namespace leat::actors {

/// Precondition: every actor has been told to end, and no scoped_actor is left. Waits until all are
/// gone and the network has handled what they left; then the actor system can be destroyed. What does
/// not end within ten seconds (user code that does not return) cannot be ended otherwise: the process
/// then exits at once, with code 1, which a line in the log says.
void await_actors_or_exit(caf::actor_system& system, LogSink& log);

}  // namespace leat::actors
