#include "runtime/coordination/unreachable_pairs.hpp"

#include <algorithm>

namespace leat::runtime {

namespace {
std::pair<Incarnation, Incarnation> ordered(Incarnation one, Incarnation other) {
  return one < other ? std::pair(one, other) : std::pair(other, one);
}
}  // namespace

void UnreachablePairs::report(Incarnation one, Incarnation other, Time now) {
  // A TaskManager that cannot reach itself has a problem placement cannot solve.
  if (one == other)
    return;
  tick(now);
  reported_[ordered(one, other)] = now;
}

bool UnreachablePairs::contains(Incarnation one, Incarnation other, Time now) const {
  const auto found = reported_.find(ordered(one, other));
  return found != reported_.end() && now - found->second < memory_;
}

void UnreachablePairs::forget(Incarnation task_manager) {
  std::erase_if(reported_, [task_manager](const auto& entry) {
    return entry.first.first == task_manager || entry.first.second == task_manager;
  });
}

void UnreachablePairs::tick(Time now) {
  std::erase_if(reported_, [&](const auto& entry) { return now - entry.second >= memory_; });
}

Time UnreachablePairs::next_deadline() const {
  Time earliest = Time::max();
  for (const auto& [pair, reported] : reported_)
    earliest = std::min(earliest, reported + memory_);
  return earliest;
}

}  // namespace leat::runtime
