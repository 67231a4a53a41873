#pragma once

// JobManager, TaskManager and slots in this process, without any network: `leat local`. Owned by one
// thread. Its metadata lives in a temporary directory that is removed at the end.

#include <cstdint>
#include <memory>
#include <string>

#include "actors/job_client.hpp"
#include "actors/stop_signal.hpp"
#include "runtime/base/log_event.hpp"
#include "runtime/base/result.hpp"
#include "runtime/coordination/job_manager_options.hpp"

namespace leat::actors {

struct LocalClusterOptions {
  std::uint32_t slots = 1;
  runtime::JobManagerOptions engine;
};

class LocalCluster {
 public:
  /// `log` and `stop` outlive the cluster; `stop` is told when a supervisor gives up.
  static Result<std::unique_ptr<LocalCluster>> start(const LocalClusterOptions& options,
                                                     LogSink& log, StopSignal& stop);
  /// Ends everything in order: running attempts are aborted, their in-progress output is removed.
  virtual ~LocalCluster() = default;

  /// To be used from one thread, and not beyond the cluster's life.
  virtual JobClient& client() = 0;
};

}  // namespace leat::actors
