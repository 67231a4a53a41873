#include "runtime/coordination/restart_policy.hpp"

#include <algorithm>
#include <utility>

#include "runtime/base/check.hpp"

namespace leat::runtime {

RestartBackoff::RestartBackoff(RestartBackoffOptions options, std::uint64_t seed)
    : options_(options), random_(seed), base_(options.initial) {
  LEAT_CHECK(options_.initial > Duration::zero() && options_.max >= options_.initial);
  LEAT_CHECK(options_.multiplier >= 1.0);
  LEAT_CHECK(options_.jitter >= 0.0 && options_.jitter < 1.0);
}

Duration RestartBackoff::next() {
  ++failures_;
  if (options_.first_at_once && failures_ == 1)
    return Duration::zero();
  const Duration base = base_;
  const double grown = static_cast<double>(base.count()) * options_.multiplier;
  base_ = grown >= static_cast<double>(options_.max.count())
              ? options_.max
              : Duration(static_cast<Duration::rep>(grown));
  std::uniform_real_distribution<double> factor(1.0 - options_.jitter, 1.0 + options_.jitter);
  const double jittered = static_cast<double>(base.count()) * factor(random_);
  return std::min(Duration(static_cast<Duration::rep>(jittered)), options_.max);
}

void RestartBackoff::reset() {
  failures_ = 0;
  base_ = options_.initial;
}

FailureWindow::FailureWindow(std::uint32_t tolerated, Duration window)
    : tolerated_(tolerated), window_(window) {
  LEAT_CHECK(window_ > Duration::zero());
}

bool FailureWindow::record(Time now) {
  const bool bounded = window_ != kForever;
  while (bounded && !failures_.empty() && now - failures_.front() >= window_)
    failures_.pop_front();
  failures_.push_back(now);
  if (failures_.size() <= tolerated_)
    return true;
  // Older ones cannot change the answer.
  while (failures_.size() > std::size_t{tolerated_} + 1)
    failures_.pop_front();
  return false;
}

std::uint32_t FailureWindow::count(Time now) const {
  return static_cast<std::uint32_t>(std::count_if(
      failures_.begin(), failures_.end(),
      [this, now](Time failure) { return window_ == kForever || now - failure < window_; }));
}

RestartPolicy::RestartPolicy(RestartBackoffOptions backoff, FailureWindow window,
                             std::uint64_t seed)
    : backoff_(backoff, seed), window_(std::move(window)) {}

std::optional<Duration> RestartPolicy::on_failure(FailureOrigin origin, Time now) {
  if (origin == FailureOrigin::kUserCode)
    return Duration::zero();
  if (window_.count(now) == 0)
    backoff_.reset();
  if (!window_.record(now))
    return std::nullopt;
  return backoff_.next();
}

}  // namespace leat::runtime
