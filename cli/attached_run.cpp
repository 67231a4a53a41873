#include "cli/attached_run.hpp"

#include <string>
#include <utility>

#include "actors/boot_clock.hpp"
#include "cli/exit_code.hpp"
#include "cli/job_follower.hpp"
#include "cli/row_output.hpp"
#include "cli/text_format.hpp"
#include "runtime/coordination/error_info.hpp"

namespace leat::cli {

namespace {

/// The whole run, where a rate over the last second would say little.
std::string totals(const proto::JobStatus& status) {
  const double seconds = static_cast<double>(status.duration_ms()) / 1000;
  std::string text = format_count(static_cast<double>(status.records_in())) + " records read, " +
                     format_count(static_cast<double>(status.records_out())) + " written";
  if (seconds > 0)
    text += ", " + format_count(static_cast<double>(status.records_in()) / seconds) + " read/s";
  return text;
}

int tell_end(const proto::JobStatus& status, Streams& streams) {
  const std::string job = "Job with JobID " + status.job_id();
  int code = kExitFinished;
  if (status.state() == proto::JOB_FINISHED) {
    streams.err << job << " has finished.\n";
  } else if (status.state() == proto::JOB_CANCELED) {
    streams.err << job << " was cancelled.\n";
    code = kExitCancelled;
  } else {
    const Error failure = runtime::is_error(status.failure())
                              ? runtime::to_error(status.failure())
                              : Error(ErrorKind::kInternal, "no cause is known");
    streams.err << job << " has failed: " << failure.message() << "\n";
    code = exit_code(failure) == kExitUsage ? kExitUsage : kExitFailed;
  }
  streams.err << "Job Runtime: " << status.duration_ms() << " ms (" << totals(status) << ")\n";
  streams.err.flush();
  return code;
}

/// Nobody waits for the rest: the job must not run on unseen.
Error give_up(actors::JobClient& client, const JobId& job, Error error) {
  (void)client.cancel(job);
  return error;
}

}  // namespace

Result<void> upload(actors::JobClient& client, JobSubmission& submission) {
  auto uploaded = client.upload(submission.object_path);
  if (!uploaded)
    return uploaded.error();
  submission.message.set_artefact_sha256(std::move(*uploaded));
  return {};
}

Result<int> run_attached(actors::JobClient& client, JobSubmission& submission,
                         Interruption& interruption, ProgressDisplay& progress, Streams& streams) {
  if (auto uploaded = upload(client, submission); !uploaded)
    return uploaded.error();
  if (auto submitted = client.submit(submission.message); !submitted) {
    if (!interruption.pending())
      return submitted.error();
    interruption.obey();
    return give_up(client, submission.id, submitted.error());
  }
  progress.notice("Job has been submitted with JobID " + submission.id.hex());
  RowOutput rows(streams.out,
                 submission.batch() ? RowOutput::Hold::kUntilFinished : RowOutput::Hold::kNothing);
  const actors::BootClock clock;
  JobFollower follower(client, interruption, clock, progress, rows);
  const auto status = follower.follow({submission.id, submission.collects()});
  progress.clear();
  if (!status) {
    if (status.error().kind() != ErrorKind::kUnreachable)
      return give_up(client, submission.id, status.error());
    progress.notice("Job " + submission.id.hex() +
                    " goes on when its JobManager does; 'leat list' shows it then.");
    return status.error();
  }
  if (status->state() == proto::JOB_FINISHED) {
    if (auto released = rows.release(); !released)
      return released.error();
  }
  return tell_end(*status, streams);
}

}  // namespace leat::cli
