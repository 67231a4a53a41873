#pragma once

// What `leat local` and `leat run` have in common: submit a job, follow it to its end, say how it ended.

#include "actors/job_client.hpp"
#include "cli/command.hpp"
#include "cli/interruption.hpp"
#include "cli/job_submission.hpp"
#include "cli/progress_display.hpp"

namespace leat::cli {

/// Brings the job object to the JobManager. Nothing runs before submit().
Result<void> upload(actors::JobClient& client, JobSubmission& submission);

/// Returns the exit code. A job that failed is reported in words before.
Result<int> run_attached(actors::JobClient& client, JobSubmission& submission,
                         Interruption& interruption, ProgressDisplay& progress, Streams& streams);

}  // namespace leat::cli
