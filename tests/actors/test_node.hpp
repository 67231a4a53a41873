#pragma once

// An actor system of the test's own, as another process would have one.

#include <chrono>
#include <set>
#include <string>

#include <caf/actor_cast.hpp>
#include <caf/actor_system.hpp>
#include <caf/io/middleman.hpp>
#include <caf/scoped_actor.hpp>

#include "actors/actor_config.hpp"
#include "actors/log_sink.hpp"
#include "actors/network_options.hpp"
#include "actors/protocol.hpp"
#include "actors/shutdown.hpp"

namespace leat::test {

class TestNode {
 public:
  explicit TestNode(const actors::LinkOptions& link = {})
      : config(actors::Networking::kOn, link), system(config) {}
  /// Its actors must have been told to end.
  ~TestNode() { actors::await_actors_or_exit(system, *actors::make_stderr_log({})); }

  /// What is published there; null if nothing is.
  caf::strong_actor_ptr connect(const actors::Endpoint& endpoint) {
    caf::strong_actor_ptr published;
    const caf::scoped_actor self(system);
    self->request(system.middleman().actor_handle(), std::chrono::seconds(10),
                  caf::connect_atom::value, endpoint.host, endpoint.port)
        .receive([&](const caf::node_id&, const caf::strong_actor_ptr& actor,
                     const std::set<std::string>&) { published = actor; },
                 [](const caf::error&) {});
    return published;
  }

  actors::LeatActorConfig config;
  caf::actor_system system;
};

}  // namespace leat::test
