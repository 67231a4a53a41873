#include "actors/own_thread.hpp"

#include <caf/abstract_actor.hpp>
#include <caf/actor_control_block.hpp>
#include <caf/actor_system.hpp>

#include "actors/actor_config.hpp"

namespace leat::actors {

// What was attached first is called last: after those who monitor the actor have been told.
void count_own_thread(const caf::strong_actor_ptr& actor) {
  const OwnThreadCount count = config_of(*actor->home_system).own_threads();
  ++*count;
  actor->get()->attach_functor([count] { --*count; });
}

std::size_t own_thread_actors(const caf::actor_system& system) {
  return *config_of(system).own_threads();
}

}  // namespace leat::actors
