#pragma once

// Wakes an actor at its state machine's next deadline, as a delayed message to itself does.

#include <algorithm>
#include <utility>

#include "tests/sim_support/sim_world.hpp"

namespace leat::sim {

class SimTimer {
 public:
  /// `tick` runs in the actor; it must arm again. An alarm that is already set for earlier stays.
  template <class Tick>
  void arm(SimWorld& world, ActorId actor, Time deadline, Tick tick) {
    if (deadline >= armed_)
      return;
    armed_ = std::max(deadline, world.now());
    world.deliver_at(armed_, actor, [this, at = armed_, tick = std::move(tick)] {
      if (at != armed_)
        return;
      armed_ = Time::max();
      tick();
    });
  }
  void reset() { armed_ = Time::max(); }

 private:
  Time armed_ = Time::max();
};

}  // namespace leat::sim
