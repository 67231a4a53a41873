// leat local: cluster, client and job in one process.

#include <algorithm>
#include <thread>
#include <utility>

#include "actors/local_cluster.hpp"
#include "cli/attached_run.hpp"
#include "cli/command_functions.hpp"
#include "cli/local_log.hpp"
#include "cli/process_setup.hpp"
#include "cli/signal_watcher.hpp"

namespace leat::cli {

namespace {

Result<actors::LocalClusterOptions> cluster_options(const Configuration& configuration) {
  auto engine = engine_options(configuration);
  if (!engine)
    return engine.error();
  actors::LocalClusterOptions options;
  options.engine = *engine;
  // All slots there will ever be come at once: waiting for more would be waiting for nothing.
  if (!configuration.is_set(keys::kResourceWait))
    options.engine.resource_wait = Duration::zero();
  options.slots = configuration.is_set(keys::kSlots)
                      ? static_cast<std::uint32_t>(configuration.integer(keys::kSlots))
                      : std::max(1U, std::thread::hardware_concurrency());
  return options;
}

}  // namespace

Result<int> run_local(const Invocation& invocation) {
  const auto options = cluster_options(invocation.configuration);
  if (!options)
    return options.error();
  auto submission = prepare_submission(invocation, true);
  if (!submission)
    return submission.error();
  actors::StopSignal stop;
  const SignalWatcher signals(stop);
  ProgressDisplay progress(invocation.streams.err, invocation.streams.live);
  LocalLog log(make_log(invocation.configuration, LogDefault::kQuiet),
               invocation.configuration.is_set(keys::kLogLevel)
                   ? LocalLog::JobManagerEvents::kLogged
                   : LocalLog::JobManagerEvents::kTold,
               progress);
  auto cluster = actors::LocalCluster::start(*options, log, stop);
  if (!cluster)
    return cluster.error();
  Interruption interruption(stop);
  auto outcome =
      run_attached((*cluster)->client(), *submission, interruption, progress, invocation.streams);
  log.expect_end();
  return outcome;
}

}  // namespace leat::cli
