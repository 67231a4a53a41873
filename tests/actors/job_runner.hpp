#pragma once

// Runs a job the way the command line does: builds its plan, uploads, submits, watches, fetches.

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "actors/job_client.hpp"
#include "runtime/base/ids.hpp"
#include "runtime/base/result.hpp"
#include "serialization/proto/control.pb.h"

namespace leat::test {

struct JobRequest {
  std::string object;  ///< path of the job object
  std::vector<std::string> arguments;
  std::uint32_t parallelism = 1;
  proto::Mode mode = proto::MODE_BATCH;
  bool attached = false;
};

/// Uploads and submits; returns the job's id.
[[nodiscard]] Result<JobId> submit_job(actors::JobClient& client, const JobRequest& request);

/// Watches until the job has ended, or fails after a minute.
[[nodiscard]] Result<proto::JobStatus> await_end(actors::JobClient& client, const JobId& job);

/// Watches until `reached` says so, or fails after a minute.
[[nodiscard]] Result<proto::JobStatus> await_status(
    actors::JobClient& client, const JobId& job,
    const std::function<bool(const proto::JobStatus&)>& reached);

/// All rows of the job's collect sinks, while it runs, until it has ended.
[[nodiscard]] Result<std::vector<std::string>> fetch_rows(actors::JobClient& client,
                                                          const JobId& job);

[[nodiscard]] bool has_ended(proto::JobState state);

/// Lines of all visible files of an output directory, sorted.
[[nodiscard]] std::vector<std::string> output_lines(const std::string& directory);

/// "word<TAB>count" of words separated by blanks, sorted: what count_words has to give.
[[nodiscard]] std::vector<std::string> expected_counts(const std::string& text);

}  // namespace leat::test
