#pragma once

// How jobs lie in the metadata store (docs/formats.md): keys, and reading everything back at a
// start.

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "runtime/base/ids.hpp"
#include "runtime/base/result.hpp"
#include "runtime/checkpointing/retained_checkpoints.hpp"
#include "serialization/proto/control.pb.h"
#include "serialization/proto/storage.pb.h"

namespace leat::runtime {

using StorePairs = std::vector<std::pair<std::string, std::string>>;

/// One job as it was stored. An ended one has no spec any more.
struct StoredJob {
  JobId id;
  std::optional<proto::StoredJobSpec> spec;
  std::optional<proto::StoredCommit> commit;
  proto::JobStatus status;
  RetainedCheckpoints checkpoints;
  std::uint64_t commits_noted = 0;  ///< newest checkpoint whose output is known to be committed
  std::string savepoints;           ///< as JobSavepoints noted them
  std::optional<proto::StoredCleanUp> clean_up;  ///< of an ended one
};

[[nodiscard]] std::string spec_key(JobId job);
[[nodiscard]] std::string status_key(JobId job);
[[nodiscard]] std::string commit_key(JobId job);
[[nodiscard]] std::string checkpoint_key(JobId job, std::uint64_t checkpoint);
[[nodiscard]] std::string committed_key(JobId job);
[[nodiscard]] std::string savepoints_key(JobId job);
[[nodiscard]] std::string clean_up_key(JobId job);

struct StoredJobs {
  std::vector<StoredJob> jobs;    ///< in order of submission
  std::vector<Error> unreadable;  ///< each names the key and what it means for the job
  /// Jobs that are left alone, with what is known of their checkpoints.
  std::map<JobId, RetainedCheckpoints> set_aside;
};
/// Precondition: in key order. Pairs of other keys are left alone. What does not decode is reported and
/// never taken for absent; a manifest that does not decode is a damaged checkpoint.
[[nodiscard]] StoredJobs read_stored_jobs(const StorePairs& stored);

}  // namespace leat::runtime
