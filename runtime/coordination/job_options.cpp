#include "runtime/coordination/job_options.hpp"

#include <algorithm>
#include <iterator>
#include <limits>
#include <string>

#include "runtime/base/config_value.hpp"

namespace leat::runtime {

namespace {

/// Keeps sums of two of them within Duration.
constexpr Duration kLongest = std::chrono::hours(24 * 365);

Error refused(std::string_view text, const std::string& must) {
  return {ErrorKind::kUsage, "'" + std::string(text) + "' is out of range: it must be " + must};
}

Result<void> read_duration(std::string_view text, Duration& into) {
  const auto value = parse_duration(text);
  if (!value)
    return value.error();
  if (*value > kLongest)
    return refused(text, "at most a year");
  into = *value;
  return {};
}

/// Without any time whatever is waited for has failed before it has begun.
Result<void> read_timeout(std::string_view text, Duration& into) {
  if (auto read = read_duration(text, into); !read)
    return read;
  return into > Duration::zero() ? Result<void>() : refused(text, "more than 0");
}

Result<void> read_count(std::string_view text, std::uint32_t& into, std::uint32_t minimum) {
  const auto value = parse_integer(text);
  if (!value)
    return value.error();
  if (*value < minimum || *value > std::numeric_limits<std::uint32_t>::max())
    return refused(text, "at least " + std::to_string(minimum) + " and fit 32 bits");
  into = static_cast<std::uint32_t>(*value);
  return {};
}

Result<void> read_decimal(std::string_view text, double& into, double minimum, double maximum) {
  const auto value = parse_decimal(text);
  if (!value)
    return value.error();
  if (*value < minimum || *value > maximum)
    return refused(text, "from " + std::to_string(minimum) + " to " + std::to_string(maximum));
  into = *value;
  return {};
}

template <class T>
struct Choice {
  std::string_view name;
  T value;
};

template <class T, std::size_t N, class Into>
Result<void> read_choice(std::string_view text, const Choice<T> (&choices)[N], Into& into) {
  for (const Choice<T>& choice : choices) {
    if (choice.name == text) {
      into = choice.value;
      return {};
    }
  }
  std::string names;
  for (const Choice<T>& choice : choices)
    names += (names.empty() ? "" : "|") + std::string(choice.name);
  return Error(ErrorKind::kUsage, "'" + std::string(text) + "' is none of " + names);
}

constexpr Choice<CheckpointMode> kModes[] = {{"EXACTLY_ONCE", CheckpointMode::kExactlyOnce},
                                             {"AT_LEAST_ONCE", CheckpointMode::kAtLeastOnce}};
constexpr Choice<RestartStrategy> kStrategies[] = {
    {"none", RestartStrategy::kNone},
    {"fixed-delay", RestartStrategy::kFixedDelay},
    {"failure-rate", RestartStrategy::kFailureRate},
    {"exponential-delay", RestartStrategy::kExponentialDelay}};
constexpr Choice<bool> kSchedulers[] = {{"adaptive", true}, {"fixed", false}};

struct Setter {
  std::string_view key;
  Result<void> (*set)(JobOptions&, std::string_view);
};

constexpr double kLargestMultiplier = 100;
constexpr double kLargestJitter = 0.99;

constexpr Setter kSetters[] = {
    {job_keys::kCheckpointInterval,
     [](JobOptions& o, std::string_view v) { return read_duration(v, o.checkpoints.interval); }},
    {job_keys::kCheckpointMode,
     [](JobOptions& o, std::string_view v) { return read_choice(v, kModes, o.checkpoints.mode); }},
    {job_keys::kCheckpointTimeout,
     [](JobOptions& o, std::string_view v) { return read_timeout(v, o.checkpoints.timeout); }},
    {job_keys::kCheckpointMinPause,
     [](JobOptions& o, std::string_view v) { return read_duration(v, o.checkpoints.min_pause); }},
    {job_keys::kTolerableFailures,
     [](JobOptions& o, std::string_view v) {
       return read_count(v, o.checkpoints.tolerable_failures.emplace(), 0);
     }},
    {job_keys::kNumRetained,
     [](JobOptions& o, std::string_view v) {
       return read_count(v, o.checkpoints.num_retained, 1);
     }},
    {job_keys::kAlignedTimeout,
     [](JobOptions& o, std::string_view v) {
       return read_duration(v, o.checkpoints.aligned_timeout);
     }},
    {job_keys::kChunkWindow,
     [](JobOptions& o, std::string_view v) {
       return read_count(v, o.checkpoints.chunk_window, 1);
     }},
    {job_keys::kRestartStrategy,
     [](JobOptions& o, std::string_view v) {
       return read_choice(v, kStrategies, o.restart.strategy);
     }},
    {job_keys::kFixedDelayAttempts,
     [](JobOptions& o, std::string_view v) {
       return read_count(v, o.restart.fixed_delay_attempts, 1);
     }},
    {job_keys::kFixedDelay,
     [](JobOptions& o, std::string_view v) { return read_duration(v, o.restart.fixed_delay); }},
    {job_keys::kFailureRateMax,
     [](JobOptions& o, std::string_view v) {
       return read_count(v, o.restart.failure_rate_max, 0);
     }},
    {job_keys::kFailureRateInterval,
     [](JobOptions& o, std::string_view v) {
       return read_duration(v, o.restart.failure_rate_interval);
     }},
    {job_keys::kFailureRateDelay,
     [](JobOptions& o, std::string_view v) {
       return read_duration(v, o.restart.failure_rate_delay);
     }},
    {job_keys::kInitialBackoff,
     [](JobOptions& o, std::string_view v) { return read_duration(v, o.restart.initial_backoff); }},
    {job_keys::kMaxBackoff,
     [](JobOptions& o, std::string_view v) { return read_duration(v, o.restart.max_backoff); }},
    {job_keys::kMultiplier,
     [](JobOptions& o, std::string_view v) {
       return read_decimal(v, o.restart.multiplier, 1, kLargestMultiplier);
     }},
    {job_keys::kJitter,
     [](JobOptions& o, std::string_view v) {
       return read_decimal(v, o.restart.jitter, 0, kLargestJitter);
     }},
    {job_keys::kResetAfter,
     [](JobOptions& o, std::string_view v) { return read_duration(v, o.restart.reset_after); }},
    {job_keys::kAttemptsBeforeReset,
     [](JobOptions& o, std::string_view v) {
       return read_count(v, o.restart.attempts_before_reset, 0);
     }},
    {job_keys::kScheduler,
     [](JobOptions& o, std::string_view v) { return read_choice(v, kSchedulers, o.adaptive); }},
};

}  // namespace

std::vector<std::string_view> job_option_keys() {
  std::vector<std::string_view> keys;
  for (const Setter& setter : kSetters)
    keys.push_back(setter.key);
  return keys;
}

Result<void> set_job_option(JobOptions& options, std::string_view key, std::string_view value) {
  const auto* const found = std::find_if(std::begin(kSetters), std::end(kSetters),
                                         [&](const Setter& setter) { return setter.key == key; });
  return found == std::end(kSetters) ? Result<void>() : found->set(options, value);
}

Result<JobOptions> job_options(const JobOptions& defaults,
                               const google::protobuf::Map<std::string, std::string>& submitted) {
  JobOptions options = defaults;
  for (const auto& [key, value] : submitted)
    if (const auto set = set_job_option(options, key, value); !set)
      return set.error().within(key);
  return options;
}

}  // namespace leat::runtime
