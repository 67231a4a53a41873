#pragma once

// What each subcommand does; one .cpp file each. They return the exit code.

#include "cli/command.hpp"

namespace leat::cli {

Result<int> run_local(const Invocation& invocation);
Result<int> run_job_manager(const Invocation& invocation);
Result<int> run_task_manager(const Invocation& invocation);
Result<int> run_run(const Invocation& invocation);
Result<int> run_list(const Invocation& invocation);
Result<int> run_cancel(const Invocation& invocation);
Result<int> run_info(const Invocation& invocation);
Result<int> run_checkpoints(const Invocation& invocation);
Result<int> run_savepoint(const Invocation& invocation);
Result<int> run_stop(const Invocation& invocation);
Result<int> run_rescale(const Invocation& invocation);

}  // namespace leat::cli
