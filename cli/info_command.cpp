// leat info: the plan of a job that is not run.

#include "cli/command_functions.hpp"
#include "cli/exit_code.hpp"
#include "cli/job_submission.hpp"
#include "cli/options.hpp"
#include "cli/plan_text.hpp"

namespace leat::cli {

Result<int> run_info(const Invocation& invocation) {
  const auto plan = build_plan(invocation);
  if (!plan)
    return plan.error();
  const auto parallelism =
      static_cast<std::uint32_t>(invocation.configuration.integer(keys::kParallelism));
  invocation.streams.out << (invocation.options.has(options::kJson)
                                 ? plan_json(*plan, parallelism)
                                 : plan_table(*plan, parallelism));
  return kExitFinished;
}

}  // namespace leat::cli
