#pragma once

// A TaskManager as a process of its own. Blocks the calling thread until it is told to stop.

#include <cstdint>
#include <optional>
#include <string>

#include "actors/network_options.hpp"
#include "actors/stop_signal.hpp"
#include "runtime/base/log_event.hpp"
#include "runtime/base/result.hpp"

namespace leat::actors {

struct TaskManagerProcessOptions {
  Endpoint job_manager{"127.0.0.1", kDefaultJobManagerPort};
  /// Where other TaskManagers reach this one; port 0 takes any free one.
  Endpoint listen{"127.0.0.1", 0};
  /// The host that others dial. Empty: listen.host, or this machine's own address if that is any.
  std::string advertise;
  /// Accept listening on other addresses than loopback although nothing is encrypted.
  bool insecure = false;
  std::uint32_t slots = 1;
  /// Job objects and copies of snapshots are kept here, of this TaskManager alone; empty: a temporary
  /// directory, removed at the end.
  std::string work_dir;
  /// Of copies of snapshots; 0: none.
  std::uint64_t local_state_bytes = std::uint64_t{1} << 30U;
  /// How long it waits, once told to stop, for its jobs to go on elsewhere; 0: it ends at once.
  Duration leave_timeout = Duration::zero();
  /// Where probes and metrics are answered; none: nowhere. Logged as `event=http_listening address=HOST:PORT`.
  std::optional<Endpoint> http;
  LinkOptions link;
};

/// Success after an orderly stop, whether or not its jobs had moved by then; otherwise what prevented the start or ended the TaskManager. No
/// JobManager at the address is no error: it is dialled until it is there.
Result<void> run_task_manager(const TaskManagerProcessOptions& options, LogSink& log,
                              StopSignal& stop);

}  // namespace leat::actors
