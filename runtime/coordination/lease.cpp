#include "runtime/coordination/lease.hpp"

#include <algorithm>
#include <cstddef>

namespace leat::runtime {

namespace {
/// More than fit into any lease; older ones could not extend it.
constexpr std::size_t kMaxUnanswered = 256;
}  // namespace

void Lease::begin(Time sent_at, Duration length) {
  length_ = length;
  end_ = sent_at + length;
  unanswered_.clear();
}

void Lease::heartbeat_sent(std::uint64_t sequence, Time at) {
  unanswered_.emplace(sequence, at);
  if (unanswered_.size() > kMaxUnanswered)
    unanswered_.erase(unanswered_.begin());
}

void Lease::heartbeat_answered(std::uint64_t sequence) {
  const auto found = unanswered_.find(sequence);
  if (found == unanswered_.end())
    return;
  end_ = std::max(end_, found->second + length_);
  unanswered_.erase(unanswered_.begin(), std::next(found));
}

}  // namespace leat::runtime
