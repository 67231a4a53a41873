// JobManagerCore: TaskManagers that leave.

#include <algorithm>
#include <string>

#include "runtime/base/mutation.hpp"
#include "runtime/coordination/job_manager_core_state.hpp"

namespace leat::runtime {

bool JobManagerCore::State::leave(Incarnation task_manager, JobManagerStep& step) {
  if (services.task_managers.note_leaving(task_manager)) {
    services.slots.close(task_manager);
    step.log(LogLevel::kInfo, "taskmanager_leaving",
             {{"taskmanager", services.task_managers.name(task_manager)},
              {"incarnation", task_manager.hex()},
              {"slots_held", std::to_string(services.slots.held_by(task_manager).size())}});
    for (const auto& job : jobs)
      job->task_manager_leaving(step);
  }
  if (!can_do_without(task_manager))
    return false;
  step.out.emplace_back(DropTaskManager{task_manager});
  lose(task_manager, "it has left", step);
  return true;
}

bool JobManagerCore::State::can_do_without(Incarnation task_manager) const {
  if (LEAT_MUTATION(left_before_moved))
    return true;
  const auto held = services.slots.held_by(task_manager);
  const bool needed = std::any_of(held.begin(), held.end(), [this](const SubtaskKey& subtask) {
    const JobMaster* job = find(subtask.job);
    return job == nullptr || !job->is_done_with(subtask);  // else it is being released
  });
  return !needed && std::none_of(jobs.begin(), jobs.end(), [task_manager](const auto& job) {
    return job->commits_at(task_manager);
  });
}

}  // namespace leat::runtime
