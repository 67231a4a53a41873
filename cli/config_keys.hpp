#pragma once

// The table of configuration keys: the only place where a key, its default and its description
// stand. `leat help config` prints it and docs/configuration.md is compared with it.

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/base/result.hpp"
#include "runtime/coordination/job_options.hpp"

namespace leat::cli {

enum class ValueType { kInteger, kDecimal, kDuration, kBytes, kText, kChoice };

/// Which commands read a key. A key given with -D to a command that does not read it is an error.
enum Reader : unsigned {
  kReadByLocal = 1,
  kReadByJobManager = 2,
  kReadByTaskManager = 4,
  kReadByRun = 8,
  kReadByList = 16,  ///< list, cancel and what else asks a JobManager about a job
  kReadByInfo = 32,
  kInSubmission = 64,  ///< travels with a job to all that work on it
};

struct ConfigKey {
  std::string_view name;
  ValueType type;
  std::string_view default_text;   ///< parsed like any value; empty: no default
  std::string_view shown_default;  ///< for people, where it says more than default_text
  std::uint64_t
      minimum;  ///< of integers; of decimals in hundredths; durations in ms; sizes in bytes
  std::uint64_t maximum;
  std::string_view choices;  ///< of kChoice: "streaming|batch"
  unsigned readers;          ///< of Reader
  std::string_view description;
};

[[nodiscard]] std::span<const ConfigKey> config_keys();
/// Null if there is none.
[[nodiscard]] const ConfigKey* find_config_key(std::string_view name);
[[nodiscard]] std::vector<std::string_view> config_key_names();
/// The commands that read it: "local, jobmanager".
[[nodiscard]] std::string readers_text(const ConfigKey& key);

/// Its values for people: "1 to 128", "time", "streaming|batch".
[[nodiscard]] std::string values_text(const ConfigKey& key);
/// Its default for people.
[[nodiscard]] std::string_view default_text(const ConfigKey& key);

/// Fails in words unless `text` is a value for this key: type, unit, range, choice.
Result<void> check_config_value(const ConfigKey& key, std::string_view text);

namespace keys {
inline constexpr std::string_view kParallelism = "parallelism.default";
inline constexpr std::string_view kMaxParallelism = "pipeline.max-parallelism";
inline constexpr std::string_view kRuntimeMode = "execution.runtime-mode";
inline constexpr std::string_view kBatchCombine = "execution.batch.combine";
inline constexpr std::string_view kJobManagerAddress = "jobmanager.rpc.address";
inline constexpr std::string_view kJobManagerPort = "jobmanager.rpc.port";
inline constexpr std::string_view kJobManagerBindHost = "jobmanager.bind-host";
inline constexpr std::string_view kJobManagerDataDir = "jobmanager.data-dir";
inline constexpr std::string_view kResourceWait =
    "jobmanager.adaptive-scheduler.resource-wait-timeout";
inline constexpr std::string_view kRescaleStabilization =
    "jobmanager.adaptive-scheduler.resource-stabilization-timeout";
inline constexpr std::string_view kRescalePause =
    "jobmanager.adaptive-scheduler.scaling-interval.min";
inline constexpr std::string_view kEndedJobsKept = "jobstore.max-capacity";
inline constexpr std::string_view kSlots = "taskmanager.numberOfTaskSlots";
inline constexpr std::string_view kTaskManagerHost = "taskmanager.host";
inline constexpr std::string_view kTaskManagerBindHost = "taskmanager.bind-host";
inline constexpr std::string_view kTaskManagerPort = "taskmanager.rpc.port";
inline constexpr std::string_view kHeartbeatInterval = "heartbeat.interval";
inline constexpr std::string_view kHeartbeatTimeout = "heartbeat.timeout";
inline constexpr std::string_view kLease = "heartbeat.lease";
inline constexpr std::string_view kTaskManagerWorkDir = "taskmanager.work-dir";
inline constexpr std::string_view kLeaveTimeout = "taskmanager.leave-timeout";
inline constexpr std::string_view kLocalState = "taskmanager.state.local.max-size";
inline constexpr std::string_view kClientTimeout = "client.timeout";
inline constexpr std::string_view kClientHeartbeatTimeout = "client.heartbeat.timeout";
inline constexpr std::string_view kCollectBuffer = "collect.buffer-size";
inline constexpr std::string_view kTlsCertificate = "security.ssl.certificate";
inline constexpr std::string_view kTlsKey = "security.ssl.key";
inline constexpr std::string_view kTlsAuthority = "security.ssl.ca";
inline constexpr std::string_view kHttpPort = "http.port";
inline constexpr std::string_view kHttpBindHost = "http.bind-host";
inline constexpr std::string_view kLogLevel = "log.level";
inline constexpr std::string_view kLogFormat = "log.format";
}  // namespace keys

}  // namespace leat::cli
