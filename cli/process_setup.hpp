#pragma once

// From the configuration to what the processes of the cluster take.

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "actors/job_client.hpp"
#include "actors/network_options.hpp"
#include "cli/command.hpp"
#include "cli/interruption.hpp"
#include "runtime/base/log_event.hpp"
#include "runtime/coordination/job_manager_options.hpp"

namespace leat::cli {

enum class LogDefault { kInformative, kQuiet };

/// The log of this process: `log.level` and `log.format`, or the given default.
[[nodiscard]] std::unique_ptr<LogSink> make_log(const Configuration& configuration,
                                                LogDefault fallback);

/// Fails in words where two keys contradict each other.
Result<runtime::JobManagerOptions> engine_options(const Configuration& configuration);
/// With TLS if the configuration names its files.
Result<actors::LinkOptions> link_options(const Configuration& configuration);

/// None unless the configuration names its port.
[[nodiscard]] std::optional<actors::Endpoint> http_endpoint(const Configuration& configuration);

[[nodiscard]] actors::Endpoint job_manager_endpoint(const Configuration& configuration);

/// A client of the configured JobManager. `say` gets a sentence when a try fails; a pending
/// interruption ends the tries, and outlives the client.
Result<std::unique_ptr<actors::JobClient>> make_client(const Configuration& configuration,
                                                       std::function<void(const std::string&)> say,
                                                       const Interruption& interruption);

}  // namespace leat::cli
