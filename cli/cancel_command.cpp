// leat cancel: ends a job and waits until it has ended.

#include <chrono>

#include "cli/command_functions.hpp"
#include "cli/exit_code.hpp"
#include "cli/process_setup.hpp"
#include "cli/signal_watcher.hpp"
#include "cli/status_text.hpp"
#include "runtime/coordination/error_info.hpp"

namespace leat::cli {

namespace {

constexpr Duration kWait = std::chrono::milliseconds(500);

Result<proto::JobState> wait_for_end(actors::JobClient& client, const JobId& job) {
  std::uint64_t version = 0;
  while (true) {
    const auto status = client.watch(job, version, kWait);
    if (!status)
      return status.error();
    if (runtime::is_error(status->error()))
      return runtime::to_error(status->error());
    if (has_ended(status->state()))
      return status->state();
    version = status->version();
  }
}

}  // namespace

Result<int> run_cancel(const Invocation& invocation) {
  const auto job = JobId::parse(invocation.operand, "job id");
  if (!job)
    return job.error();
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
  if (auto cancelled = (*client)->cancel(*job); !cancelled)
    return cancelled.error();
  streams.err << "Cancelling job " << job->hex() << "." << std::endl;
  const auto end = wait_for_end(**client, *job);
  if (!end)
    return end.error();
  if (*end != proto::JOB_CANCELED)
    return Error(ErrorKind::kUser, "job " + job->hex() + " ended as " + state_name(*end) +
                                       " before it could be cancelled");
  streams.out << "Cancelled job " << job->hex() << ".\n";
  return kExitFinished;
}

}  // namespace leat::cli
