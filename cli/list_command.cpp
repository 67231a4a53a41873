// leat list: the jobs of a JobManager.

#include <vector>

#include "cli/command_functions.hpp"
#include "cli/exit_code.hpp"
#include "cli/options.hpp"
#include "cli/process_setup.hpp"
#include "cli/signal_watcher.hpp"
#include "cli/status_text.hpp"

namespace leat::cli {

Result<int> run_list(const Invocation& invocation) {
  actors::StopSignal stop;
  const SignalWatcher signals(stop);
  const Interruption interruption(stop);
  Streams& streams = invocation.streams;
  const auto client = make_client(
      invocation.configuration,
      [&streams](const std::string& sentence) { streams.err << sentence << std::endl; },
      interruption);
  if (!client)
    return client.error();
  proto::ListJobs request;
  request.set_all(invocation.options.has(options::kAll));
  const auto list = (*client)->list(request);
  if (!list)
    return list.error();
  std::vector<const proto::JobStatus*> jobs;
  for (const proto::JobStatus& job : list->jobs())
    jobs.push_back(&job);
  if (jobs.empty())
    streams.out << (request.all() ? "No jobs.\n" : "No running jobs.\n");
  else
    streams.out << job_table(jobs);
  return kExitFinished;
}

}  // namespace leat::cli
