#pragma once

// A TaskManager's connection to its JobManager: dials, compares versions, notices when it breaks. When
// to dial again is decided above. Part of the TaskManager's actor.

#include <cstdint>
#include <functional>
#include <string>
#include <variant>

#include <caf/typed_event_based_actor.hpp>

#include "actors/network_options.hpp"
#include "actors/protocol.hpp"
#include "runtime/base/error.hpp"

namespace leat::actors {

/// Where the JobManager is: in this process, or elsewhere.
using JobManagerAddress = std::variant<job_manager_actor, Endpoint>;

class JobManagerLink {
 public:
  using Self = local_task_manager_actor::base;

  struct Listener {
    std::function<void()> connected;
    std::function<void(const std::string& reason)> lost;
    /// It is of another version: there is no use in trying again.
    std::function<void(const Error&)> refused;
  };

  JobManagerLink(Self* self, dialler_actor dialler, JobManagerAddress address, Listener listener)
      : self_(self),
        dialler_(std::move(dialler)),
        address_(std::move(address)),
        listener_(std::move(listener)) {}

  void connect();
  /// An actor that was monitored is gone; true if it was the JobManager.
  bool down(const caf::down_msg& down);

  /// Null while there is no connection.
  [[nodiscard]] const job_manager_actor& handle() const { return job_manager_; }
  /// Grows with each connection; an answer that belongs to an earlier one is void.
  [[nodiscard]] std::uint64_t generation() const { return generation_; }

 private:
  void dial(const Endpoint& endpoint);
  void say_hello(const job_manager_actor& handle);
  void use(const job_manager_actor& handle);
  [[nodiscard]] std::string peer_name() const;

  Self* self_;
  dialler_actor dialler_;
  JobManagerAddress address_;
  Listener listener_;
  job_manager_actor job_manager_;
  std::uint64_t generation_ = 0;
};

}  // namespace leat::actors
