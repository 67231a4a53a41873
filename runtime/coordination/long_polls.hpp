#pragma once

// Requests that wait for something to change, each with the time it is answered at the latest.
// Single-threaded. Invariant: a request is taken out exactly once.

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <utility>
#include <vector>

#include "runtime/base/engine_time.hpp"
#include "runtime/coordination/job_manager_commands.hpp"

namespace leat::runtime {

template <class Query>
class LongPolls {
 public:
  struct Waiting {
    RequestId request;
    Query query;
    Time answer_by;
  };
  /// Beyond this the oldest is answered early: a client that polls anew has given it up.
  static constexpr std::size_t kMaxWaiting = 64;

  void add(Waiting waiting) { waiting_.push_back(std::move(waiting)); }

  /// Takes out those for which `answerable(query)` holds, those that are due, and any excess.
  template <class Predicate>
  std::vector<Waiting> take(Time now, Predicate answerable) {
    std::vector<Waiting> taken;
    std::vector<Waiting> kept;
    const std::size_t excess = waiting_.size() - std::min(waiting_.size(), kMaxWaiting);
    for (std::size_t i = 0; i < waiting_.size(); ++i) {
      const bool answer =
          i < excess || now >= waiting_[i].answer_by || answerable(waiting_[i].query);
      (answer ? taken : kept).push_back(std::move(waiting_[i]));
    }
    waiting_ = std::move(kept);
    return taken;
  }

  [[nodiscard]] bool empty() const { return waiting_.empty(); }
  [[nodiscard]] Time next_deadline() const {
    Time earliest = Time::max();
    for (const Waiting& waiting : waiting_)
      earliest = std::min(earliest, waiting.answer_by);
    return earliest;
  }

 private:
  std::vector<Waiting> waiting_;  // oldest first
};

}  // namespace leat::runtime
