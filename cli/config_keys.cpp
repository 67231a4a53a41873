#include "cli/config_keys.hpp"

#include <algorithm>
#include <chrono>
#include <string>
#include <utility>

#include "runtime/base/config_value.hpp"

namespace leat::cli {

namespace {

namespace job_keys = runtime::job_keys;

constexpr std::uint64_t kDay = 86'400'000;  // in ms
constexpr std::uint64_t kMostSubtasks = 32'768;
constexpr std::uint64_t kLargestPort = 65'535;

constexpr unsigned kEngine = kReadByLocal | kReadByJobManager;
constexpr unsigned kJob = kEngine | kReadByRun | kInSubmission;
constexpr unsigned kBuild = kReadByLocal | kReadByRun | kReadByInfo | kInSubmission;
constexpr unsigned kCluster = kReadByJobManager | kReadByTaskManager | kReadByRun | kReadByList;
constexpr unsigned kAll = kCluster | kReadByLocal | kReadByInfo;

constexpr ConfigKey kKeys[] = {
    {keys::kParallelism, ValueType::kInteger, "1", "", 1, kMostSubtasks, "",
     kEngine | kReadByRun | kReadByInfo,
     "Subtasks of a job without -p. Where both sides set it, the submitting one counts."},
    {keys::kMaxParallelism, ValueType::kInteger, "128", "", 1, kMostSubtasks, "", kBuild,
     "Number of key groups of a job, fixed for its life: the most subtasks it can ever have."},
    {keys::kRuntimeMode, ValueType::kChoice, "streaming", "", 0, 0, "streaming|batch", kBuild,
     "streaming: each update is emitted; batch: aggregates emit at the end of the input."},
    {keys::kBatchCombine, ValueType::kChoice, "true", "", 0, 0, "true|false", kBuild,
     "Batch aggregates combine the records of one key before the shuffle."},
    {keys::kJobManagerAddress, ValueType::kText, "127.0.0.1", "", 0, 0, "",
     kReadByTaskManager | kReadByRun | kReadByList,
     "Where TaskManagers and clients find the JobManager."},
    {keys::kJobManagerPort, ValueType::kInteger, "6123", "", 0, kLargestPort, "", kCluster,
     "Port of the JobManager; 0 lets the system choose one, which the log tells."},
    {keys::kJobManagerBindHost, ValueType::kText, "127.0.0.1", "", 0, 0, "", kReadByJobManager,
     "Address on which the JobManager listens. Other than loopback needs TLS or --insecure."},
    {keys::kJobManagerDataDir, ValueType::kText, "", "none: required", 0, 0, "", kReadByJobManager,
     "Directory in which the JobManager keeps jobs and their objects."},
    {keys::kResourceWait, ValueType::kDuration, "3 s", "3 s; 0 s in leat local", 0, kDay, "",
     kEngine, "How long a job waits for all its slots before it runs with those that are free."},
    {keys::kRescaleStabilization, ValueType::kDuration, "1 s", "", 0, kDay, "", kEngine,
     "A job that runs with fewer subtasks takes up slots that have been free for so long."},
    {keys::kRescalePause, ValueType::kDuration, "10 s", "", 0, kDay, "", kEngine,
     "Least time between two times that a job takes up slots by itself."},
    {keys::kEndedJobsKept, ValueType::kInteger, "100", "", 1, 1'000'000, "", kReadByJobManager,
     "Ended jobs that leat list -a still shows."},
    {keys::kSlots, ValueType::kInteger, "1", "1; the number of cores in leat local", 1, 1024, "",
     kReadByLocal | kReadByTaskManager,
     "Slots of a TaskManager: pipelines that it runs at the same time."},
    {keys::kTaskManagerHost, ValueType::kText, "", "the one it listens on, or its host name's", 0,
     0, "", kReadByTaskManager, "Address that other TaskManagers dial to reach this one."},
    {keys::kTaskManagerBindHost, ValueType::kText, "127.0.0.1", "", 0, 0, "", kReadByTaskManager,
     "Address on which a TaskManager listens. Other than loopback needs TLS or --insecure."},
    {keys::kTaskManagerPort, ValueType::kInteger, "0", "", 0, kLargestPort, "", kReadByTaskManager,
     "Port of a TaskManager; 0 lets the system choose one."},
    {keys::kTaskManagerWorkDir, ValueType::kText, "", "a temporary directory", 0, 0, "",
     kReadByTaskManager,
     "Directory, of one TaskManager alone, for fetched job objects and copies of snapshots."},
    {keys::kLocalState, ValueType::kBytes, "1 gb", "", 0, 1ULL << 50U, "", kReadByTaskManager,
     "Copies of its last snapshots that a TaskManager keeps, to restore from; 0: none."},
    {keys::kLeaveTimeout, ValueType::kDuration, "20 s", "", 0, kDay, "", kReadByTaskManager,
     "How long a TaskManager that is told to end waits for its jobs to move; 0: it ends at once."},
    {keys::kHeartbeatInterval, ValueType::kDuration, "500 ms", "", 10, kDay, "",
     kEngine | kReadByTaskManager | kReadByRun | kReadByList,
     "How often TaskManagers report to the JobManager and connections say that they live."},
    {keys::kHeartbeatTimeout, ValueType::kDuration, "3 s", "", 20, kDay, "",
     kEngine | kReadByTaskManager | kReadByRun | kReadByList,
     "Silence after which a TaskManager or a connection counts as lost; above the interval."},
    {keys::kLease, ValueType::kDuration, "10 s", "", 20, kDay, "", kEngine,
     "A TaskManager without an answer for so long frees its slots; at least heartbeat.timeout."},
    {job_keys::kScheduler, ValueType::kChoice, "adaptive", "", 0, 0, "adaptive|fixed", kJob,
     "adaptive: a job runs with the slots there are and takes up more; fixed: it waits for all."},
    {job_keys::kCheckpointInterval, ValueType::kDuration, "0 s", "0 s: none", 0, kDay, "", kJob,
     "How often a checkpoint of a job is taken, from which it goes on after a failure."},
    {job_keys::kCheckpointMode, ValueType::kChoice, "EXACTLY_ONCE", "", 0, 0,
     "EXACTLY_ONCE|AT_LEAST_ONCE", kJob,
     "AT_LEAST_ONCE: no input waits for another's barrier, but records may count twice."},
    {job_keys::kCheckpointTimeout, ValueType::kDuration, "10 min", "", 10, kDay, "", kJob,
     "A checkpoint that is not complete by then has failed."},
    {job_keys::kCheckpointMinPause, ValueType::kDuration, "0 s", "", 0, kDay, "", kJob,
     "Least time between the end of a checkpoint and the beginning of the next."},
    {job_keys::kTolerableFailures, ValueType::kInteger, "", "no limit", 0, 1'000'000, "", kJob,
     "Checkpoints that may fail in a row; one more restarts the job from its newest one."},
    {job_keys::kNumRetained, ValueType::kInteger, "3", "", 1, 1000, "", kJob,
     "Complete checkpoints of a job that are kept."},
    {job_keys::kAlignedTimeout, ValueType::kDuration, "0 s", "0 s: never", 0, kDay, "", kJob,
     "Barriers overtake records, which are stored with the checkpoint, when aligning takes "
     "longer."},
    {job_keys::kChunkWindow, ValueType::kInteger, "16", "", 1, 1024, "", kJob,
     "Pieces of state, of 1 MiB at most, that a job may have under way to the store."},
    {job_keys::kRestartStrategy, ValueType::kChoice, "",
     "exponential-delay; without checkpoints only fixed-delay.attempts tries", 0, 0,
     "none|fixed-delay|failure-rate|exponential-delay", kJob,
     "When a job that failed is started again."},
    {job_keys::kFixedDelayAttempts, ValueType::kInteger, "3", "", 1, 1'000'000, "", kJob,
     "How often a job is tried before it is FAILED."},
    {job_keys::kFixedDelay, ValueType::kDuration, "1 s", "", 0, kDay, "", kJob,
     "Wait before each retry of strategy fixed-delay."},
    {job_keys::kFailureRateMax, ValueType::kInteger, "1", "", 0, 1'000'000, "", kJob,
     "Failures within the interval that strategy failure-rate survives."},
    {job_keys::kFailureRateInterval, ValueType::kDuration, "1 min", "", 1, kDay, "", kJob,
     "Time over which strategy failure-rate counts failures."},
    {job_keys::kFailureRateDelay, ValueType::kDuration, "1 s", "", 0, kDay, "", kJob,
     "Wait before each retry of strategy failure-rate."},
    {job_keys::kInitialBackoff, ValueType::kDuration, "50 ms", "", 0, kDay, "", kJob,
     "Wait before the second retry, the first being at once; grown each time, with jitter."},
    {job_keys::kMaxBackoff, ValueType::kDuration, "1 min", "", 0, kDay, "", kJob,
     "The longest wait before a retry."},
    {job_keys::kMultiplier, ValueType::kDecimal, "2", "", 100, 10'000, "", kJob,
     "What the wait is multiplied with after each failure."},
    {job_keys::kJitter, ValueType::kDecimal, "0.25", "", 0, 99, "", kJob,
     "Part of the wait by which it is made longer or shorter at random."},
    {job_keys::kResetAfter, ValueType::kDuration, "1 h", "", 1, kDay, "", kJob,
     "After so long without a failure the next one counts as the first."},
    {job_keys::kAttemptsBeforeReset, ValueType::kInteger, "10", "", 0, 1'000'000, "", kJob,
     "Failures survived without a checkpoint completed between them; one more, and it is FAILED."},
    {keys::kClientTimeout, ValueType::kDuration, "15 s", "", 1, kDay, "", kReadByRun | kReadByList,
     "How long a command goes on trying to reach the JobManager."},
    {keys::kClientHeartbeatTimeout, ValueType::kDuration, "1 min", "", 1000, kDay, "", kEngine,
     "A job that returns rows is cancelled when its client has not asked for them for so long."},
    {keys::kCollectBuffer, ValueType::kBytes, "8 mb", "", 64 << 10U, 1ULL << 34U, "", kEngine,
     "Rows that the JobManager holds for a client, per job."},
    {keys::kTlsCertificate, ValueType::kText, "", "none: connections are not encrypted", 0, 0, "",
     kCluster, "PEM file with this process's certificate; all three security.ssl keys, or none."},
    {keys::kTlsKey, ValueType::kText, "", "none", 0, 0, "", kCluster,
     "PEM file with the certificate's key, without a passphrase."},
    {keys::kTlsAuthority, ValueType::kText, "", "none", 0, 0, "", kCluster,
     "PEM file with the cluster's own authority: whoever it certifies is a full peer."},
    {keys::kHttpPort, ValueType::kInteger, "", "none: no HTTP", 0, kLargestPort, "",
     kReadByJobManager | kReadByTaskManager,
     "Port of /healthz, /readyz and /metrics; 0 lets the system choose one, which the log tells."},
    {keys::kHttpBindHost, ValueType::kText, "127.0.0.1", "", 0, 0, "",
     kReadByJobManager | kReadByTaskManager,
     "Address on which they are answered, in the clear; they only show, and change nothing."},
    {keys::kLogLevel, ValueType::kChoice, "info", "info in daemons, else warn", 0, 0,
     "debug|info|warn|error", kAll, "The least serious lines that are logged."},
    {keys::kLogFormat, ValueType::kChoice, "text", "", 0, 0, "text|json", kAll,
     "text: key=value lines; json: one object a line."},
};

Error out_of_range(std::string_view text, std::string_view bound, std::string_view unit) {
  return {ErrorKind::kUsage,
          "'" + std::string(text) + "' is out of range: " + std::string(bound) + std::string(unit)};
}

Result<void> check_range(const ConfigKey& key, std::string_view text, std::uint64_t value,
                         std::string_view unit) {
  if (value < key.minimum)
    return out_of_range(text, "it must be at least " + std::to_string(key.minimum), unit);
  if (value > key.maximum)
    return out_of_range(text, "it must be at most " + std::to_string(key.maximum), unit);
  return {};
}

/// "1.5" for 150.
std::string hundredths(std::uint64_t value) {
  std::string text = std::to_string(value / 100);
  if (value % 100 != 0)
    text += (value % 100 < 10 ? ".0" : ".") + std::to_string(value % 100);
  return text;
}

Result<void> check_decimal(const ConfigKey& key, std::string_view text) {
  const auto value = parse_decimal(text);
  if (!value)
    return value.error();
  if (*value * 100 < static_cast<double>(key.minimum))
    return out_of_range(text, "it must be at least ", hundredths(key.minimum));
  if (*value * 100 > static_cast<double>(key.maximum))
    return out_of_range(text, "it must be at most ", hundredths(key.maximum));
  return {};
}

Result<void> check_choice(const ConfigKey& key, std::string_view text) {
  std::string_view rest = key.choices;
  while (!rest.empty()) {
    const auto end = std::min(rest.find('|'), rest.size());
    if (rest.substr(0, end) == text)
      return {};
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return Error(ErrorKind::kUsage,
               "'" + std::string(text) + "' is none of " + std::string(key.choices));
}

}  // namespace

std::span<const ConfigKey> config_keys() {
  return kKeys;
}

const ConfigKey* find_config_key(std::string_view name) {
  const auto found = std::find_if(std::begin(kKeys), std::end(kKeys),
                                  [&](const ConfigKey& key) { return key.name == name; });
  return found == std::end(kKeys) ? nullptr : found;
}

std::vector<std::string_view> config_key_names() {
  std::vector<std::string_view> names;
  for (const ConfigKey& key : kKeys)
    names.push_back(key.name);
  return names;
}

std::string readers_text(const ConfigKey& key) {
  constexpr std::pair<Reader, std::string_view> kCommands[] = {{kReadByLocal, "local"},
                                                               {kReadByJobManager, "jobmanager"},
                                                               {kReadByTaskManager, "taskmanager"},
                                                               {kReadByRun, "run"},
                                                               {kReadByList, "list, cancel etc."},
                                                               {kReadByInfo, "info"}};
  std::string text;
  for (const auto& [reader, name] : kCommands) {
    if ((key.readers & reader) == 0)
      continue;
    text += text.empty() ? "" : ", ";
    text += name;
  }
  return text;
}

std::string values_text(const ConfigKey& key) {
  switch (key.type) {
    case ValueType::kInteger:
      return std::to_string(key.minimum) + " to " + std::to_string(key.maximum);
    case ValueType::kDecimal:
      return hundredths(key.minimum) + " to " + hundredths(key.maximum);
    case ValueType::kDuration:
      return "time";
    case ValueType::kBytes:
      return "size";
    case ValueType::kChoice:
      return std::string(key.choices);
    case ValueType::kText:
      break;
  }
  return "text";
}

std::string_view default_text(const ConfigKey& key) {
  return key.shown_default.empty() ? key.default_text : key.shown_default;
}

Result<void> check_config_value(const ConfigKey& key, std::string_view text) {
  switch (key.type) {
    case ValueType::kInteger: {
      const auto value = parse_integer(text);
      return value ? check_range(key, text, *value, "") : value.error();
    }
    case ValueType::kDecimal:
      return check_decimal(key, text);
    case ValueType::kDuration: {
      const auto value = parse_duration(text);
      if (!value)
        return value.error();
      const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(*value).count();
      return check_range(key, text, static_cast<std::uint64_t>(ms), " ms");
    }
    case ValueType::kBytes: {
      const auto value = parse_bytes(text);
      return value ? check_range(key, text, *value, " bytes") : value.error();
    }
    case ValueType::kChoice:
      return check_choice(key, text);
    case ValueType::kText:
      break;
  }
  if (text.empty())
    return Error(ErrorKind::kUsage, "the value is empty");
  return {};
}

}  // namespace leat::cli
