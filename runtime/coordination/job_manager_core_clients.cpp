// JobManagerCore: what clients ask for.

#include <string>
#include <utility>

#include "runtime/coordination/error_info.hpp"
#include "runtime/coordination/job_manager_core_state.hpp"
#include "runtime/coordination/job_state.hpp"
#include "runtime/coordination/submission_check.hpp"

namespace leat::runtime {

namespace {

proto::ErrorInfo no_such_job(const std::string& id) {
  return to_error_info(
      Error(ErrorKind::kUsage,
            "there is no job '" + id + "' here: 'leat list -a' shows those there are"));
}

proto::ErrorInfo has_ended_already(const proto::JobStatus& job) {
  return to_error_info(Error(ErrorKind::kUsage, "job " + job.job_id() + " ('" + job.name() +
                                                    "') has ended: it is " +
                                                    std::string(state_name(job.state()))));
}

/// Newest first.
void list_kept(const RetainedCheckpoints& kept, proto::CheckpointList& into) {
  for (auto entry = kept.entries().rbegin(); entry != kept.entries().rend(); ++entry) {
    if (!entry->manifest)
      continue;
    proto::CheckpointInfo& info = *into.add_checkpoints();
    info = entry->manifest->info();
    info.set_retained(entry->damage.empty());
  }
}

template <class Reply>
void reply_error(RequestId request, const proto::ErrorInfo& error, JobManagerStep& step) {
  Reply reply;
  *reply.mutable_error() = error;
  step.reply(request, std::move(reply));
}

}  // namespace

void JobManagerCore::submit(RequestId request, const proto::SubmitJob& job, Time now,
                            JobManagerCommands& out) {
  JobManagerStep step{now, out};
  const auto checked = check_submission(job, state_->services.options);
  if (!checked)
    return reply_error<proto::SubmitReply>(request, to_error_info(checked.error()), step);
  const JobMaster* known = state_->find(checked->id);
  if (known != nullptr && known->submission().plan_sha256() != job.plan_sha256())
    return reply_error<proto::SubmitReply>(
        request,
        to_error_info(Error(ErrorKind::kUsage, "job id " + job.job_id() +
                                                   " is taken by another job: choose a new one")),
        step);
  if (known != nullptr || state_->ended.find(checked->id) != nullptr)
    return step.reply(request, proto::SubmitReply{});
  // Its checkpoints would be taken for the new job's.
  if (state_->left_alone.contains(checked->id))
    return reply_error<proto::SubmitReply>(
        request,
        to_error_info(Error(ErrorKind::kUsage,
                            "job id " + job.job_id() +
                                " is taken by a job whose entries in the metadata store do not "
                                "decode: choose a new one")),
        step);
  state_->submissions.submit(request, checked->id, checked->parallelism, job, step);
}

void JobManagerCore::watch(RequestId request, const proto::WatchJob& watch, Time now,
                           JobManagerCommands& out) {
  JobManagerStep step{now, out};
  const auto id = JobId::parse(watch.job_id(), "job id");
  JobMaster* job = id ? state_->find(*id) : nullptr;
  if (job != nullptr)
    return job->watch(request, watch, step);
  const proto::JobStatus* ended = id ? state_->ended.find(*id) : nullptr;
  if (ended != nullptr)
    return step.reply(request, *ended);
  reply_error<proto::JobStatus>(request, no_such_job(watch.job_id()), step);
}

void JobManagerCore::list(RequestId request, const proto::ListJobs& list, Time now,
                          JobManagerCommands& out) {
  JobManagerStep step{now, out};
  proto::JobList reply;
  if (list.all())
    state_->ended.append_to(reply);
  for (const auto& job : state_->jobs)
    *reply.add_jobs() = job->status(now);
  step.reply(request, std::move(reply));
}

void JobManagerCore::cancel(RequestId request, const proto::CancelJob& cancel, Time now,
                            JobManagerCommands& out) {
  JobManagerStep step{now, out};
  const auto id = JobId::parse(cancel.job_id(), "job id");
  if (id && state_->submissions.contains(*id))
    return state_->submissions.cancel(request, *id);
  if (id && state_->ended.find(*id) != nullptr)
    return step.reply(request, state_->ended.cancel(*id));
  JobMaster* job = id ? state_->find(*id) : nullptr;
  if (job == nullptr)
    return reply_error<proto::CancelReply>(request, no_such_job(cancel.job_id()), step);
  job->cancel(request, step);
  state_->settle(step);
}

void JobManagerCore::fetch(RequestId request, const proto::FetchResults& fetch, Time now,
                           JobManagerCommands& out) {
  JobManagerStep step{now, out};
  const auto id = JobId::parse(fetch.job_id(), "job id");
  if (id && state_->ended.find(*id) != nullptr)
    return step.reply(request, state_->ended.fetch(*id, fetch));
  JobMaster* job = id ? state_->find(*id) : nullptr;
  if (job == nullptr)
    return reply_error<proto::ResultBatch>(request, no_such_job(fetch.job_id()), step);
  job->fetch(request, fetch, step);
  state_->settle(step);
}

void JobManagerCore::trigger_savepoint(RequestId request, const proto::TriggerSavepoint& trigger,
                                       Time now, JobManagerCommands& out) {
  JobManagerStep step{now, out};
  const auto id = JobId::parse(trigger.job_id(), "job id");
  JobMaster* job = id ? state_->find(*id) : nullptr;
  if (job != nullptr) {
    job->trigger_savepoint(request, trigger, step);
    return state_->settle(step);
  }
  const proto::JobStatus* ended = id ? state_->ended.find(*id) : nullptr;
  if (ended == nullptr)
    return reply_error<proto::SavepointReply>(request, no_such_job(trigger.job_id()), step);
  if (ended->savepoint_trigger().empty() || ended->savepoint_trigger() != trigger.trigger_id())
    return reply_error<proto::SavepointReply>(request, has_ended_already(*ended), step);
  proto::SavepointReply reply;
  reply.set_path(ended->savepoint_path());
  step.reply(request, std::move(reply));
}

void JobManagerCore::rescale(RequestId request, const proto::RescaleJob& rescale, Time now,
                             JobManagerCommands& out) {
  JobManagerStep step{now, out};
  const auto id = JobId::parse(rescale.job_id(), "job id");
  JobMaster* job = id ? state_->find(*id) : nullptr;
  if (job != nullptr) {
    job->rescale(request, rescale.parallelism(), step);
    return state_->settle(step);
  }
  const proto::JobStatus* ended = id ? state_->ended.find(*id) : nullptr;
  reply_error<proto::RescaleReply>(
      request, ended == nullptr ? no_such_job(rescale.job_id()) : has_ended_already(*ended), step);
}

void JobManagerCore::checkpoints(RequestId request, const proto::ListCheckpoints& list, Time now,
                                 JobManagerCommands& out) {
  JobManagerStep step{now, out};
  const auto id = JobId::parse(list.job_id(), "job id");
  const JobMaster* job = id ? state_->find(*id) : nullptr;
  if (job != nullptr)
    return job->list_checkpoints(request, step);
  if (!id || state_->ended.find(*id) == nullptr)
    return reply_error<proto::CheckpointList>(request, no_such_job(list.job_id()), step);
  proto::CheckpointList reply;
  const auto kept = state_->kept.find(*id);
  if (kept != state_->kept.end())
    list_kept(kept->second, reply);
  step.reply(request, std::move(reply));
}

}  // namespace leat::runtime
