#include "runtime/coordination/job_restart_policy.hpp"

#include <algorithm>

namespace leat::runtime {

namespace {

RestartStrategy strategy_of(const JobOptions& options) {
  return options.restart.strategy.value_or(RestartStrategy::kExponentialDelay);
}

RestartBackoffOptions always(Duration delay) {
  RestartBackoffOptions backoff;
  backoff.first_at_once = delay == Duration::zero();
  backoff.initial = std::max(delay, Duration(1));
  backoff.max = backoff.initial;
  backoff.multiplier = 1.0;
  backoff.jitter = 0.0;
  return backoff;
}

RestartBackoffOptions backoff_of(const JobOptions& options) {
  const RestartOptions& restart = options.restart;
  switch (strategy_of(options)) {
    case RestartStrategy::kFixedDelay:
      return always(restart.fixed_delay);
    case RestartStrategy::kFailureRate:
      return always(restart.failure_rate_delay);
    default:
      break;
  }
  RestartBackoffOptions backoff;
  // Configured by people: no wait at all, or a maximum below the first wait, is no reason to end.
  backoff.initial = std::max(restart.initial_backoff, Duration(1));
  backoff.max = std::max(restart.max_backoff, backoff.initial);
  backoff.multiplier = restart.multiplier;
  backoff.jitter = restart.jitter;
  return backoff;
}

/// All but the last of so many.
std::uint32_t before_last(std::uint32_t count) {
  return std::max(count, 1U) - 1;
}

FailureWindow window_of(const JobOptions& options) {
  const RestartOptions& restart = options.restart;
  const auto forever = [](std::uint32_t tolerated) {
    return FailureWindow(tolerated, FailureWindow::kForever);
  };
  switch (strategy_of(options)) {
    case RestartStrategy::kNone:
      return forever(0);
    case RestartStrategy::kFixedDelay:
      return forever(before_last(restart.fixed_delay_attempts));
    case RestartStrategy::kFailureRate:
      return {restart.failure_rate_max, std::max(restart.failure_rate_interval, Duration(1))};
    case RestartStrategy::kExponentialDelay:
      break;
  }
  const bool from_the_beginning = !options.checkpoints.enabled() && !restart.strategy;
  return forever(from_the_beginning ? before_last(restart.fixed_delay_attempts)
                                    : restart.attempts_before_reset);
}

}  // namespace

JobRestartPolicy::JobRestartPolicy(const JobOptions& options, std::uint64_t seed)
    : resets_(strategy_of(options) == RestartStrategy::kExponentialDelay),
      reset_after_(options.restart.reset_after),
      policy_(backoff_of(options), window_of(options), seed) {}

std::optional<Duration> JobRestartPolicy::on_failure(Time now) {
  if (resets_ && last_failure_ && now - *last_failure_ >= reset_after_)
    policy_.reset();
  last_failure_ = now;
  return policy_.on_failure(FailureOrigin::kCluster, now);
}

void JobRestartPolicy::on_checkpoint() {
  if (resets_)
    policy_.reset();
}

}  // namespace leat::runtime
