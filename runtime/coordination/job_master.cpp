#include "runtime/coordination/job_master.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include "runtime/base/check.hpp"
#include "runtime/checkpointing/restore_plan.hpp"
#include "runtime/coordination/duration_text.hpp"
#include "runtime/coordination/error_info.hpp"
#include "runtime/coordination/job_state.hpp"
#include "runtime/coordination/placement.hpp"

namespace leat::runtime {

namespace {

/// Checked when the job was submitted; one stored by another release may say what this one does not know.
JobOptions options_of(const JobServices& services, const proto::StoredJobSpec& spec) {
  const auto options = job_options(services.options.job, spec.submission().config());
  return options ? *options : services.options.job;
}

/// Grows over restarts of the JobManager too, as clients compare it with what they saw before.
std::uint64_t first_version(Epoch epoch) {
  return (number(epoch) << 32U) + 1;
}

/// Nothing is written any more that the last write does not say.
bool is_ending(proto::JobState state) {
  return state == proto::JOB_COMMITTING || state == proto::JOB_CANCELLING ||
         state == proto::JOB_FAILING;
}

}  // namespace

JobMaster::JobMaster(JobServices& services, AcceptedJob accepted, JobManagerStep& step)
    : services_(services),
      id_(accepted.id),
      spec_(std::move(accepted.spec)),
      options_(options_of(services, spec_)),
      version_(first_version(services.epoch)),
      prepared_(std::move(accepted.prepared)),
      restart_policy_(options_, services.random()),
      journal_(services, id_),
      results_(services, id_, spec_.submission(), options_.checkpoints.enabled(), step.now),
      checkpoints_(services, id_, options_.checkpoints),
      savepoints_(services, id_),
      rescale_(services.options.rescale_stabilization, services.options.rescale_pause,
               services.options.move_retry),
      spec_journal_(services, id_),
      enough_slots_(spec_.parallelism()) {
  if (accepted.savepoint) {
    RetainedCheckpoints retained;
    retained.add(accepted.savepoint);
    checkpoints_.recover(std::move(retained), accepted.savepoint->info().id());
    go_on_from(accepted.savepoint);
  }
  step.log(LogLevel::kInfo, "job_submitted",
           {{"job", id_.hex()},
            {"name", submission().name()},
            {"parallelism", std::to_string(spec_.parallelism())}});
}

JobMaster::JobMaster(JobServices& services, const StoredJob& stored, JobManagerStep& step)
    : services_(services),
      id_(stored.id),
      spec_(stored.spec.value()),
      options_(options_of(services, spec_)),
      attempt_(Attempt{stored.status.attempt()}),
      version_(first_version(services.epoch)),
      restarts_(stored.status.restarts()),
      restart_policy_(options_, services.random()),
      journal_(services, id_),
      results_(services, id_, spec_.submission(), options_.checkpoints.enabled(), step.now),
      checkpoints_(services, id_, options_.checkpoints),
      savepoints_(services, id_),
      rescale_(services.options.rescale_stabilization, services.options.rescale_pause,
               services.options.move_retry),
      spec_journal_(services, id_),
      records_in_(stored.status.records_in()),
      records_out_(stored.status.records_out()),
      enough_slots_(spec_.parallelism()) {
  LEAT_CHECK(!has_ended(stored.status.state()));
  if (is_error(stored.status.failure()))
    failure_ = FailureCause{to_error(stored.status.failure()), false};
  state_ = stored.status.state();
  step.log(LogLevel::kInfo, "job_recovered",
           {{"job", id_.hex()},
            {"name", submission().name()},
            {"state", std::string(state_name(state_))},
            {"last_attempt", std::to_string(number(attempt_))},
            {"newest_checkpoint", std::to_string(stored.checkpoints.newest_id())}});
  checkpoints_.recover(stored.checkpoints, stored.commits_noted);
  savepoints_.recover(stored.savepoints);
  checkpoints_.hold(savepoints_.stopping());
  if (const auto newest = stored.checkpoints.resume_point(false); newest && *newest)
    results_.recover(**newest);
  if (state_ == proto::JOB_CANCELLING || state_ == proto::JOB_FAILING)
    finish_commits(step.now);
  if (state_ == proto::JOB_CANCELLING) {
    cancel_durable_ = true;
  } else if (stored.commit) {
    state_ = proto::JOB_COMMITTING;
    commit_ = *stored.commit;
    committer_.emplace(services_, id_, Attempt{commit_.attempt()}, 0, commit_.subtasks());
    results_.recover(commit_);
  } else if (state_ != proto::JOB_FAILING) {
    state_ = proto::JOB_RESTARTING;
    restart_after(Duration::zero(), step);
    return;
  }
  advance(step);
}

// ---- states ----

void JobMaster::enter(proto::JobState next, JobManagerStep& step) {
  LEAT_CHECK(may_follow(state_, next));
  step.log(LogLevel::kInfo, "job_state",
           {{"job", id_.hex()},
            {"name", submission().name()},
            {"from", std::string(state_name(state_))},
            {"to", std::string(state_name(next))},
            {"attempt", std::to_string(number(attempt_))}});
  state_ = next;
  note_change(step);
}

void JobMaster::note_change(JobManagerStep& step) {
  ++version_;
  answer_watches(step);
}

void JobMaster::advance(JobManagerStep& step) {
  switch (state_) {
    case proto::JOB_RUNNING:
      return advance_running(step);
    case proto::JOB_RESTARTING:
      return advance_restart(step);
    case proto::JOB_COMMITTING:
      return advance_commit(step);
    case proto::JOB_CANCELLING:
    case proto::JOB_FAILING:
      return advance_ending(step);
    default:
      return;
  }
}

void JobMaster::advance_running(JobManagerStep& step) {
  if (savepoints_.take_drained_in_vain())
    return read_on(step);
  const bool finished = execution_->all_reached(SubtaskProgress::kFinished);
  const bool ending = finished && !savepoints_.busy();
  if (ending) {
    checkpoints_.attempt_ends(execution_.get(), "the job's input has ended", step);
  } else {
    if (results_.wants_checkpoint() && !checkpoints_.under_way())
      checkpoints_.request_early();
    pump_rescale(step);
    checkpoints_.pump(subject(), step);
  }
  take_checkpoint_ends(step);
  savepoints_.pump(checkpoints_, step);
  if (savepoints_.take_drained_in_vain())
    return read_on(step);
  if (savepoints_.stop())
    return begin_stop(step);
  if (rescale_checkpoint_ == RescaleCheckpoint::kTaken && !ending)
    return begin_rescale(step);
  if (const auto failure = checkpoints_.take_failure())
    return fail_attempt({*failure, false}, step);
  if (ending && checkpoints_.settled() && (results_.continuous() || results_.drained()))
    begin_commit(step);
}

void JobMaster::advance_restart(JobManagerStep& step) {
  const bool waited = backoff_.over(step.now);
  // Commits that are due do not wait for slots, nor would their alarm.
  std::ignore = checkpoints_.pump_commits(step);
  if (!slots_let_go(step) || !checkpoints_.settled() || !services_.chunks_checked)
    return;
  if (!decide_resume_point(step))
    return;
  // What is prepared must be visible before leftovers are removed and records follow it.
  if (!checkpoints_.pump_commits(step))
    return;
  if (!std::exchange(cleaned_, true))
    clean_outputs(CleanUp::kAttempt, step);
  if (!waited || preparing_)
    return;
  if (!prepared_)
    return prepare(step);
  if (journal_.pending())
    return;
  attempt_ = next(attempt_);
  if (execution_) {
    execution_->report_unreachable(step.now);
    earlier_attempts_ += execution_->counts();
  }
  execution_.reset();
  slots_wait_.clear();
  enter(proto::JOB_CREATED, step);
}

// ---- forward ----

void JobMaster::note_free_slots(std::size_t free, Time now) {
  if (free == 0)
    slots_wait_.clear();
  else if (!slots_wait_.is_set())
    slots_wait_.set(now + services_.options.resource_wait);
  std::ignore = slots_wait_.over(now);  // it passes behind other jobs, too
}

bool JobMaster::try_start(JobManagerStep& step) {
  LEAT_CHECK(state_ == proto::JOB_CREATED && prepared_);
  const auto conflict = [&](Incarnation one, Incarnation other) {
    return services_.unreachable.contains(one, other, step.now);
  };
  const auto slots = place(services_.slots.free_slots(), spec_.parallelism(), conflict);
  const bool enough =
      slots.size() >= enough_slots_ || (options_.adaptive && slots_wait_.over(step.now));
  if (slots.empty() || !enough)
    return false;
  deploy(keep_places(slots, places_), step);
  return true;
}

void JobMaster::deploy(const std::vector<SlotId>& slots, JobManagerStep& step) {
  const auto parallelism = static_cast<std::uint32_t>(slots.size());
  if (const auto positioned = position_sources(parallelism); !positioned)
    return fail_attempt({positioned.error(), true}, step);
  std::vector<proto::RestoreSubtask> restores;
  if (resume_)
    restores = restore_plan(*resume_, parallelism);
  checkpoints_.note_restored(resume_ ? resume_->info().id() : 0);
  execution_ = std::make_unique<JobAttempt>(services_, id_, attempt_, slots);
  std::ignore = savepoints_.take_drained_in_vain();  // that was another attempt
  places_.clear();
  for (const SlotId& slot : slots)
    places_.push_back(slot.task_manager);
  release_wait_.clear();  // of an earlier attempt, a slot of which never let go
  enough_slots_ = parallelism;
  if (parallelism == spec_.parallelism())
    rescale_.reached();
  execution_->deploy(submission(), prepared_->output_nonces, std::move(restores), step);
  deploy_wait_.set(step.now + services_.options.deploy_timeout);
  enter(proto::JOB_DEPLOYING, step);
  if (parallelism < spec_.parallelism())
    step.log(LogLevel::kWarn, "job_short_of_slots",
             {{"job", id_.hex()},
              {"name", submission().name()},
              {"running", std::to_string(parallelism)},
              {"of", std::to_string(spec_.parallelism())},
              {"waiting", std::to_string(spec_.parallelism() - parallelism)}});
}

void JobMaster::on_deployed(std::uint32_t subtask, JobManagerStep& step) {
  if (!execution_->advance(subtask, SubtaskProgress::kDeployed) || state_ != proto::JOB_DEPLOYING ||
      !execution_->all_reached(SubtaskProgress::kDeployed))
    return;
  deploy_wait_.clear();
  execution_->start(step);
  results_.restart(attempt_, resume_ != nullptr, step);
  checkpoints_.attempt_runs(step.now);
  enter(proto::JOB_RUNNING, step);
}

void JobMaster::on_finished(std::uint32_t subtask, const proto::SubtaskEvent::Finished& result,
                            JobManagerStep& step) {
  if (state_ != proto::JOB_RUNNING || !execution_->advance(subtask, SubtaskProgress::kFinished))
    return;
  execution_->finished(subtask, result, checkpoints_.covered());
  advance(step);
}

void JobMaster::on_persisted(ActionToken token, const Result<void>& outcome, JobManagerStep& step) {
  const bool running = state_ == proto::JOB_RUNNING;
  const auto taken = running ? std::optional(subject()) : std::nullopt;
  if (checkpoints_.on_persisted(token, outcome, taken ? &*taken : nullptr, results_, step)) {
    take_checkpoint_ends(step);
    return advance(step);
  }
  if (spec_journal_.on_persisted(token, outcome, step)) {
    answer_rescales(std::nullopt, step);
    return advance(step);
  }
  if (savepoints_.on_persisted(token, outcome, step)) {
    note_change(step);
    return advance(step);
  }
  const auto entry = journal_.on_persisted(token, outcome, step);
  if (!entry)
    return;
  if (*entry == JournalEntry::kCommit) {
    committer_.emplace(services_, id_, Attempt{commit_.attempt()}, 0, commit_.subtasks());
    results_.release_all(step);
  }
  if (state_ == proto::JOB_CANCELLING)
    cancel_durable_ = true;
  if (*entry == JournalEntry::kEnded) {
    if (end_of(state_) != proto::JOB_FAILED)
      step.out.emplace_back(ReleaseChunks{checkpoints_.all_chunks()});
    enter(end_of(state_), step);
    results_.end(step);
    savepoints_.job_ended(step);
    savepoints_.fail_all("the job has ended", checkpoints_, step);
    answer_rescales(Error(ErrorKind::kUsage, "job " + id_.hex() + " has ended"), step);
  }
  answer_cancels(step);
  advance(step);
}

// ---- time ----

void JobMaster::tick(JobManagerStep& step) {
  journal_.tick(step);
  if (keeps_checkpoints())
    checkpoints_.tick(step);
  if (!is_ending(state_)) {
    spec_journal_.tick(step);
    savepoints_.tick(step);
  }
  savepoints_.pump(checkpoints_, step);
  results_.tick(step);
  answer_watches(step);
  if (step.now >= results_.client_gone_at()) {
    if (!watches_.empty())
      results_.client_seen(step.now);
    else if (may_follow(state_, proto::JOB_CANCELLING) && state_ != proto::JOB_COMMITTING)
      return cancel_for_absent_client(step);
  }
  if (state_ == proto::JOB_DEPLOYING && deploy_wait_.over(step.now))
    return fail_attempt({Error(ErrorKind::kUnreachable,
                               "not all subtasks were deployed within " +
                                   milliseconds_text(services_.options.deploy_timeout) + " ms"),
                         false},
                        step);
  advance(step);
}

Time JobMaster::next_deadline() const {
  Time earliest = std::min({journal_.next_deadline(), results_.next_deadline(),
                            watches_.next_deadline(), deploy_wait_.deadline()});
  earliest = std::min(earliest, savepoints_.next_deadline());
  if (!is_ending(state_))
    earliest = std::min({earliest, spec_journal_.next_deadline(), savepoints_.note_deadline()});
  if (keeps_checkpoints())
    earliest = std::min(earliest, checkpoints_.next_deadline());
  if (state_ == proto::JOB_RUNNING && may_rescale())
    earliest = std::min(earliest, rescale_.due());
  switch (state_) {
    case proto::JOB_CREATED:
      return std::min({earliest, slots_wait_.deadline(), results_.client_gone_at()});
    case proto::JOB_DEPLOYING:
    case proto::JOB_RUNNING:
      return std::min(earliest, results_.client_gone_at());
    case proto::JOB_RESTARTING:
      return std::min(
          {earliest, release_wait_.deadline(), backoff_.deadline(), results_.client_gone_at()});
    case proto::JOB_COMMITTING:
      if (!committer_)
        return earliest;
      if (committer_->done() && cleaned_)
        return earliest;
      if (committer_->done())
        return std::min({earliest, release_wait_.deadline(), results_.client_gone_at()});
      return std::min(earliest, committer_->next_deadline());
    default:
      return std::min({earliest, release_wait_.deadline(), commit_wait_.deadline()});
  }
}

}  // namespace leat::runtime
