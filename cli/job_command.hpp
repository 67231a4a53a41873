#pragma once

// What the commands about one job of a JobManager have in common.

#include <functional>
#include <string>

#include "actors/job_client.hpp"
#include "cli/command.hpp"
#include "cli/interruption.hpp"
#include "runtime/base/ids.hpp"
#include "runtime/base/result.hpp"

namespace leat::cli {

/// A job of the JobManager that the configuration names.
struct JobAtHand {
  actors::JobClient& client;
  JobId id;
  const Interruption& interruption;
  Streams& streams;
};

/// Calls `work` with the job that the operand names; fails in words if that is no job id.
Result<int> with_job(const Invocation& invocation,
                     const std::function<Result<int>(const JobAtHand&)>& work);

/// A directory as all processes of a cluster on one machine, or with shared storage, see it.
[[nodiscard]] std::string absolute_path(const std::string& path);

}  // namespace leat::cli
