#pragma once

// Turns a state machine's next_deadline() into tick messages of its actor: one pending at a time is
// enough, an early one only finds that nothing is due. Owned by that actor.

#include <algorithm>

#include <caf/fwd.hpp>

#include "actors/protocol.hpp"
#include "runtime/base/engine_time.hpp"

namespace leat::actors {

class TickTimer {
 public:
  /// Call it after every event.
  template <class Self>
  void arm(Self* self, Time now, Time deadline) {
    if (deadline == Time::max() || deadline >= pending_)
      return;
    pending_ = deadline;
    self->delayed_send(self, std::max(deadline - now, Duration::zero()), tick_atom::value);
  }

  /// Call it when a tick arrives, before the state machine's tick().
  void fired() { pending_ = Time::max(); }

 private:
  Time pending_ = Time::max();
};

}  // namespace leat::actors
