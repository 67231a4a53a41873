#pragma once

// How a job's status reads. Scripts look for these words: docs/cli.md lists them.

#include <span>
#include <string>

#include "serialization/proto/control.pb.h"

namespace leat::cli {

/// "RUNNING", "CANCELED", …
[[nodiscard]] std::string state_name(proto::JobState state);
/// FINISHED, CANCELED or FAILED: nothing follows.
[[nodiscard]] bool has_ended(proto::JobState state);

/// "running 6 of 6" or "running 8 of 10, 2 waiting for slots".
[[nodiscard]] std::string subtasks_text(const proto::JobStatus& status);

/// "RUNNING, running 6 of 6, 1.20 M records read (640 k/s), 3.1 s".
[[nodiscard]] std::string progress_text(const proto::JobStatus& status, double records_per_second);

/// What `leat list` prints: a line per job below a heading, in aligned columns. Empty without jobs.
[[nodiscard]] std::string job_table(std::span<const proto::JobStatus* const> jobs);

}  // namespace leat::cli
