// JobMaster: what a failure costs, and what is cleaned up after it. The states are in job_master.cpp.

#include <optional>
#include <string>
#include <utility>

#include "runtime/coordination/duration_text.hpp"
#include "runtime/coordination/job_master.hpp"

namespace leat::runtime {

void JobMaster::fail_attempt(const FailureCause& cause, JobManagerStep& step) {
  failure_ = cause;
  checkpoints_.attempt_ends(execution_.get(), "the attempt failed: " + cause.error.message(), step);
  take_checkpoint_ends(step);
  release_slots(step);
  cleaned_ = false;
  resume_decided_ = false;
  forget_rescale();
  const auto delay = cause.final ? std::nullopt : restart_policy_.on_failure(step.now);
  if (delay) {
    ++restarts_;
    ++services_.counters.job_restarts;
    if (state_ != proto::JOB_RESTARTING)
      enter(proto::JOB_RESTARTING, step);
    return restart_after(*delay, step);
  }
  savepoints_.fail_all("the job has failed", checkpoints_, step);
  enter(proto::JOB_FAILING, step);
  finish_commits(step.now);
  step.log(LogLevel::kError, "job_failed",
           {{"job", id_.hex()},
            {"name", submission().name()},
            {"reason", cause.error.message()},
            {"action", "give_up"},
            {"restarts", std::to_string(restarts_)}});
  journal_.write(JournalEntry::kFailing,
                 {{status_key(id_), stored_status(state_, attempt_, step.now)}}, step);
  advance(step);
}

void JobMaster::restart_after(Duration delay, JobManagerStep& step) {
  const std::uint32_t failures = restart_policy_.failures(step.now);
  step.log(LogLevel::kWarn, "restart",
           {{"job", id_.hex()},
            {"name", submission().name()},
            {"reason", failure_ ? failure_->error.message() : "the JobManager started anew"},
            {"attempt",
             std::to_string(failures + 1) + "/" + std::to_string(restart_policy_.tolerated() + 1)},
            {"backoff_ms", milliseconds_text(delay)}});
  use_up_attempt(delay, step);
}

void JobMaster::use_up_attempt(Duration delay, JobManagerStep& step) {
  backoff_.set(step.now + delay);
  journal_.write(
      JournalEntry::kAttempt,
      {{status_key(id_), stored_status(proto::JOB_RESTARTING, next(attempt_), step.now)}}, step);
  advance(step);
}

void JobMaster::release_slots(JobManagerStep& step) {
  deploy_wait_.clear();
  if (!execution_)
    return;
  execution_->release(step);
  release_wait_.set(step.now + services_.options.release_timeout);
}

bool JobMaster::slots_let_go(JobManagerStep& step) {
  if (!execution_ || execution_->slots_held() == 0) {
    release_wait_.clear();
    return true;
  }
  if (!release_wait_.over(step.now))
    return false;
  if (!cleaned_)
    step.log(LogLevel::kWarn, "slots_stuck",
             {{"job", id_.hex()},
              {"name", submission().name()},
              {"slots", std::to_string(execution_->slots_held())},
              {"action", "go_on_without"}});
  return true;
}

void JobMaster::prepare(JobManagerStep& step) {
  preparing_ = services_.actions.issue(id_);
  step.out.emplace_back(PrepareJob{*preparing_, id_, submission().plan(), spec_.parallelism(),
                                   resume_ ? prepare_from(*resume_) : PrepareFrom()});
}

void JobMaster::clean_outputs(CleanUp what, JobManagerStep& step) {
  step.out.emplace_back(CleanOutputs{id_, submission().plan(), attempt_, what == CleanUp::kJob});
}

std::optional<CleanOutputs> JobMaster::last_clean_up() const {
  if (state_ == proto::JOB_FAILED && !checkpoints_.all_committed())
    return std::nullopt;
  return CleanOutputs{id_, submission().plan(), attempt_, true};
}

void JobMaster::on_prepared(ActionToken token, Result<PreparedJob> outcome, JobManagerStep& step) {
  if (preparing_ != token)
    return;
  preparing_.reset();
  if (state_ == proto::JOB_RESTARTING && !outcome)
    return fail_attempt({outcome.error(), false}, step);
  if (outcome)
    prepared_ = std::move(outcome).value();
  advance(step);
}

}  // namespace leat::runtime
