#pragma once

// A job on its way to a JobManager: object loaded, plan built, everything checked that can be checked
// on this side.

#include <string>
#include <vector>

#include "cli/command.hpp"
#include "runtime/base/ids.hpp"
#include "serialization/proto/control.pb.h"

namespace leat::cli {

struct JobSubmission {
  std::string object_path;
  JobId id;
  proto::SubmitJob message;  ///< without the object's hash, which the upload tells

  [[nodiscard]] bool batch() const { return message.plan().mode() == proto::MODE_BATCH; }
  /// True if the job returns rows to its client.
  [[nodiscard]] bool collects() const;
};

/// Fails in words for an object that is no job, wrong job arguments and a parallelism above the job's
/// maximum. `attached`: somebody waits for the result.
Result<JobSubmission> prepare_submission(const Invocation& invocation, bool attached);

/// The plan alone, for `leat info`.
Result<proto::Plan> build_plan(const Invocation& invocation);

}  // namespace leat::cli
