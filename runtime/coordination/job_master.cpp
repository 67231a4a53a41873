#include "runtime/coordination/job_master.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include "runtime/base/check.hpp"
#include "runtime/coordination/duration_text.hpp"
#include "runtime/coordination/error_info.hpp"
#include "runtime/coordination/job_state.hpp"
#include "runtime/coordination/placement.hpp"

namespace leat::runtime {

namespace {

RestartPolicy restart_policy(JobServices& services) {
  RestartBackoffOptions backoff;
  // Configured by people: no wait at all, or a maximum below the first wait, is no reason to end.
  backoff.initial = std::max<Duration>(services.options.restart_backoff_initial, Duration(1));
  backoff.max = std::max(services.options.restart_backoff_max, backoff.initial);
  const std::uint32_t attempts = std::max(services.options.restart_attempts, 1U);
  return {backoff, FailureWindow(attempts - 1, FailureWindow::kForever), services.random()};
}

/// Grows over restarts of the JobManager too, as clients compare it with what they saw before.
std::uint64_t first_version(Epoch epoch) {
  return (number(epoch) << 32U) + 1;
}

proto::JobState end_of(proto::JobState state) {
  switch (state) {
    case proto::JOB_COMMITTING:
      return proto::JOB_FINISHED;
    case proto::JOB_CANCELLING:
      return proto::JOB_CANCELED;
    default:
      LEAT_CHECK(state == proto::JOB_FAILING);
      return proto::JOB_FAILED;
  }
}

}  // namespace

JobMaster::JobMaster(JobServices& services, JobId id, proto::StoredJobSpec spec,
                     PreparedJob prepared, JobManagerStep& step)
    : services_(services),
      id_(id),
      spec_(std::move(spec)),
      version_(first_version(services.epoch)),
      prepared_(std::move(prepared)),
      restart_policy_(restart_policy(services)),
      journal_(services, id),
      results_(services, id, spec_.submission(), step.now),
      enough_slots_(spec_.parallelism()) {
  step.log(LogLevel::kInfo, "job_submitted",
           {{"job", id_.hex()},
            {"name", submission().name()},
            {"parallelism", std::to_string(spec_.parallelism())}});
}

JobMaster::JobMaster(JobServices& services, const StoredJob& stored, JobManagerStep& step)
    : services_(services),
      id_(stored.id),
      spec_(stored.spec.value()),
      attempt_(Attempt{stored.status.attempt()}),
      version_(first_version(services.epoch)),
      restarts_(stored.status.restarts()),
      restart_policy_(restart_policy(services)),
      journal_(services, id_),
      results_(services, id_, spec_.submission(), step.now),
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
            {"last_attempt", std::to_string(number(attempt_))}});
  if (state_ == proto::JOB_CANCELLING) {
    cancel_durable_ = true;
  } else if (stored.commit) {
    state_ = proto::JOB_COMMITTING;
    commit_ = *stored.commit;
    committer_.emplace(services_, id_, commit_);
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
      if (execution_->all_reached(SubtaskProgress::kFinished) && results_.drained())
        begin_commit(step);
      return;
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

void JobMaster::advance_restart(JobManagerStep& step) {
  const bool waited = backoff_.over(step.now);
  if (!slots_let_go(step))
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
  if (execution_)
    execution_->report_unreachable(step.now);
  execution_.reset();
  slots_wait_.clear();
  enter(proto::JOB_CREATED, step);
}

void JobMaster::advance_ending(JobManagerStep& step) {
  // A preparation under way would leave its files behind after the cleaning.
  if (!slots_let_go(step) || preparing_ || std::exchange(cleaned_, true))
    return;
  clean_outputs(CleanUp::kJob, step);
  write_end(step);
}

void JobMaster::advance_commit(JobManagerStep& step) {
  if (!committer_)
    return;  // the commit point is not durable yet
  committer_->pump(step);
  if (!committer_->done() || std::exchange(cleaned_, true))
    return;
  release_slots(step);
  clean_outputs(CleanUp::kJob, step);
  write_end(step);
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
  if (slots.empty() || (slots.size() < enough_slots_ && !slots_wait_.over(step.now)))
    return false;
  deploy(slots, step);
  return true;
}

void JobMaster::deploy(const std::vector<SlotId>& slots, JobManagerStep& step) {
  const auto parallelism = static_cast<std::uint32_t>(slots.size());
  execution_ = std::make_unique<JobAttempt>(services_, id_, attempt_, slots);
  enough_slots_ = parallelism;
  for (const auto& enumerator : prepared_->enumerators)
    enumerator->reset(parallelism);
  execution_->deploy(submission(), prepared_->output_nonces, step);
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
  results_.restart(attempt_, step);
  enter(proto::JOB_RUNNING, step);
}

void JobMaster::on_finished(std::uint32_t subtask, const proto::SubtaskEvent::Finished& result,
                            JobManagerStep& step) {
  if (state_ != proto::JOB_RUNNING || !execution_->advance(subtask, SubtaskProgress::kFinished))
    return;
  execution_->finished(subtask, result);
  advance(step);
}

void JobMaster::begin_commit(JobManagerStep& step) {
  commit_ = execution_->commit();
  records_in_ = execution_->records_in();
  records_out_ = execution_->records_out();
  cleaned_ = false;
  enter(proto::JOB_COMMITTING, step);
  if (commit_.subtasks().empty()) {  // nothing becomes visible: the end is the only thing to store
    committer_.emplace(services_, id_, commit_);
    return advance_commit(step);
  }
  journal_.write(JournalEntry::kCommit,
                 {{commit_key(id_), commit_.SerializeAsString()},
                  {status_key(id_), stored_status(state_, attempt_, step.now)}},
                 step);
}

void JobMaster::write_end(JobManagerStep& step) {
  journal_.write(JournalEntry::kEnded,
                 {{spec_key(id_), {}},
                  {commit_key(id_), {}},
                  {status_key(id_), stored_status(end_of(state_), attempt_, step.now)}},
                 step);
}

void JobMaster::on_persisted(ActionToken token, const Result<void>& outcome, JobManagerStep& step) {
  const auto entry = journal_.on_persisted(token, outcome, step);
  if (!entry)
    return;
  if (*entry == JournalEntry::kCommit)
    committer_.emplace(services_, id_, commit_);
  if (state_ == proto::JOB_CANCELLING)
    cancel_durable_ = true;
  if (*entry == JournalEntry::kEnded) {
    enter(end_of(state_), step);
    results_.end(step);
  }
  answer_cancels(step);
  advance(step);
}

// ---- time ----

void JobMaster::tick(JobManagerStep& step) {
  journal_.tick(step);
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

void JobMaster::cancel_for_absent_client(JobManagerStep& step) {
  failure_ = FailureCause{
      Error(ErrorKind::kCancelled, "the client that the results are for has not asked for " +
                                       milliseconds_text(services_.options.client_timeout) + " ms"),
      true};
  step.log(LogLevel::kWarn, "client_gone",
           {{"job", id_.hex()}, {"name", submission().name()}, {"action", "cancel"}});
  begin_cancelling(step);
}

Time JobMaster::next_deadline() const {
  Time earliest = std::min({journal_.next_deadline(), results_.next_deadline(),
                            watches_.next_deadline(), deploy_wait_.deadline()});
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
      return committer_ ? std::min(earliest, committer_->next_deadline()) : earliest;
    default:
      return std::min(earliest, release_wait_.deadline());
  }
}

}  // namespace leat::runtime
