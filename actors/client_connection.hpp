#pragma once

// A client's way to the JobManager: connects, asks, and tries again after a broken connection. Used
// by one thread, which it blocks; it must end before its actor system does.

#include <chrono>
#include <functional>
#include <optional>
#include <string>

#include <caf/actor_system.hpp>

#include "actors/blocking_ask.hpp"
#include "actors/job_client.hpp"
#include "actors/job_manager_link.hpp"
#include "actors/protocol.hpp"
#include "runtime/base/engine_time.hpp"
#include "runtime/base/result.hpp"

namespace leat::actors {

class ClientConnection {
 public:
  ClientConnection(caf::actor_system& system, JobManagerAddress address, JobClientOptions options);
  ~ClientConnection();
  ClientConnection(const ClientConnection&) = delete;
  ClientConnection& operator=(const ClientConnection&) = delete;

  /// Success at once if there is a connection.
  Result<void> connect();

  /// The JobManager's answer, which has to come within `timeout`; without one the request is sent
  /// again, until the client gives up.
  template <class Reply, class Request>
  Result<Reply> ask(const Request& request, Duration timeout) {
    Patience patience = start();
    for (;;) {
      auto outcome = try_once<Reply>(request, timeout);
      if (outcome)
        return outcome;
      if (auto ended = pause_before_next_try(outcome.error(), patience))
        return *ended;
    }
  }

 private:
  struct Patience {
    std::chrono::steady_clock::time_point until;
    std::chrono::milliseconds pause{50};
  };

  template <class Reply, class Request>
  Result<Reply> try_once(const Request& request, Duration timeout) {
    if (auto connected = connect_once(); !connected)
      return connected.error();
    auto answer = blocking_ask<Reply>(system_, job_manager_, timeout, request);
    if (answer)
      return answer;
    job_manager_ = nullptr;
    return unreachable(answer.error().message());
  }

  [[nodiscard]] Patience start() const;
  /// Nothing, after a pause, if it is worth trying again; else the error to end with.
  [[nodiscard]] std::optional<Error> pause_before_next_try(const Error& error, Patience& patience);
  Result<void> connect_once();
  Result<job_manager_actor> dial(const Endpoint& endpoint);
  [[nodiscard]] bool cancelled() const { return options_.cancelled && options_.cancelled(); }
  [[nodiscard]] Error cancelled_error() const;
  [[nodiscard]] Error unreachable(const std::string& reason) const;
  [[nodiscard]] std::string peer_name() const;

  caf::actor_system& system_;
  JobManagerAddress address_;
  JobClientOptions options_;
  dialler_actor dialler_;  ///< null until something is dialled
  job_manager_actor job_manager_;
};

}  // namespace leat::actors
