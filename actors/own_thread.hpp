#pragma once

// Actors that block or compute for long, each on a thread of its own. How many there are is counted
// until the very end of each: CAF counts an actor out before it has told those who watch it, and what is
// told during an actor system's end may never be handled (docs/connections.md, "The end of a process").

#include <atomic>
#include <cstddef>
#include <memory>
#include <utility>

#include <caf/actor_cast.hpp>
#include <caf/fwd.hpp>
#include <caf/spawn_options.hpp>

namespace leat::actors {

/// Part of an actor system's configuration; outlives the system.
using OwnThreadCount = std::shared_ptr<std::atomic<std::size_t>>;

void count_own_thread(const caf::strong_actor_ptr& actor);

/// How many have not told their end yet.
[[nodiscard]] std::size_t own_thread_actors(const caf::actor_system& system);

/// `spawner` is an actor or an actor system, whose configuration must be a LeatActorConfig.
template <caf::spawn_options kOptions = caf::no_spawn_options, class Spawner, class... Args>
auto spawn_on_own_thread(Spawner& spawner, Args&&... args) {
  auto actor = spawner.template spawn<kOptions + caf::detached>(std::forward<Args>(args)...);
  count_own_thread(caf::actor_cast<caf::strong_actor_ptr>(actor));
  return actor;
}

}  // namespace leat::actors
