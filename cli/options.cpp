#include "cli/options.hpp"

#include "cli/config_keys.hpp"

namespace leat::cli {

namespace {

// Shared by all commands.
constexpr OptionSpec kDefine{options::kDefine,
                             'D',
                             "KEY=VALUE",
                             "set a configuration key ('leat help config'); repeatable",
                             {},
                             true};
constexpr OptionSpec kConfig{options::kConfig, '\0', "FILE",
                             "read FILE instead of $LEAT_CONF_DIR/leat.conf or "
                             "/etc/leat/leat.conf"};
constexpr OptionSpec kLogLevel{"log-level", '\0', "LEVEL",
                               "log lines from this level on: debug, info, warn or error",
                               keys::kLogLevel};
constexpr OptionSpec kLogFormat{"log-format", '\0', "FORMAT",
                                "text (key=value) or json, one line per event", keys::kLogFormat};
constexpr OptionSpec kHelp{options::kHelp, 'h', "", "show this text"};

// Of commands that build a job.
constexpr OptionSpec kParallelism{"parallelism", 'p', "N", "subtasks of the job",
                                  keys::kParallelism};
constexpr OptionSpec kMaxParallelism{"max-parallelism", '\0', "N",
                                     "key groups of the job, and the most subtasks it can have",
                                     keys::kMaxParallelism};
constexpr OptionSpec kMode{"mode", '\0', "MODE",
                           "streaming (emit each update) or batch (emit at the end of the input)",
                           keys::kRuntimeMode};
constexpr OptionSpec kName{options::kName, '\0', "NAME",
                           "name of the job in lists (default: the object's file name)"};
constexpr OptionSpec kFromSavepoint{options::kFromSavepoint, 's', "DIR",
                                    "start from this savepoint, at any parallelism"};
constexpr OptionSpec kAllowNonRestored{
    options::kAllowNonRestored, 'n', "",
    "with -s: drop state of operators that the job does not have any more"};

// Of processes and their clients.
constexpr OptionSpec kJobManager{options::kJobManager, 'm', "HOST:PORT",
                                 "where the JobManager listens (default 127.0.0.1:6123)"};
constexpr OptionSpec kInsecure{options::kInsecure, '\0', "",
                               "allow listening on other addresses than loopback, unencrypted: "
                               "whoever reaches the port can run code"};
constexpr OptionSpec kSlots{"slots", '\0', "N", "pipelines that run at the same time",
                            keys::kSlots};

constexpr OptionSpec kLocalOptions[] = {kSlots,  kParallelism,   kMaxParallelism,   kMode,
                                        kName,   kFromSavepoint, kAllowNonRestored, kDefine,
                                        kConfig, kLogLevel,      kLogFormat,        kHelp};
constexpr OptionSpec kJobManagerOptions[] = {
    {"host", '\0', "HOST", "address to listen on (default 127.0.0.1)", keys::kJobManagerBindHost},
    {"port", '\0', "PORT", "port to listen on (default 6123); 0: any free one",
     keys::kJobManagerPort},
    {"data-dir", '\0', "DIR", "where jobs and their objects are kept; created if missing",
     keys::kJobManagerDataDir},
    kInsecure,
    kDefine,
    kConfig,
    kLogLevel,
    kLogFormat,
    kHelp};
constexpr OptionSpec kTaskManagerOptions[] = {
    kJobManager,
    kSlots,
    {"host", '\0', "HOST", "address to listen on (default 127.0.0.1)", keys::kTaskManagerBindHost},
    {"port", '\0', "PORT", "port to listen on (default 0: any free one)", keys::kTaskManagerPort},
    {"advertise", '\0', "HOST", "address that other TaskManagers dial, if not --host",
     keys::kTaskManagerHost},
    {"work-dir", '\0', "DIR", "where fetched job objects are kept (default: a temporary one)",
     keys::kTaskManagerWorkDir},
    kInsecure,
    kDefine,
    kConfig,
    kLogLevel,
    kLogFormat,
    kHelp};
constexpr OptionSpec kRunOptions[] = {
    kJobManager,
    kParallelism,
    kMaxParallelism,
    kMode,
    kName,
    kFromSavepoint,
    kAllowNonRestored,
    {options::kDetached, 'd', "", "print the job's id and return at once"},
    kDefine,
    kConfig,
    kLogLevel,
    kLogFormat,
    kHelp};
constexpr OptionSpec kListOptions[] = {kJobManager, {options::kAll, 'a', "", "show ended jobs too"},
                                       kDefine,     kConfig,
                                       kLogLevel,   kLogFormat,
                                       kHelp};
constexpr OptionSpec kCancelOptions[] = {kJobManager, kDefine,    kConfig,
                                         kLogLevel,   kLogFormat, kHelp};
constexpr OptionSpec kInfoOptions[] = {
    kParallelism, kMaxParallelism, kMode,     {options::kJson, '\0', "", "print JSON"},
    kDefine,      kConfig,         kLogLevel, kLogFormat,
    kHelp};

constexpr OptionSpec kCheckpointsOptions[] = {
    kJobManager, {options::kJson, '\0', "", "print JSON"}, kDefine, kConfig, kLogLevel, kLogFormat,
    kHelp};
constexpr OptionSpec kSavepointOptions[] = {kJobManager, kDefine,    kConfig,
                                            kLogLevel,   kLogFormat, kHelp};
constexpr OptionSpec kStopOptions[] = {
    kJobManager,
    {options::kSavepoint, '\0', "DIR", "where the savepoint's directory is made; required"},
    {options::kDrain, '\0', "",
     "end the sources first, so that windows and aggregates emit all: the job is not to go on"},
    kDefine,
    kConfig,
    kLogLevel,
    kLogFormat,
    kHelp};
constexpr OptionSpec kRescaleOptions[] = {
    kJobManager, {options::kParallelism, 'p', "N", "subtasks that the job is to have; required"},
    kDefine,     kConfig,
    kLogLevel,   kLogFormat,
    kHelp};

}  // namespace

std::span<const OptionSpec> local_options() {
  return kLocalOptions;
}
std::span<const OptionSpec> job_manager_options() {
  return kJobManagerOptions;
}
std::span<const OptionSpec> task_manager_options() {
  return kTaskManagerOptions;
}
std::span<const OptionSpec> run_options() {
  return kRunOptions;
}
std::span<const OptionSpec> list_options() {
  return kListOptions;
}
std::span<const OptionSpec> cancel_options() {
  return kCancelOptions;
}
std::span<const OptionSpec> info_options() {
  return kInfoOptions;
}
std::span<const OptionSpec> checkpoints_options() {
  return kCheckpointsOptions;
}
std::span<const OptionSpec> savepoint_options() {
  return kSavepointOptions;
}
std::span<const OptionSpec> stop_options() {
  return kStopOptions;
}
std::span<const OptionSpec> rescale_options() {
  return kRescaleOptions;
}

}  // namespace leat::cli
