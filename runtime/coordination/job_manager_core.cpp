#include "runtime/coordination/job_manager_core.hpp"

#include <algorithm>
#include <chrono>
#include <optional>
#include <utility>

#include "runtime/base/check.hpp"
#include "runtime/coordination/duration_text.hpp"
#include "runtime/coordination/ended_jobs.hpp"
#include "runtime/coordination/error_info.hpp"
#include "runtime/coordination/job_manager_step.hpp"
#include "runtime/coordination/job_master.hpp"
#include "runtime/coordination/job_services.hpp"
#include "runtime/coordination/job_state.hpp"
#include "runtime/coordination/stored_jobs.hpp"
#include "runtime/coordination/submission_check.hpp"
#include "runtime/coordination/submissions.hpp"

namespace leat::runtime {

namespace {

proto::ErrorInfo no_such_job(const std::string& id) {
  return to_error_info(
      Error(ErrorKind::kUsage,
            "there is no job '" + id + "' here: 'leat list -a' shows those there are"));
}

template <class Reply>
void reply_error(RequestId request, const proto::ErrorInfo& error, JobManagerStep& step) {
  Reply reply;
  *reply.mutable_error() = error;
  step.reply(request, std::move(reply));
}

}  // namespace

/// Invariant: an id is in at most one of submissions, jobs and ended.
struct JobManagerCore::State {
  State(const JobManagerOptions& options, Epoch epoch, std::uint64_t seed, std::int64_t unix_ms)
      : services(options, epoch, seed, unix_ms),
        submissions(services),
        ended(options.ended_jobs_kept) {}

  JobServices services;
  Submissions submissions;
  std::vector<std::unique_ptr<JobMaster>> jobs;  // in order of submission: first come, first served
  EndedJobs ended;

  void recover(const StorePairs& stored, JobManagerStep& step);
  [[nodiscard]] JobMaster* find(JobId id) const;
  void accept(AcceptedJob accepted, JobManagerStep& step);
  void lose(Incarnation task_manager, const std::string& reason, JobManagerStep& step);
  /// What any event may have made possible; closes every public function that changes something.
  void settle(JobManagerStep& step);
  void retire(JobManagerStep& step);
  void hand_out_slots(JobManagerStep& step);
  [[nodiscard]] std::optional<SubtaskKey> current_key(const proto::SubtaskRef& ref) const;
};

void JobManagerCore::State::recover(const StorePairs& stored, JobManagerStep& step) {
  StoredJobs found = read_stored_jobs(stored);
  for (const Error& error : found.unreadable)
    step.log(LogLevel::kError, "stored_job_unreadable", {{"reason", error.message()}});
  for (StoredJob& job : found.jobs) {
    if (has_ended(job.status.state()))
      std::ignore = ended.add(job.id, std::move(job.status));
    else if (job.spec)
      jobs.push_back(std::make_unique<JobMaster>(services, job, step));
    else
      step.log(LogLevel::kError, "stored_job_unreadable",
               {{"job", job.id.hex()}, {"reason", "it has a status but no specification"}});
  }
  step.log(LogLevel::kInfo, "jobmanager_started",
           {{"epoch", std::to_string(number(services.epoch))},
            {"unfinished_jobs", std::to_string(jobs.size())}});
  settle(step);
}

JobMaster* JobManagerCore::State::find(JobId id) const {
  const auto found =
      std::find_if(jobs.begin(), jobs.end(), [id](const auto& job) { return job->id() == id; });
  return found == jobs.end() ? nullptr : found->get();
}

void JobManagerCore::State::accept(AcceptedJob accepted, JobManagerStep& step) {
  jobs.push_back(std::make_unique<JobMaster>(services, accepted.id, std::move(accepted.spec),
                                             std::move(accepted.prepared), step));
  for (const RequestId submitter : accepted.submitters)
    step.reply(submitter, proto::SubmitReply{});
  for (const RequestId request : accepted.cancels)
    jobs.back()->cancel(request, step);
}

void JobManagerCore::State::lose(Incarnation task_manager, const std::string& reason,
                                 JobManagerStep& step) {
  const std::string name = services.task_managers.name(task_manager);
  services.task_managers.remove(task_manager);
  services.unreachable.forget(task_manager);
  const auto held = services.slots.remove(task_manager);
  step.log(LogLevel::kWarn, "taskmanager_lost",
           {{"taskmanager", name},
            {"incarnation", task_manager.hex()},
            {"reason", reason},
            {"slots_held", std::to_string(held.size())}});
  for (const auto& job : jobs)
    job->task_manager_lost(task_manager, name, reason, step);
}

void JobManagerCore::State::settle(JobManagerStep& step) {
  retire(step);
  hand_out_slots(step);
}

void JobManagerCore::State::retire(JobManagerStep& step) {
  for (auto job = jobs.begin(); job != jobs.end();) {
    if (!has_ended((*job)->state())) {
      ++job;
      continue;
    }
    Persist forget{};
    for (const JobId id : ended.add((*job)->id(), (*job)->status(step.now)))
      forget.writes.emplace_back(status_key(id), std::string());
    if (!forget.writes.empty()) {
      forget.token = services.actions.issue((*job)->id());  // nobody waits for it
      step.out.emplace_back(std::move(forget));
    }
    job = jobs.erase(job);
  }
}

void JobManagerCore::State::hand_out_slots(JobManagerStep& step) {
  bool blocked = false;
  for (const auto& job : jobs) {
    if (job->state() != proto::JOB_CREATED)
      continue;
    const std::size_t free = services.slots.free_count();
    job->note_free_slots(free, step.now);
    if (free > 0 && !blocked)
      blocked = !job->try_start(step);
  }
}

std::optional<SubtaskKey> JobManagerCore::State::current_key(const proto::SubtaskRef& ref) const {
  if (ref.epoch() != number(services.epoch))
    return std::nullopt;
  return to_key(ref);
}

JobManagerCore::JobManagerCore(JobManagerOptions options, Epoch epoch, std::uint64_t seed,
                               const std::vector<std::pair<std::string, std::string>>& stored,
                               std::int64_t unix_ms_at_zero, Time now, JobManagerCommands& out)
    : state_(std::make_unique<State>(options, epoch, seed, unix_ms_at_zero)) {
  JobManagerStep step{now, out};
  state_->recover(stored, step);
}

JobManagerCore::~JobManagerCore() = default;

// ---- clients ----

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
  reply_error<proto::SavepointReply>(request, no_such_job(trigger.job_id()), step);
}

void JobManagerCore::rescale(RequestId request, const proto::RescaleJob& rescale, Time now,
                             JobManagerCommands& out) {
  JobManagerStep step{now, out};
  reply_error<proto::RescaleReply>(request, no_such_job(rescale.job_id()), step);
}

void JobManagerCore::checkpoints(RequestId request, const proto::ListCheckpoints& list, Time now,
                                 JobManagerCommands& out) {
  JobManagerStep step{now, out};
  reply_error<proto::CheckpointList>(request, no_such_job(list.job_id()), step);
}

// ---- TaskManagers ----

void JobManagerCore::register_task_manager(RequestId request,
                                           const proto::RegisterTaskManager& message, Time now,
                                           JobManagerCommands& out) {
  JobManagerStep step{now, out};
  JobServices& services = state_->services;
  const auto info = services.task_managers.check(message);
  if (!info) {
    step.log(LogLevel::kWarn, "taskmanager_refused",
             {{"taskmanager", message.task_manager_id()}, {"reason", info.error().message()}});
    return reply_error<proto::RegisterReply>(request, to_error_info(info.error()), step);
  }
  if (services.task_managers.find(info->incarnation) != nullptr)
    state_->lose(info->incarnation, "it registered anew", step);
  services.task_managers.add(*info, now);
  services.slots.add(info->incarnation, info->slots);
  step.log(LogLevel::kInfo, "taskmanager_registered",
           {{"taskmanager", info->id},
            {"incarnation", info->incarnation.hex()},
            {"slots", std::to_string(info->slots)}});
  const auto ms = [](Duration duration) {
    return static_cast<std::uint32_t>(
        std::chrono::duration_cast<std::chrono::milliseconds>(duration).count());
  };
  proto::RegisterReply reply;
  reply.set_epoch(number(services.epoch));
  reply.set_heartbeat_interval_ms(ms(services.options.heartbeat_interval));
  reply.set_heartbeat_timeout_ms(ms(services.options.heartbeat_timeout));
  reply.set_lease_ms(ms(services.options.lease));
  step.reply(request, std::move(reply));
  for (const auto& job : state_->jobs)
    job->task_manager_added(step);
  state_->settle(step);
}

void JobManagerCore::heartbeat(RequestId request, const proto::Heartbeat& message, Time now,
                               JobManagerCommands& out) {
  JobManagerStep step{now, out};
  const JobServices& services = state_->services;
  proto::HeartbeatReply reply;
  reply.set_epoch(number(services.epoch));
  reply.set_sequence(message.sequence());
  const auto from = Incarnation::parse(message.incarnation(), "incarnation");
  if (!from || message.epoch() != number(services.epoch) ||
      !state_->services.task_managers.heartbeat(*from, message, now)) {
    *reply.mutable_error() = to_error_info(Error(
        ErrorKind::kProtocol, "the JobManager does not know this TaskManager: register again"));
    return step.reply(request, std::move(reply));
  }
  for (const proto::SubtaskMetrics& metrics : message.metrics()) {
    const auto id = JobId::parse(metrics.job_id(), "job id");
    JobMaster* job = id ? state_->find(*id) : nullptr;
    if (job != nullptr)
      job->metrics(*from, metrics);
  }
  step.reply(request, std::move(reply));
}

void JobManagerCore::task_manager_down(Incarnation task_manager, const std::string& reason,
                                       Time now, JobManagerCommands& out) {
  if (state_->services.task_managers.find(task_manager) == nullptr)
    return;
  JobManagerStep step{now, out};
  step.out.emplace_back(DropTaskManager{task_manager});
  state_->lose(task_manager, reason, step);
  state_->settle(step);
}

void JobManagerCore::subtask_event(const proto::SubtaskEvent& event, Time now,
                                   JobManagerCommands& out) {
  JobManagerStep step{now, out};
  const auto key = state_->current_key(event.ref());
  const auto from = Incarnation::parse(event.incarnation(), "incarnation");
  if (!key || !from || state_->services.task_managers.find(*from) == nullptr)
    return;
  // A slot is free for others even when its job has gone on or ended without it.
  const bool released = event.has_released() && state_->services.slots.release(*from, *key);
  JobMaster* job = state_->find(key->job);
  if (job != nullptr && (released || !event.has_released()))
    job->subtask_event(*key, *from, event, step);
  state_->settle(step);
}

void JobManagerCore::split_request(Incarnation from, const proto::SplitRequest& message, Time now,
                                   JobManagerCommands& out) {
  JobManagerStep step{now, out};
  const auto key = state_->current_key(message.ref());
  JobMaster* job = key ? state_->find(key->job) : nullptr;
  if (job != nullptr)
    job->split_request(*key, from, message, step);
}

void JobManagerCore::collect_rows(Incarnation from, const proto::CollectRows& message, Time now,
                                  JobManagerCommands& out) {
  JobManagerStep step{now, out};
  const auto key = state_->current_key(message.ref());
  JobMaster* job = key ? state_->find(key->job) : nullptr;
  if (job != nullptr)
    job->collect_rows(*key, from, message, step);
}

void JobManagerCore::snapshot_chunk(Incarnation /*from*/, proto::SnapshotChunk /*message*/,
                                    Time /*now*/, JobManagerCommands& /*out*/) {}

void JobManagerCore::fetch_chunk(Incarnation /*from*/, const proto::FetchChunk& /*message*/,
                                 Time /*now*/, JobManagerCommands& /*out*/) {}

// ---- background actions ----

void JobManagerCore::on_persisted(ActionToken token, const Result<void>& outcome, Time now,
                                  JobManagerCommands& out) {
  JobManagerStep step{now, out};
  const auto id = state_->services.actions.redeem(token);
  if (!id)
    return;
  if (state_->submissions.contains(*id)) {
    if (auto accepted = state_->submissions.on_persisted(*id, token, outcome, step))
      state_->accept(std::move(*accepted), step);
  } else if (JobMaster* job = state_->find(*id); job != nullptr) {
    job->on_persisted(token, outcome, step);
  }
  state_->settle(step);
}

void JobManagerCore::on_prepared(ActionToken token, Result<PreparedJob> outcome, Time now,
                                 JobManagerCommands& out) {
  JobManagerStep step{now, out};
  const auto id = state_->services.actions.redeem(token);
  if (!id)
    return;
  if (state_->submissions.contains(*id))
    state_->submissions.on_prepared(*id, token, std::move(outcome), step);
  else if (JobMaster* job = state_->find(*id); job != nullptr)
    job->on_prepared(token, std::move(outcome), step);
  state_->settle(step);
}

void JobManagerCore::on_chunks_stored(ActionToken token,
                                      const Result<std::vector<ChunkId>>& /*outcome*/, Time /*now*/,
                                      JobManagerCommands& /*out*/) {
  std::ignore = state_->services.actions.redeem(token);
}

void JobManagerCore::on_chunk_loaded(ActionToken token, Result<std::string> /*outcome*/,
                                     Time /*now*/, JobManagerCommands& /*out*/) {
  std::ignore = state_->services.actions.redeem(token);
}

void JobManagerCore::on_chunks_kept(ActionToken token,
                                    const Result<std::vector<ChunkId>>& /*missing*/, Time /*now*/,
                                    JobManagerCommands& /*out*/) {
  std::ignore = state_->services.actions.redeem(token);
}

void JobManagerCore::on_savepoint_written(ActionToken token, const Result<std::string>& /*outcome*/,
                                          Time /*now*/, JobManagerCommands& /*out*/) {
  std::ignore = state_->services.actions.redeem(token);
}

void JobManagerCore::on_savepoint_read(ActionToken token,
                                       Result<proto::StoredCheckpoint> /*outcome*/, Time /*now*/,
                                       JobManagerCommands& /*out*/) {
  std::ignore = state_->services.actions.redeem(token);
}

void JobManagerCore::tick(Time now, JobManagerCommands& out) {
  JobManagerStep step{now, out};
  const Duration timeout = state_->services.options.heartbeat_timeout;
  // Woken late: this process stood still, not the TaskManagers.
  if (next_deadline() < now - state_->services.options.heartbeat_interval)
    state_->services.task_managers.forgive(now);
  for (const Incarnation silent : state_->services.task_managers.silent(now)) {
    step.out.emplace_back(DropTaskManager{silent});
    state_->lose(silent, "no answered heartbeat for " + milliseconds_text(timeout) + " ms", step);
  }
  for (const auto& job : state_->jobs)
    job->tick(step);
  state_->settle(step);
}

Time JobManagerCore::next_deadline() const {
  Time earliest = state_->services.task_managers.next_deadline();
  for (const auto& job : state_->jobs)
    earliest = std::min(earliest, job->next_deadline());
  return earliest;
}

}  // namespace leat::runtime
