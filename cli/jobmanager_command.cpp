// leat jobmanager: the JobManager as a process.

#include <utility>

#include "actors/job_manager_process.hpp"
#include "cli/command_functions.hpp"
#include "cli/exit_code.hpp"
#include "cli/options.hpp"
#include "cli/process_setup.hpp"
#include "cli/signal_watcher.hpp"

namespace leat::cli {

Result<int> run_job_manager(const Invocation& invocation) {
  const Configuration& configuration = invocation.configuration;
  auto engine = engine_options(configuration);
  if (!engine)
    return engine.error();
  auto link = link_options(configuration);
  if (!link)
    return link.error();
  actors::JobManagerProcessOptions options;
  options.tls = std::move(link->tls);
  options.engine = *engine;
  options.listen = {configuration.text(keys::kJobManagerBindHost),
                    static_cast<std::uint16_t>(configuration.integer(keys::kJobManagerPort))};
  options.insecure = invocation.options.has(options::kInsecure);
  options.data_dir = configuration.text(keys::kJobManagerDataDir);
  if (options.data_dir.empty())
    return Error(ErrorKind::kUsage,
                 "the JobManager needs a directory for its jobs: --data-dir DIR, or "
                 "jobmanager.data-dir in leat.conf");
  options.http = http_endpoint(configuration);
  actors::StopSignal stop;
  const SignalWatcher signals(stop);
  const auto log = make_log(configuration, LogDefault::kInformative);
  if (auto ended = actors::run_job_manager(options, *log, stop); !ended)
    return ended.error();
  log->write({LogLevel::kInfo, "jobmanager", "stopped", {{"reason", "it was told to"}}});
  return kExitFinished;
}

}  // namespace leat::cli
