// leat rescale: another parallelism for a running job.

#include "cli/command_functions.hpp"
#include "cli/exit_code.hpp"
#include "cli/job_command.hpp"
#include "cli/options.hpp"
#include "runtime/base/config_value.hpp"

namespace leat::cli {

namespace {

Result<std::uint32_t> wanted_parallelism(const Invocation& invocation) {
  const std::string text = invocation.options.value(options::kParallelism);
  if (text.empty())
    return Error(ErrorKind::kUsage, "-p N is missing: the subtasks that the job is to have");
  if (const auto checked = check_config_value(*find_config_key(keys::kParallelism), text); !checked)
    return checked.error().within("-p");
  return static_cast<std::uint32_t>(*parse_integer(text));
}

}  // namespace

Result<int> run_rescale(const Invocation& invocation) {
  const auto parallelism = wanted_parallelism(invocation);
  if (!parallelism)
    return parallelism.error();
  return with_job(invocation, [&](const JobAtHand& job) -> Result<int> {
    proto::RescaleJob request;
    request.set_job_id(job.id.hex());
    request.set_parallelism(*parallelism);
    job.streams.err << "Rescaling job " << job.id.hex() << " to " << *parallelism << " subtasks."
                    << std::endl;
    if (auto rescaled = job.client.rescale(request); !rescaled)
      return rescaled.error();
    job.streams.out << "Rescaled job " << job.id.hex() << ".\n";
    return kExitFinished;
  });
}

}  // namespace leat::cli
