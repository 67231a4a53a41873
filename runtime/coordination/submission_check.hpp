#pragma once

// Whether a submission can be run at all, before anything is touched for it.

#include "runtime/base/result.hpp"
#include "runtime/coordination/job_manager_options.hpp"
#include "runtime/coordination/stored_jobs.hpp"
#include "serialization/proto/control.pb.h"

namespace leat::runtime {

struct CheckedSubmission {
  JobId id;
  std::uint32_t parallelism = 0;  ///< asked for, the default resolved
};

/// Errors are of kind kUsage, and say what is wrong and what to do.
[[nodiscard]] Result<CheckedSubmission> check_submission(const proto::SubmitJob& job,
                                                         const JobManagerOptions& options);

}  // namespace leat::runtime
