// leat cancel: ends a job and waits until it has ended.

#include <chrono>

#include "cli/command_functions.hpp"
#include "cli/exit_code.hpp"
#include "cli/job_command.hpp"
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
  return with_job(invocation, [](const JobAtHand& job) -> Result<int> {
    if (auto cancelled = job.client.cancel(job.id); !cancelled)
      return cancelled.error();
    job.streams.err << "Cancelling job " << job.id.hex() << "." << std::endl;
    const auto end = wait_for_end(job.client, job.id);
    if (!end)
      return end.error();
    if (*end != proto::JOB_CANCELED)
      return Error(ErrorKind::kUser, "job " + job.id.hex() + " ended as " + state_name(*end) +
                                         " before it could be cancelled");
    job.streams.out << "Cancelled job " << job.id.hex() << ".\n";
    return kExitFinished;
  });
}

}  // namespace leat::cli
