#pragma once

// Pairs of TaskManagers one of which reported that it could not reach the other. Forgotten after a
// while, so that a healed network is used again. Single-threaded, owned by the JobManagerCore.

#include <map>
#include <utility>

#include "runtime/base/engine_time.hpp"
#include "runtime/base/ids.hpp"

namespace leat::runtime {

class UnreachablePairs {
 public:
  explicit UnreachablePairs(Duration memory) : memory_(memory) {}

  void report(Incarnation one, Incarnation other, Time now);
  /// In either direction.
  [[nodiscard]] bool contains(Incarnation one, Incarnation other, Time now) const;
  void forget(Incarnation task_manager);
  /// Forgets what is over: jobs may have waited for it.
  void tick(Time now);
  [[nodiscard]] Time next_deadline() const;

 private:
  Duration memory_;
  std::map<std::pair<Incarnation, Incarnation>, Time> reported_;  // smaller incarnation first
};

}  // namespace leat::runtime
