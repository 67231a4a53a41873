#pragma once

// What a job's author or the cluster's owner decides about checkpoints and restarts. The cluster has
// defaults; what a submission carries comes before them, key by key. Plain values.

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include <google/protobuf/map.h>

#include "runtime/base/engine_time.hpp"
#include "runtime/base/result.hpp"

namespace leat::runtime {

enum class CheckpointMode {
  kExactlyOnce,
  kAtLeastOnce,  ///< inputs are not blocked by barriers: no alignment, but records may count twice
};

struct CheckpointOptions {
  /// Zero: none by time (savepoints and rescaling take them all the same).
  Duration interval = Duration::zero();
  CheckpointMode mode = CheckpointMode::kExactlyOnce;
  /// A checkpoint that is not complete by then is aborted.
  Duration timeout = std::chrono::minutes(10);
  /// Between the end of one and the beginning of the next.
  Duration min_pause = Duration::zero();
  /// Failed in a row before the attempt fails with them; none: a checkpoint that fails costs nothing.
  std::optional<std::uint32_t> tolerable_failures;
  std::uint32_t num_retained = 3;
  /// Barriers overtake records when alignment takes longer; zero: never.
  Duration aligned_timeout = Duration::zero();
  /// Chunks of the whole job that may be under way to the store: bounds memory, and how long a
  /// heartbeat may wait behind them.
  std::uint32_t chunk_window = 16;

  [[nodiscard]] bool enabled() const { return interval > Duration::zero(); }
  bool operator==(const CheckpointOptions&) const = default;
};

enum class RestartStrategy { kNone, kFixedDelay, kFailureRate, kExponentialDelay };

struct RestartOptions {
  /// Unset: exponential delays, and without checkpoints `fixed_delay_attempts` tries.
  std::optional<RestartStrategy> strategy;

  /// Tries in all, the first included.
  std::uint32_t fixed_delay_attempts = 3;
  Duration fixed_delay = std::chrono::seconds(1);

  /// Failures survived within the interval.
  std::uint32_t failure_rate_max = 1;
  Duration failure_rate_interval = std::chrono::minutes(1);
  Duration failure_rate_delay = std::chrono::seconds(1);

  /// The first retry is at once, the second after this.
  Duration initial_backoff = std::chrono::milliseconds(50);
  Duration max_backoff = std::chrono::minutes(1);
  double multiplier = 2.0;
  /// A delay d becomes one in [d·(1−jitter), d·(1+jitter)].
  double jitter = 0.25;
  /// After so long without a failure the next one counts as the first.
  Duration reset_after = std::chrono::hours(1);
  /// Failures survived without a completed checkpoint between them.
  std::uint32_t attempts_before_reset = 10;

  bool operator==(const RestartOptions&) const = default;
};

struct JobOptions {
  CheckpointOptions checkpoints;
  RestartOptions restart;
  /// Runs with the slots there are and takes up what comes later; else it waits for all it asked for.
  bool adaptive = true;

  bool operator==(const JobOptions&) const = default;
};

/// A key of a submission's configuration, as `leat help config` shows it.
namespace job_keys {
inline constexpr std::string_view kCheckpointInterval = "execution.checkpointing.interval";
inline constexpr std::string_view kCheckpointMode = "execution.checkpointing.mode";
inline constexpr std::string_view kCheckpointTimeout = "execution.checkpointing.timeout";
inline constexpr std::string_view kCheckpointMinPause = "execution.checkpointing.min-pause";
inline constexpr std::string_view kTolerableFailures =
    "execution.checkpointing.tolerable-failed-checkpoints";
inline constexpr std::string_view kNumRetained = "execution.checkpointing.num-retained";
inline constexpr std::string_view kAlignedTimeout =
    "execution.checkpointing.aligned-checkpoint-timeout";
inline constexpr std::string_view kChunkWindow = "execution.checkpointing.chunk-window";
inline constexpr std::string_view kRestartStrategy = "restart-strategy.type";
inline constexpr std::string_view kFixedDelayAttempts = "restart-strategy.fixed-delay.attempts";
inline constexpr std::string_view kFixedDelay = "restart-strategy.fixed-delay.delay";
inline constexpr std::string_view kFailureRateMax =
    "restart-strategy.failure-rate.max-failures-per-interval";
inline constexpr std::string_view kFailureRateInterval =
    "restart-strategy.failure-rate.failure-rate-interval";
inline constexpr std::string_view kFailureRateDelay = "restart-strategy.failure-rate.delay";
inline constexpr std::string_view kInitialBackoff =
    "restart-strategy.exponential-delay.initial-backoff";
inline constexpr std::string_view kMaxBackoff = "restart-strategy.exponential-delay.max-backoff";
inline constexpr std::string_view kMultiplier =
    "restart-strategy.exponential-delay.backoff-multiplier";
inline constexpr std::string_view kJitter = "restart-strategy.exponential-delay.jitter-factor";
inline constexpr std::string_view kResetAfter =
    "restart-strategy.exponential-delay.reset-backoff-threshold";
inline constexpr std::string_view kAttemptsBeforeReset =
    "restart-strategy.exponential-delay.attempts-before-reset-backoff";
inline constexpr std::string_view kScheduler = "scheduler";
}  // namespace job_keys

/// Every key that set_job_option() knows.
[[nodiscard]] std::vector<std::string_view> job_option_keys();

/// Sets what `key` stands for. Fails in words, without naming the key, for a value that cannot be; a
/// key that is no job option changes nothing.
Result<void> set_job_option(JobOptions& options, std::string_view key, std::string_view value);

/// The cluster's defaults with what a submission says. Errors name the key.
Result<JobOptions> job_options(const JobOptions& defaults,
                               const google::protobuf::Map<std::string, std::string>& submitted);

}  // namespace leat::runtime
