// leat run: sends a job to a JobManager.

#include <string>

#include "cli/attached_run.hpp"
#include "cli/command_functions.hpp"
#include "cli/exit_code.hpp"
#include "cli/options.hpp"
#include "cli/path_hint.hpp"
#include "cli/process_setup.hpp"
#include "cli/signal_watcher.hpp"

namespace leat::cli {

namespace {

Result<int> run_detached(actors::JobClient& client, JobSubmission& submission, Streams& streams) {
  if (auto uploaded = upload(client, submission); !uploaded)
    return uploaded.error();
  if (auto submitted = client.submit(submission.message); !submitted)
    return submitted.error();
  streams.err << "Job has been submitted with JobID " << submission.id.hex() << "\n";
  streams.out << submission.id.hex() << "\n";
  return kExitFinished;
}

/// Nobody would take the rows: the job would stand still, then be cancelled.
Result<void> check_detached(const JobSubmission& submission) {
  if (!submission.collects())
    return {};
  return Error(ErrorKind::kUsage,
               "-d: this job returns its rows to the client, and a detached one does not wait for "
               "them; give the job an output of its own, or leave -d away");
}

}  // namespace

Result<int> run_run(const Invocation& invocation) {
  const bool detached = invocation.options.has(options::kDetached);
  auto submission = prepare_submission(invocation, !detached);
  if (!submission)
    return submission.error();
  if (detached) {
    if (const auto checked = check_detached(*submission); !checked)
      return checked.error();
  }
  actors::StopSignal stop;
  const SignalWatcher signals(stop);
  Interruption interruption(stop);
  ProgressDisplay progress(invocation.streams.err, invocation.streams.live);
  auto client = make_client(
      invocation.configuration,
      [&progress](const std::string& sentence) { progress.notice(sentence); }, interruption);
  if (!client)
    return client.error();
  auto outcome =
      detached ? run_detached(**client, *submission, invocation.streams)
               : run_attached(**client, *submission, interruption, progress, invocation.streams);
  const bool bad_input =
      outcome ? *outcome == kExitUsage : outcome.error().kind() == ErrorKind::kInput;
  const std::string hint = bad_input ? relative_path_hint(invocation.job_arguments) : "";
  if (!hint.empty())
    progress.notice(hint);
  return outcome;
}

}  // namespace leat::cli
