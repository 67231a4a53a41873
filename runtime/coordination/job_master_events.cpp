// JobMaster: what clients and subtasks say to it. What follows from it is in job_master.cpp.

#include <algorithm>
#include <chrono>
#include <utility>

#include "runtime/coordination/error_info.hpp"
#include "runtime/coordination/job_master.hpp"
#include "runtime/coordination/job_state.hpp"

namespace leat::runtime {

namespace {

/// While deploying, these say that the job cannot run as it is: another attempt would say the same.
bool is_final_at_deployment(ErrorKind kind) {
  return kind == ErrorKind::kUsage || kind == ErrorKind::kInput || kind == ErrorKind::kProtocol;
}

proto::CancelReply refused_cancel(const std::string& message) {
  proto::CancelReply reply;
  *reply.mutable_error() = to_error_info(Error(ErrorKind::kUsage, message));
  return reply;
}

}  // namespace

// ---- clients ----

void JobMaster::watch(RequestId request, const proto::WatchJob& watch, JobManagerStep& step) {
  results_.client_seen(step.now);
  const Duration wait = std::min<Duration>(std::chrono::milliseconds(watch.max_wait_ms()),
                                           services_.options.longest_poll);
  watches_.add({request, WatchQuery{watch.known_version()}, step.now + wait});
  answer_watches(step);
}

void JobMaster::answer_watches(JobManagerStep& step) {
  const auto changed = [this](const WatchQuery& query) { return query.known_version < version_; };
  for (const auto& waiting : watches_.take(step.now, changed)) {
    results_.client_seen(step.now);
    step.reply(waiting.request, status(step.now));
  }
}

void JobMaster::fetch(RequestId request, const proto::FetchResults& fetch, JobManagerStep& step) {
  results_.fetch(request, fetch, active() ? execution_.get() : nullptr, step);
  advance(step);  // what finished may have waited for its rows to be fetched
}

void JobMaster::cancel(RequestId request, JobManagerStep& step) {
  const std::string who = "job " + id_.hex() + " ('" + submission().name() + "') ";
  const bool stuck = journal_.refused() || (committer_ && committer_->in_trouble());
  const bool has_rows_left = committer_ && committer_->done() && !results_.drained();
  if (state_ == proto::JOB_COMMITTING && !stuck && !has_rows_left)
    return step.reply(request, refused_cancel(who + "has read all its input and is making its "
                                                    "output visible: it can no longer be "
                                                    "cancelled"));
  if (state_ == proto::JOB_FAILING)
    return step.reply(request, refused_cancel(who + "has failed already and is being cleaned up"));
  cancels_.push_back(request);
  if (state_ != proto::JOB_CANCELLING)
    begin_cancelling(step);
  answer_cancels(step);
}

void JobMaster::begin_cancelling(JobManagerStep& step) {
  if (execution_ || checkpoints_.under_way())
    checkpoints_.attempt_ends(execution_.get(), "the job is being cancelled", step);
  enter(proto::JOB_CANCELLING, step);
  finish_commits(step.now);
  take_checkpoint_ends(step);
  savepoints_.fail_all("the job was cancelled", checkpoints_, step);
  forget_rescale();
  committer_.reset();
  cleaned_ = false;
  release_slots(step);
  journal_.write(JournalEntry::kCancelling,
                 {{status_key(id_), stored_status(state_, attempt_, step.now)}}, step);
  advance(step);
}

void JobMaster::answer_cancels(JobManagerStep& step) {
  if (!cancel_durable_)
    return;
  for (const RequestId request : std::exchange(cancels_, {}))
    step.reply(request, proto::CancelReply{});
}

// ---- subtasks ----

void JobMaster::subtask_event(const SubtaskKey& key, Incarnation from,
                              const proto::SubtaskEvent& event, JobManagerStep& step) {
  // A commit may be answered by a TaskManager that never ran the subtask, and after a restart.
  if (event.has_committed())
    return on_committed(key, from, event.committed(), step);
  if (key.attempt != attempt_)
    return;
  if (!execution_)
    return;
  if (event.has_released())
    return on_released(key.subtask, step);
  if (!execution_->runs_on(key.subtask, from))
    return;
  if (event.has_deployed())
    on_deployed(key.subtask, step);
  else if (event.has_running())
    on_running(key.subtask, step);
  else if (event.has_finished())
    on_finished(key.subtask, event.finished(), step);
  else if (event.has_failed())
    on_failed(key, from, event.failed(), step);
  else if (state_ == proto::JOB_RUNNING)
    on_checkpoint_event(key.subtask, event, step);
}

void JobMaster::on_committed(const SubtaskKey& key, Incarnation from,
                             const proto::SubtaskEvent::Committed& committed,
                             JobManagerStep& step) {
  const std::uint64_t checkpoint = committed.checkpoint();
  if (!is_error(committed.error())) {
    if (checkpoint != 0)
      checkpoints_.committed(checkpoint, key.subtask);
    else if (committer_)
      committer_->committed(key.subtask);
    return advance(step);
  }
  const Error error = to_error(committed.error());
  const bool counts =
      checkpoint != 0
          ? checkpoints_.commit_failed(checkpoint, key.subtask, from, error.message(), step)
          : committer_ && committer_->failed(key.subtask, from, error.message(), step);
  if (counts) {
    failure_ = FailureCause{error, false};
    note_change(step);
  }
  advance(step);
}

void JobMaster::on_running(std::uint32_t subtask, JobManagerStep& step) {
  if (execution_->advance(subtask, SubtaskProgress::kRunning))
    advance(step);
}

void JobMaster::on_failed(const SubtaskKey& key, Incarnation from,
                          const proto::SubtaskEvent::Failed& failed, JobManagerStep& step) {
  FailureCause cause = FailureCause::of_subtask(failed);
  step.log(LogLevel::kWarn, "subtask_failed",
           {{"job", id_.hex()},
            {"name", submission().name()},
            {"subtask", std::to_string(key.subtask)},
            {"attempt", std::to_string(number(key.attempt))},
            {"taskmanager", services_.task_managers.name(from)},
            {"reason", cause.error.message()}});
  execution_->failed(key.subtask, failed);
  if (state_ == proto::JOB_DEPLOYING)
    cause.final = is_final_at_deployment(cause.error.kind());
  if (failed.restore_damaged() && resume_)
    checkpoints_.report_damage(resume_->info().id(), attempt_, cause.error.message());
  if (needs_its_slots())
    return fail_attempt(cause, step);
  if (failure_ && failure_->explained_by(cause)) {
    failure_ = cause;
    note_change(step);
  }
}

void JobMaster::on_released(std::uint32_t subtask, JobManagerStep& step) {
  if (!execution_->slot_gone(subtask))
    return;
  if (needs_its_slots())
    return fail_attempt(
        {Error(ErrorKind::kInternal,
               "the slot of subtask " + std::to_string(subtask) + " ended without being asked to"),
         false},
        step);
  advance(step);
}

void JobMaster::task_manager_lost(const LostTaskManager& lost, JobManagerStep& step) {
  if (committer_)
    committer_->task_manager_lost(lost.incarnation);
  checkpoints_.task_manager_lost(lost.incarnation);
  const bool had_slots = execution_ && execution_->task_manager_lost(lost.incarnation);
  if (!had_slots || !needs_its_slots())
    return advance(step);
  // Its end was foreseen: nothing has failed.
  if (lost.leaving)
    return move("TaskManager " + lost.name + " has left before the job had moved", step);
  fail_attempt(
      {Error(ErrorKind::kUnreachable, "TaskManager " + lost.name + " was lost: " + lost.reason),
       false},
      step);
}

void JobMaster::task_manager_leaving(JobManagerStep& step) {
  // Nothing has run yet that a checkpoint could save.
  if (state_ == proto::JOB_DEPLOYING && execution_->on_leaving())
    return move("a TaskManager leaves that it was being deployed to", step);
  advance(step);
}

bool JobMaster::commits_at(Incarnation task_manager) const {
  return checkpoints_.commits_at(task_manager) ||
         (committer_ && committer_->waits_for(task_manager));
}

bool JobMaster::is_done_with(const SubtaskKey& subtask) const {
  return state_ == proto::JOB_RUNNING && subtask.attempt == attempt_ && !needs_its_slots();
}

void JobMaster::task_manager_added(JobManagerStep& step) {
  advance(step);  // commits may have waited for one
}

void JobMaster::split_request(const SubtaskKey& key, Incarnation from,
                              const proto::SplitRequest& request, JobManagerStep& step) {
  if (state_ != proto::JOB_RUNNING || key.attempt != attempt_ ||
      !execution_->runs_on(key.subtask, from) || request.source() >= prepared_->enumerators.size())
    return;
  proto::SplitGrant grant;
  *grant.mutable_ref() = request.ref();
  grant.set_source(request.source());
  if (auto split = prepared_->enumerators[request.source()]->next(key.subtask))
    *grant.add_splits() = std::move(*split);
  else
    grant.set_no_more(true);
  step.send(from, std::move(grant));
}

void JobMaster::collect_rows(const SubtaskKey& key, Incarnation from,
                             const proto::CollectRows& rows, JobManagerStep& step) {
  if (state_ != proto::JOB_RUNNING || key.attempt != attempt_ ||
      !execution_->runs_on(key.subtask, from))
    return;
  results_.collect(key.subtask, rows, *execution_, step);
  advance(step);  // too many rows that no checkpoint covers ask for one
}

void JobMaster::metrics(Incarnation from, const proto::SubtaskMetrics& metrics) {
  if (execution_ && execution_->runs_on(metrics.subtask(), from))
    execution_->metrics(metrics);
}

// ---- status ----

// Once all have finished, nothing is left to lose with a slot, unless a savepoint is still to be taken.
bool JobMaster::needs_its_slots() const {
  return active() && (!execution_->all_reached(SubtaskProgress::kFinished) || savepoints_.busy());
}

// Until the write that says that it ends, and what of it is kept.
bool JobMaster::keeps_checkpoints() const {
  const bool ending = state_ == proto::JOB_CANCELLING || state_ == proto::JOB_FAILING;
  return state_ != proto::JOB_COMMITTING && !(ending && cleaned_);
}

bool JobMaster::active() const {
  return state_ == proto::JOB_DEPLOYING || state_ == proto::JOB_RUNNING;
}

proto::JobStatus JobMaster::status(Time now) const {
  const bool deployed = execution_ && (active() || state_ == proto::JOB_COMMITTING);
  const bool wants_slots =
      deployed || state_ == proto::JOB_CREATED || state_ == proto::JOB_RESTARTING;
  const std::uint32_t running = deployed ? execution_->parallelism() : 0;
  const bool counting = execution_ && state_ != proto::JOB_RESTARTING;
  const std::uint64_t unix_ms = services_.unix_ms(now);
  proto::JobStatus status;
  status.set_job_id(id_.hex());
  status.set_name(submission().name());
  status.set_state(state_);
  status.set_attempt(number(attempt_));
  status.set_requested_parallelism(spec_.parallelism());
  status.set_running_subtasks(running);
  status.set_waiting_subtasks(
      wants_slots ? spec_.parallelism() - std::min(running, spec_.parallelism()) : 0);
  status.set_records_in(counting ? execution_->records_in() : records_in_);
  status.set_records_out(counting ? execution_->records_out() : records_out_);
  status.set_start_time_ms(spec_.submitted_unix_ms());
  status.set_duration_ms(unix_ms - std::min(unix_ms, spec_.submitted_unix_ms()));
  if (failure_)
    *status.mutable_failure() = to_error_info(failure_->error);
  status.set_version(version_);
  status.set_restarts(restarts_);
  status.set_completed_checkpoints(checkpoints_.completed_count());
  status.set_failed_checkpoints(checkpoints_.failed_count());
  savepoints_.append_to(status);
  return status;
}

JobFigures JobMaster::figures(Time now) const {
  const proto::JobStatus known = status(now);
  JobFigures figures;
  figures.id = known.job_id();
  figures.name = known.name();
  figures.state = std::string(state_name(state_));
  figures.attempt = known.attempt();
  figures.restarts = known.restarts();
  figures.running_subtasks = known.running_subtasks();
  figures.waiting_subtasks = known.waiting_subtasks();
  figures.records = earlier_attempts_;
  if (execution_)
    figures.records += execution_->counts();
  figures.checkpoints_completed = known.completed_checkpoints();
  figures.checkpoints_failed = known.failed_checkpoints();
  figures.last_checkpoint = checkpoints_.last_completed();
  return figures;
}

std::string JobMaster::stored_status(proto::JobState state, Attempt attempt, Time now) const {
  proto::JobStatus stored = status(now);
  stored.set_state(state);
  stored.set_attempt(number(attempt));
  stored.set_running_subtasks(0);
  stored.set_waiting_subtasks(0);
  return stored.SerializeAsString();
}

}  // namespace leat::runtime
