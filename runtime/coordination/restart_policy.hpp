#pragma once

// When to try again after a failure, and when to stop trying: exponential backoff with jitter, and
// a count of failures in a window. Used by the JobMaster for jobs and by the supervisor for actors.
// Single-threaded; the jitter comes from a seeded generator, so that a simulation can repeat it.

#include <chrono>
#include <cstdint>
#include <deque>
#include <limits>
#include <optional>
#include <random>

#include "runtime/base/engine_time.hpp"

namespace leat::runtime {

struct RestartBackoffOptions {
  /// The first failure after quiet is most often a passing one: retry without waiting.
  bool first_at_once = true;
  Duration initial = std::chrono::milliseconds(50);
  Duration max = std::chrono::minutes(1);
  double multiplier = 2.0;
  /// A delay d becomes one in [d·(1−jitter), d·(1+jitter)], so that what failed together does not
  /// return together; never above max.
  double jitter = 0.25;
};

/// Delays between consecutive tries.
class RestartBackoff {
 public:
  RestartBackoff(RestartBackoffOptions options, std::uint64_t seed);

  /// The delay before the next try; each call is one failure further on.
  Duration next();
  /// After success: the next failure counts as the first one again.
  void reset();

 private:
  RestartBackoffOptions options_;
  std::mt19937_64 random_;
  std::uint32_t failures_ = 0;
  Duration base_;
};

/// Counts failures that happened within the last `window`.
class FailureWindow {
 public:
  static constexpr Duration kForever = Duration::max();

  /// `tolerated` failures within `window` are survived; one more is too many.
  FailureWindow(std::uint32_t tolerated, Duration window);

  /// False when this failure is one too many.
  [[nodiscard]] bool record(Time now);
  [[nodiscard]] std::uint32_t count(Time now) const;
  [[nodiscard]] std::uint32_t tolerated() const { return tolerated_; }
  void reset() { failures_.clear(); }

 private:
  std::uint32_t tolerated_;
  Duration window_;
  std::deque<Time> failures_;  // at most tolerated_ + 1
};

/// Whose fault a failure is.
enum class FailureOrigin {
  kUserCode,  ///< a poison job must not take the cluster with it
  kCluster,
};

/// Backoff and window together, with the rule of supervision: failures of user code are retried at
/// once and never count towards giving up. (A JobMaster counts both kinds: it passes kCluster.)
class RestartPolicy {
 public:
  RestartPolicy(RestartBackoffOptions backoff, FailureWindow window, std::uint64_t seed);

  /// The delay before restarting, or nothing: give up (escalate).
  [[nodiscard]] std::optional<Duration> on_failure(FailureOrigin origin, Time now);
  /// What failed has got on: the next failure counts as the first one again.
  void reset() {
    backoff_.reset();
    window_.reset();
  }
  /// Failures counted now, the last included: `attempt=<failures()+1>/<tolerated()+1>` in logs.
  [[nodiscard]] std::uint32_t failures(Time now) const { return window_.count(now); }
  [[nodiscard]] std::uint32_t tolerated() const { return window_.tolerated(); }

 private:
  RestartBackoff backoff_;
  FailureWindow window_;
};

}  // namespace leat::runtime
