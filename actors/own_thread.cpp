#include "actors/own_thread.hpp"

#include <caf/abstract_actor.hpp>
#include <caf/actor_control_block.hpp>
#include <caf/actor_system.hpp>

#include "actors/actor_config.hpp"
#include "runtime/base/check.hpp"

namespace leat::actors {

namespace {

const OwnThreadCount& count_of(const caf::actor_system& system) {
  const auto* config = dynamic_cast<const LeatActorConfig*>(&system.config());
  LEAT_CHECK(config != nullptr);
  return config->own_threads();
}

}  // namespace

// What was attached first is called last: after those who monitor the actor have been told.
void count_own_thread(const caf::strong_actor_ptr& actor) {
  const OwnThreadCount count = count_of(*actor->home_system);
  ++*count;
  actor->get()->attach_functor([count] { --*count; });
}

std::size_t own_thread_actors(const caf::actor_system& system) {
  return *count_of(system);
}

}  // namespace leat::actors
