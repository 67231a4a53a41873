#pragma once

// How a running process is told to end: by a person (a signal) or by a supervisor that gave up.
// Usable from any thread, but not from a signal handler: block SIGINT and SIGTERM before the first
// thread starts and wait for them with sigwait in a thread of their own.

#include <condition_variable>
#include <mutex>
#include <optional>

#include "runtime/base/engine_time.hpp"
#include "runtime/base/error.hpp"

namespace leat::actors {

class StopSignal {
 public:
  /// Asks for an orderly end.
  void request();
  /// The process cannot do its work any more; the first reason is kept.
  void fail(Error reason);

  [[nodiscard]] bool stopped() const;
  void wait() const;
  /// True if it was stopped within `timeout`.
  [[nodiscard]] bool wait_for(Duration timeout) const;
  [[nodiscard]] std::optional<Error> failure() const;

 private:
  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  bool stopped_ = false;
  std::optional<Error> failure_;
};

}  // namespace leat::actors
