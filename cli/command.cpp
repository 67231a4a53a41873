#include "cli/command.hpp"

#include <algorithm>

#include "cli/command_functions.hpp"
#include "cli/options.hpp"

namespace leat::cli {

namespace {

const Command kCommands[] = {
    {"local", "JOB.so [JOB ARGUMENTS]", "run a job in this process, with a cluster of its own",
     "Starts a JobManager, a TaskManager and its slots in this process, runs the job and ends "
     "with\n"
     "it. Rows that the job returns go to standard output, progress to standard error. Ctrl-C\n"
     "cancels the job; a second one leaves at once.",
     "leat local -p 2 --mode batch word_count.so --input texts/ --output counts/", local_options(),
     Operand::kObject, kReadByLocal, run_local},
    {"run", "JOB.so [JOB ARGUMENTS]", "send a job to a JobManager and wait for its end",
     "Sends the job object, its plan and its arguments to the JobManager. Rows that the job "
     "returns\n"
     "go to standard output, progress to standard error. Ctrl-C cancels the job; a second one\n"
     "leaves at once. Paths among the job's arguments are the cluster's: write absolute ones.",
     "leat run -p 6 word_count.so --input /data/texts --output /data/counts", run_options(),
     Operand::kObject, kReadByRun, run_run},
    {"list", "", "show the jobs of a JobManager",
     "Prints a line per job: id, name, state, subtasks, start and run time.", "leat list -a",
     list_options(), Operand::kNone, kReadByList, run_list},
    {"cancel", "JOB_ID", "end a job and remove its unfinished output",
     "Returns when the job has ended. A job that has finished or failed before is an error.",
     "leat cancel 0123456789abcdef0123456789abcdef", cancel_options(), Operand::kJobId, kReadByList,
     run_cancel},
    {"checkpoints", "JOB_ID", "show the checkpoints of a job",
     "Prints a line per checkpoint, newest first: id, kind, status, sizes, times, and why it "
     "failed.",
     "leat checkpoints 0123456789abcdef0123456789abcdef", checkpoints_options(), Operand::kJobId,
     kReadByList, run_checkpoints},
    {"savepoint", "JOB_ID DIR", "copy the state of a running job into a directory",
     "Makes a directory of its own below DIR, which the JobManager must see, and prints its path.\n"
     "The job runs on. 'leat run -s' starts a job from it, on another cluster too.",
     "leat savepoint 0123456789abcdef0123456789abcdef /data/savepoints", savepoint_options(),
     Operand::kJobIdAndDirectory, kReadByList, run_savepoint},
    {"stop", "JOB_ID", "end a job with a savepoint",
     "Takes a savepoint, makes the output up to it visible and ends the job, which 'leat run -s'\n"
     "goes on with.",
     "leat stop 0123456789abcdef0123456789abcdef --savepoint /data/savepoints", stop_options(),
     Operand::kJobId, kReadByList, run_stop},
    {"rescale", "JOB_ID", "let a running job go on with more or fewer subtasks",
     "Takes a checkpoint and goes on from it with N subtasks, in the slots there are.",
     "leat rescale 0123456789abcdef0123456789abcdef -p 4", rescale_options(), Operand::kJobId,
     kReadByList, run_rescale},
    {"info", "JOB.so [JOB ARGUMENTS]", "show the plan of a job without running it",
     "Builds the job as 'leat run' would and prints its stages, operators and edges.",
     "leat info word_count.so --input texts/", info_options(), Operand::kObject, kReadByInfo,
     run_info},
    {"jobmanager", "", "start a JobManager",
     "Accepts jobs, plans them and gives their subtasks to TaskManagers. Runs until it is told to\n"
     "end (SIGTERM, Ctrl-C); a new one on the same directory takes its jobs up again.",
     "leat jobmanager --data-dir /var/lib/leat", job_manager_options(), Operand::kNone,
     kReadByJobManager, run_job_manager},
    {"taskmanager", "", "start a TaskManager",
     "Offers slots to a JobManager, which it looks for until it is there. Runs until it is told "
     "to\n"
     "end (SIGTERM, Ctrl-C): then its jobs go on elsewhere, from a checkpoint, before it does; "
     "see\n"
     "taskmanager.leave-timeout. A second signal ends it at once.",
     "leat taskmanager --jobmanager 127.0.0.1:6123 --slots 2", task_manager_options(),
     Operand::kNone, kReadByTaskManager, run_task_manager},
};

}  // namespace

std::span<const Command> commands() {
  return kCommands;
}

const Command* find_command(std::string_view name) {
  const auto found = std::find_if(std::begin(kCommands), std::end(kCommands),
                                  [&](const Command& command) { return command.name == name; });
  return found == std::end(kCommands) ? nullptr : found;
}

}  // namespace leat::cli
