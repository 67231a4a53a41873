#pragma once

// One request and its answer, for a thread that has no actor. Unlike a scoped_actor's request it ends
// as soon as the connection breaks (an answer that was under way then never comes), and a thread that
// does not want to wait for the answer may leave.

#include <chrono>
#include <future>
#include <memory>
#include <string>

#include <caf/actor_system.hpp>
#include <caf/event_based_actor.hpp>

#include "actors/error_text.hpp"
#include "runtime/base/engine_time.hpp"
#include "runtime/base/result.hpp"

namespace leat::actors {

/// The answer, or kUnreachable with the reason alone as its text.
template <class Reply, class Handle, class... Request>
std::future<Result<Reply>> start_asking(caf::actor_system& system, const Handle& handle,
                                        Duration timeout, const Request&... request) {
  auto promise = std::make_shared<std::promise<Result<Reply>>>();
  auto answer = promise->get_future();
  system.spawn([promise, handle, timeout, request...](caf::event_based_actor* self) {
    // Whatever comes first ends the actor, so that the promise is kept once.
    const auto fail = [self, promise](const caf::error& error) {
      promise->set_value(Error(ErrorKind::kUnreachable, error_text(error)));
      self->quit();
    };
    self->monitor(handle);
    self->set_down_handler([fail](caf::down_msg& down) { fail(down.reason); });
    self->request(handle, timeout, request...)
        .then(
            [self, promise](Reply& reply) {
              promise->set_value(std::move(reply));
              self->quit();
            },
            [fail](const caf::error& error) { fail(error); });
  });
  return answer;
}

template <class Reply, class Handle, class Request>
Result<Reply> blocking_ask(caf::actor_system& system, const Handle& handle, Duration timeout,
                           const Request& request) {
  return start_asking<Reply>(system, handle, timeout, request).get();
}

}  // namespace leat::actors
