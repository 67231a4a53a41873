#pragma once

// A JobManager as a process of its own. Blocks the calling thread until it is told to stop.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "actors/network_options.hpp"
#include "actors/stop_signal.hpp"
#include "runtime/base/log_event.hpp"
#include "runtime/base/result.hpp"
#include "runtime/coordination/job_manager_options.hpp"

namespace leat::actors {

struct JobManagerProcessOptions {
  /// Where to listen; port 0 takes any free one. Logged as `event=listening address=HOST:PORT`.
  Endpoint listen{"127.0.0.1", kDefaultJobManagerPort};
  /// Accept listening on other addresses than loopback although nothing is encrypted.
  bool insecure = false;
  /// Null: connections are neither encrypted nor authenticated.
  std::shared_ptr<TlsIdentity> tls;
  /// Holds the metadata store and the job objects; created if missing. One JobManager at a time.
  std::string data_dir;
  /// Where probes and metrics are answered; none: nowhere. Logged as `event=http_listening address=HOST:PORT`.
  std::optional<Endpoint> http;
  runtime::JobManagerOptions engine;
};

/// Success after an orderly stop; otherwise what prevented the start (port in use, directory not
/// writable or held by another JobManager) or ended the JobManager.
Result<void> run_job_manager(const JobManagerProcessOptions& options, LogSink& log,
                             StopSignal& stop);

}  // namespace leat::actors
