// leat checkpoints: the checkpoints of a job.

#include "cli/checkpoint_text.hpp"
#include "cli/command_functions.hpp"
#include "cli/exit_code.hpp"
#include "cli/job_command.hpp"
#include "cli/options.hpp"

namespace leat::cli {

Result<int> run_checkpoints(const Invocation& invocation) {
  const bool json = invocation.options.has(options::kJson);
  return with_job(invocation, [json](const JobAtHand& job) -> Result<int> {
    const auto list = job.client.checkpoints(job.id);
    if (!list)
      return list.error();
    if (json)
      job.streams.out << checkpoints_json(*list);
    else if (list->checkpoints().empty())
      job.streams.out << "No checkpoints.\n";
    else
      job.streams.out << checkpoint_table(*list);
    return kExitFinished;
  });
}

}  // namespace leat::cli
