#pragma once

// How long a TaskManager may act without hearing from its JobManager. Runs from the time a
// heartbeat was *sent*, not from when its answer came: the JobManager counts no later, so that a
// slow answer never makes a TaskManager believe longer than the JobManager does. Single-threaded.

#include <cstdint>
#include <map>

#include "runtime/base/engine_time.hpp"

namespace leat::runtime {

class Lease {
 public:
  /// A registration that was sent at `sent_at` has been accepted.
  void begin(Time sent_at, Duration length);
  void heartbeat_sent(std::uint64_t sequence, Time at);
  /// Extends the lease; an answer to what is no longer waited for changes nothing.
  void heartbeat_answered(std::uint64_t sequence);

  [[nodiscard]] bool valid(Time now) const { return now < end_; }
  [[nodiscard]] Time end() const { return end_; }

 private:
  Duration length_{};
  Time end_ = Time::min();
  std::map<std::uint64_t, Time> unanswered_;  // when sent, by sequence
};

}  // namespace leat::runtime
