// leat savepoint: a copy of a running job's state.

#include "cli/command_functions.hpp"
#include "cli/exit_code.hpp"
#include "cli/savepoint_wait.hpp"

namespace leat::cli {

Result<int> run_savepoint(const Invocation& invocation) {
  return with_job(invocation, [&invocation](const JobAtHand& job) -> Result<int> {
    job.streams.err << "Triggering savepoint for job " << job.id.hex() << "." << std::endl;
    const auto path = take_savepoint(job, invocation.directory, AfterSavepoint::kRunOn);
    if (!path)
      return path.error();
    job.streams.out << "Savepoint completed. Path: " << *path << std::endl;
    job.streams.err << "You can resume your program from this savepoint with the run command: "
                    << "leat run -s " << *path << " ...\n";
    return kExitFinished;
  });
}

}  // namespace leat::cli
