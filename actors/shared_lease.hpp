#pragma once

// Until when a TaskManager may have effects. Written by the TaskManager's actor when the JobManager
// answers a heartbeat, read by its slots before each turn: one atomic time is shared between their
// threads, because a message about it could be late exactly when it matters.

#include <atomic>

#include "runtime/base/engine_time.hpp"

namespace leat::actors {

class SharedLease {
 public:
  [[nodiscard]] bool valid(Time now) const {
    return now.time_since_epoch().count() < until_.load(std::memory_order_relaxed);
  }
  void set_end(Time end) {
    until_.store(end.time_since_epoch().count(), std::memory_order_relaxed);
  }

 private:
  std::atomic<EngineClock::rep> until_{0};
};

}  // namespace leat::actors
