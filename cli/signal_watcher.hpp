#pragma once

// SIGINT and SIGTERM as a request to stop in order; a second one ends the process at once. Made before
// the process starts its first other thread, because threads inherit which signals are blocked.

#include <thread>

#include "actors/stop_signal.hpp"
#include "runtime/base/result.hpp"

namespace leat::cli {

class SignalWatcher {
 public:
  /// `stop` outlives the watcher.
  explicit SignalWatcher(actors::StopSignal& stop);
  ~SignalWatcher();
  SignalWatcher(const SignalWatcher&) = delete;
  SignalWatcher& operator=(const SignalWatcher&) = delete;

 private:
  void watch();

  actors::StopSignal& stop_;
  int signals_;  ///< signalfd
  int ended_;    ///< eventfd: readable once the watcher is to end
  std::thread thread_;
};

}  // namespace leat::cli
