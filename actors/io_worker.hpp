#pragma once

// A thread for what blocks, behind an actor: the metadata store, outputs, loading of job objects,
// fsync. Spawn it on its own thread. Tasks run in the order in which they were sent.

#include <chrono>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include <caf/error.hpp>

#include "actors/error_text.hpp"
#include "actors/protocol.hpp"
#include "runtime/base/result.hpp"

namespace leat::actors {

io_worker_actor::behavior_type io_worker(io_worker_actor::pointer self);
/// The same for work in bulk; see thread_priority.hpp.
io_worker_actor::behavior_type background_io_worker(io_worker_actor::pointer self);

/// How long a task may take. Storage that hangs longer is treated as failed; the task itself cannot be
/// stopped, and later ones wait behind it.
inline constexpr std::chrono::minutes kIoTimeout{10};

/// Runs `work` on the worker; `then(Result<T>)` follows on the thread of `self`, unless that has ended
/// by then. An exception out of `work` becomes an internal error.
template <class T, class Self, class Then>
void run_on(Self* self, const io_worker_actor& worker, std::function<Result<T>()> work, Then then) {
  auto outcome = std::make_shared<std::optional<Result<T>>>();
  IoTask task{[work = std::move(work), outcome] {
    try {
      outcome->emplace(work());
    } catch (const std::exception& exception) {
      outcome->emplace(Error(ErrorKind::kInternal, exception.what()));
    }
  }};
  self->request(worker, kIoTimeout, std::move(task))
      .then([outcome, then] { then(std::move(**outcome)); },
            [then](const caf::error& error) {
              then(Result<T>(
                  Error(ErrorKind::kIo, "a storage operation did not end: " + error_text(error))));
            });
}

}  // namespace leat::actors
