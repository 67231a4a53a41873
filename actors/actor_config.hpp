#pragma once

// One configuration for every actor system of Leat: which types travel, how threads are scheduled, how
// broken connections are noticed. Made once per process, before its actor system.

#include <cstddef>
#include <memory>

#include <caf/actor_system_config.hpp>
#include <caf/fwd.hpp>

#include "actors/network_options.hpp"
#include "actors/own_thread.hpp"

namespace leat::actors {

enum class Networking { kOff, kOn };

class LeatActorConfig : public caf::actor_system_config {
 public:
  explicit LeatActorConfig(Networking networking, const LinkOptions& link = {});

  [[nodiscard]] const OwnThreadCount& own_threads() const { return own_threads_; }
  /// Null if connections are plain.
  [[nodiscard]] const std::shared_ptr<TlsIdentity>& tls() const { return tls_; }

 private:
  const OwnThreadCount own_threads_ = std::make_shared<OwnThreadCount::element_type>(0);
  std::shared_ptr<TlsIdentity> tls_;
};

/// Of a system that was made with one.
[[nodiscard]] const LeatActorConfig& config_of(const caf::actor_system& system);

}  // namespace leat::actors
