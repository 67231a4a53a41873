#include "cli/process_setup.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include "actors/log_sink.hpp"
#include "actors/tls_identity.hpp"
#include "cli/retry_notice.hpp"

namespace leat::cli {

namespace {

LogLevel log_level(const std::string& text) {
  if (text == "debug")
    return LogLevel::kDebug;
  if (text == "info")
    return LogLevel::kInfo;
  return text == "warn" ? LogLevel::kWarn : LogLevel::kError;
}

/// A timeout must leave room for at least one lost message.
Result<void> check_heartbeat(const Configuration& configuration) {
  if (configuration.duration(keys::kHeartbeatTimeout) >
      configuration.duration(keys::kHeartbeatInterval))
    return {};
  return Error(ErrorKind::kUsage, "heartbeat.timeout (" +
                                      configuration.text(keys::kHeartbeatTimeout) + ", " +
                                      configuration.origin(keys::kHeartbeatTimeout) +
                                      ") must be longer than heartbeat.interval (" +
                                      configuration.text(keys::kHeartbeatInterval) + ", " +
                                      configuration.origin(keys::kHeartbeatInterval) + ")");
}

Result<void> check_lease(const Configuration& configuration) {
  if (configuration.duration(keys::kLease) >= configuration.duration(keys::kHeartbeatTimeout))
    return {};
  return Error(ErrorKind::kUsage, "heartbeat.lease (" + configuration.text(keys::kLease) +
                                      ") must be at least heartbeat.timeout (" +
                                      configuration.text(keys::kHeartbeatTimeout) + ")");
}

/// Null without any of the three keys.
Result<std::shared_ptr<actors::TlsIdentity>> tls_identity(const Configuration& configuration) {
  constexpr std::string_view kKeys[] = {keys::kTlsCertificate, keys::kTlsKey, keys::kTlsAuthority};
  const auto set = [&](std::string_view key) { return configuration.is_set(key); };
  if (std::none_of(std::begin(kKeys), std::end(kKeys), set))
    return std::shared_ptr<actors::TlsIdentity>();
  const auto* missing = std::find_if_not(std::begin(kKeys), std::end(kKeys), set);
  if (missing != std::end(kKeys))
    return Error(ErrorKind::kUsage,
                 std::string(*missing) +
                     " is not set: security.ssl.certificate, security.ssl.key and "
                     "security.ssl.ca belong together; set all three, or none");
  return actors::TlsIdentity::load({configuration.text(keys::kTlsCertificate),
                                    configuration.text(keys::kTlsKey),
                                    configuration.text(keys::kTlsAuthority)});
}

}  // namespace

std::unique_ptr<LogSink> make_log(const Configuration& configuration, LogDefault fallback) {
  actors::LogOptions options;
  if (configuration.is_set(keys::kLogLevel))
    options.level = log_level(configuration.text(keys::kLogLevel));
  else
    options.level = fallback == LogDefault::kQuiet ? LogLevel::kWarn : LogLevel::kInfo;
  options.format = configuration.text(keys::kLogFormat) == "json" ? actors::LogFormat::kJson
                                                                  : actors::LogFormat::kText;
  return actors::make_stderr_log(options);
}

Result<runtime::JobManagerOptions> engine_options(const Configuration& configuration) {
  if (const auto checked = check_heartbeat(configuration); !checked)
    return checked.error();
  if (const auto checked = check_lease(configuration); !checked)
    return checked.error();
  runtime::JobManagerOptions options;
  options.default_parallelism =
      static_cast<std::uint32_t>(configuration.integer(keys::kParallelism));
  options.resource_wait = configuration.duration(keys::kResourceWait);
  options.rescale_stabilization = configuration.duration(keys::kRescaleStabilization);
  options.rescale_pause = configuration.duration(keys::kRescalePause);
  options.heartbeat_interval = configuration.duration(keys::kHeartbeatInterval);
  options.heartbeat_timeout = configuration.duration(keys::kHeartbeatTimeout);
  options.lease = configuration.duration(keys::kLease);
  for (const std::string_view key : runtime::job_option_keys()) {
    if (!configuration.is_set(key))
      continue;
    if (const auto set = runtime::set_job_option(options.job, key, configuration.text(key)); !set)
      return set.error().within(configuration.origin(key) + ": " + std::string(key));
  }
  options.collect_buffer_bytes = configuration.bytes(keys::kCollectBuffer);
  options.client_timeout = configuration.duration(keys::kClientHeartbeatTimeout);
  options.ended_jobs_kept = configuration.integer(keys::kEndedJobsKept);
  return options;
}

Result<actors::LinkOptions> link_options(const Configuration& configuration) {
  if (const auto checked = check_heartbeat(configuration); !checked)
    return checked.error();
  actors::LinkOptions options;
  options.keep_alive = configuration.duration(keys::kHeartbeatInterval);
  options.silence_limit = configuration.duration(keys::kHeartbeatTimeout);
  auto tls = tls_identity(configuration);
  if (!tls)
    return tls.error();
  options.tls = std::move(*tls);
  return options;
}

std::optional<actors::Endpoint> http_endpoint(const Configuration& configuration) {
  if (!configuration.is_set(keys::kHttpPort))
    return std::nullopt;
  return actors::Endpoint{configuration.text(keys::kHttpBindHost),
                          static_cast<std::uint16_t>(configuration.integer(keys::kHttpPort))};
}

actors::Endpoint job_manager_endpoint(const Configuration& configuration) {
  return {configuration.text(keys::kJobManagerAddress),
          static_cast<std::uint16_t>(configuration.integer(keys::kJobManagerPort))};
}

Result<std::unique_ptr<actors::JobClient>> make_client(const Configuration& configuration,
                                                       std::function<void(const std::string&)> say,
                                                       const Interruption& interruption) {
  const auto link = link_options(configuration);
  if (!link)
    return link.error();
  actors::JobClientOptions options;
  options.give_up_after = configuration.duration(keys::kClientTimeout);
  options.on_retry = RetryNotice(std::move(say));
  options.cancelled = [&interruption] { return interruption.pending(); };
  options.link = *link;
  return actors::JobClient::create(job_manager_endpoint(configuration), std::move(options));
}

}  // namespace leat::cli
