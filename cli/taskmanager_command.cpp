// leat taskmanager: a TaskManager as a process.

#include "actors/task_manager_process.hpp"
#include "cli/command_functions.hpp"
#include "cli/exit_code.hpp"
#include "cli/options.hpp"
#include "cli/process_setup.hpp"
#include "cli/signal_watcher.hpp"

namespace leat::cli {

Result<int> run_task_manager(const Invocation& invocation) {
  const Configuration& configuration = invocation.configuration;
  const auto link = link_options(configuration);
  if (!link)
    return link.error();
  actors::TaskManagerProcessOptions options;
  options.job_manager = job_manager_endpoint(configuration);
  options.listen = {configuration.text(keys::kTaskManagerBindHost),
                    static_cast<std::uint16_t>(configuration.integer(keys::kTaskManagerPort))};
  options.advertise = configuration.text(keys::kTaskManagerHost);
  options.insecure = invocation.options.has(options::kInsecure);
  options.slots = static_cast<std::uint32_t>(configuration.integer(keys::kSlots));
  options.work_dir = configuration.text(keys::kTaskManagerWorkDir);
  options.local_state_bytes = configuration.bytes(keys::kLocalState);
  options.leave_timeout = configuration.duration(keys::kLeaveTimeout);
  options.link = *link;
  options.http = http_endpoint(configuration);
  actors::StopSignal stop;
  const SignalWatcher signals(stop);
  const auto log = make_log(configuration, LogDefault::kInformative);
  if (auto ended = actors::run_task_manager(options, *log, stop); !ended)
    return ended.error();
  log->write({LogLevel::kInfo, "taskmanager", "stopped", {{"reason", "it was told to"}}});
  return kExitFinished;
}

}  // namespace leat::cli
