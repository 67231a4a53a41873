#pragma once

// Keeps one child actor alive: when it fails, a new one is started after a backoff; when it fails too
// often, its process is told to end, so that the platform starts it anew. A child that ends in order, or
// that has been told to leave, is not replaced. Every step is a log line, `supervisor event=child_failed …`.

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>

#include <caf/actor.hpp>
#include <caf/fwd.hpp>

#include "actors/protocol.hpp"
#include "runtime/base/engine_time.hpp"
#include "runtime/base/error.hpp"
#include "runtime/base/log_event.hpp"
#include "runtime/coordination/restart_policy.hpp"

namespace leat::actors {

struct SupervisedChild {
  std::string name;  ///< "task_manager/tm-3f2a9c01"
  /// Starts the child; called again after each failure that is survived.
  std::function<caf::actor(caf::actor_system&)> spawn;
  /// Called when the supervisor gives up.
  std::function<void(const Error&)> escalate;
  /// Outlives the actor system.
  LogSink& log;
  /// Failures survived within `window`; one more is too many.
  std::uint32_t tolerated = 9;
  Duration window = std::chrono::minutes(10);
  runtime::RestartBackoffOptions backoff{true, std::chrono::milliseconds(50),
                                         std::chrono::seconds(10), 2.0, 0.25};
  /// Called when the child has ended in order, or after it was told to leave; null: nobody wants to know.
  std::function<void()> ended{};
};

/// Ends, together with its child, when it receives an exit message.
supervisor_actor spawn_supervisor(caf::actor_system& system, const SupervisedChild& child);

}  // namespace leat::actors
