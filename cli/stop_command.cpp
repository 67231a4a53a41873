// leat stop: ends a job with a savepoint.

#include "cli/command_functions.hpp"
#include "cli/exit_code.hpp"
#include "cli/options.hpp"
#include "cli/savepoint_wait.hpp"

namespace leat::cli {

Result<int> run_stop(const Invocation& invocation) {
  const std::string directory = invocation.options.value(options::kSavepoint);
  if (directory.empty())
    return Error(ErrorKind::kUsage,
                 "--savepoint DIR is missing: a job is stopped with a savepoint, from which it can "
                 "go on; 'leat cancel' ends it without");
  const bool drain = invocation.options.has(options::kDrain);
  return with_job(invocation, [&](const JobAtHand& job) -> Result<int> {
    job.streams.err << (drain ? "Draining" : "Suspending") << " job " << job.id.hex()
                    << " with a savepoint." << std::endl;
    const auto path = take_savepoint(job, directory,
                                     drain ? AfterSavepoint::kDrainAndStop : AfterSavepoint::kStop);
    if (!path)
      return path.error();
    job.streams.out << "Savepoint completed. Path: " << *path << std::endl;
    return kExitFinished;
  });
}

}  // namespace leat::cli
