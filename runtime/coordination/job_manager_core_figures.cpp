// JobManagerCore: what it tells about itself.

#include <string>

#include "runtime/coordination/job_manager_core_state.hpp"
#include "runtime/coordination/job_state.hpp"

namespace leat::runtime {

namespace {

constexpr proto::JobState kStates[] = {
    proto::JOB_CREATED,    proto::JOB_DEPLOYING, proto::JOB_RUNNING,    proto::JOB_RESTARTING,
    proto::JOB_COMMITTING, proto::JOB_FINISHED,  proto::JOB_CANCELLING, proto::JOB_CANCELED,
    proto::JOB_FAILING,    proto::JOB_FAILED};

}  // namespace

JobManagerFigures JobManagerCore::figures(Time now) const {
  const JobServices& services = state_->services;
  JobManagerFigures figures;
  figures.epoch = number(services.epoch);
  figures.task_managers = services.task_managers.all().size();
  figures.slots = services.slots.size();
  figures.slots_free = services.slots.free_count();
  figures.counters = services.counters;
  for (const proto::JobState state : kStates)
    figures.jobs_by_state[std::string(state_name(state))] = state_->ended.count(state);
  for (const auto& job : state_->jobs) {
    figures.jobs.push_back(job->figures(now));
    ++figures.jobs_by_state[figures.jobs.back().state];
  }
  figures.write_refusal = state_->volume.refusal(now);
  return figures;
}

}  // namespace leat::runtime
