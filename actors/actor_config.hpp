#pragma once

// One configuration for every actor system of Leat: which types travel, how threads are scheduled, how
// broken connections are noticed. Made once per process, before its actor system.

#include <cstddef>

#include <caf/actor_system_config.hpp>

#include "actors/network_options.hpp"
#include "actors/own_thread.hpp"

namespace leat::actors {

enum class Networking { kOff, kOn };

class LeatActorConfig : public caf::actor_system_config {
 public:
  explicit LeatActorConfig(Networking networking, const LinkOptions& link = {});

  [[nodiscard]] const OwnThreadCount& own_threads() const { return own_threads_; }

 private:
  const OwnThreadCount own_threads_ = std::make_shared<OwnThreadCount::element_type>(0);
};

}  // namespace leat::actors
