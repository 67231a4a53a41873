#pragma once

// Asks for a savepoint and waits until it is there.

#include <string>

#include "cli/job_command.hpp"
#include "runtime/base/result.hpp"

namespace leat::cli {

enum class AfterSavepoint { kRunOn, kStop, kDrainAndStop };

/// Its path. Interrupted, it fails with kCancelled while the JobManager goes on with it.
Result<std::string> take_savepoint(const JobAtHand& job, const std::string& directory,
                                   AfterSavepoint then);

}  // namespace leat::cli
