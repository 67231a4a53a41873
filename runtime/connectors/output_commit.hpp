#pragma once

// What happens to sinks' output outside any slot: checked before a job, committed at its end, cleaned
// up after attempts. All functions block and run away from control threads.

#include "runtime/base/file_system.hpp"
#include "runtime/base/ids.hpp"
#include "runtime/base/result.hpp"
#include "runtime/coordination/prepare_from.hpp"
#include "runtime/coordination/prepared_job.hpp"
#include "serialization/proto/control.pb.h"

namespace leat::runtime {

/// Lists the sources into enumerators, creates and checks output directories (missing input, unwritable
/// or non-empty output: ErrorKind::kInput in words), writes the shared-storage nonce into each. `from`:
/// what is not asked for because a checkpoint holds it.
Result<PreparedJob> prepare_job(FileSystem& files, const proto::Plan& plan, const JobId& job,
                                std::uint32_t parallelism, const PrepareFrom& from = {});

/// Makes one output visible. Idempotent: already visible is success, gone altogether is an error.
Result<void> commit_output(FileSystem& files, const proto::Committable& committable);

/// Removes in-progress output of `job` up to and including `attempt`; with `ended` the nonces as well.
void clean_outputs(FileSystem& files, const proto::Plan& plan, const JobId& job, Attempt attempt,
                   bool ended);

/// Fails unless every nonce is visible here: all workers must share the output's storage.
Result<void> check_nonces(FileSystem& files, const std::vector<std::string>& nonces);

}  // namespace leat::runtime
