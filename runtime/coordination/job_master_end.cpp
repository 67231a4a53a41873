// JobMaster: the commit point and what follows it, and the end of jobs that are cancelled or have failed.

#include <algorithm>
#include <tuple>
#include <utility>

#include "runtime/base/check.hpp"
#include "runtime/coordination/duration_text.hpp"
#include "runtime/coordination/job_master.hpp"

namespace leat::runtime {

namespace {

/// Output of the newest checkpoint that was still being committed when the job ended.
void add_output(proto::StoredCommit& commit, const std::vector<proto::SubtaskCommit>& more) {
  for (const proto::SubtaskCommit& part : more) {
    auto* const known = commit.mutable_subtasks();
    const auto same = std::find_if(known->begin(), known->end(), [&part](const auto& other) {
      return other.subtask() == part.subtask();
    });
    if (same == known->end())
      *commit.add_subtasks() = part;
    else
      same->mutable_committables()->MergeFrom(part.committables());
  }
}

}  // namespace

proto::JobState JobMaster::end_of(proto::JobState state) {
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

// Output of the newest checkpoint becomes visible as a whole, also of a job that does not go on.
void JobMaster::finish_commits(Time now) {
  checkpoints_.repeat_commits();
  commit_wait_.set(now + services_.options.release_timeout);
}

void JobMaster::advance_ending(JobManagerStep& step) {
  const bool waited = commit_wait_.over(step.now);
  // Commits that are due do not wait for slots, nor would their alarm.
  const bool committed = cleaned_ || checkpoints_.pump_commits(step);
  // A preparation under way would leave its files behind after the cleaning.
  if (!slots_let_go(step) || preparing_ || cleaned_ || !checkpoints_.settled())
    return;
  const bool awaits_task_manager = services_.task_managers.all().empty() && !waited;
  if (!committed && (awaits_task_manager || !checkpoints_.commits_in_trouble()))
    return;
  // A checkpoint that is kept may still need what it prepared.
  write_end(committed || state_ == proto::JOB_CANCELLING, step);
}

void JobMaster::advance_commit(JobManagerStep& step) {
  if (!committer_)
    return;  // the commit point is not durable yet
  committer_->pump(step);
  if (!committer_->done() || cleaned_)
    return;
  if (!release_wait_.is_set())
    release_slots(step);
  // Subtasks of a job that is stopped are still at work; what they have in progress is cleaned up behind
  // them.
  const bool at_work = execution_ && !execution_->all_reached(SubtaskProgress::kFinished);
  std::ignore = release_wait_.over(step.now);  // it holds up nothing else
  if (at_work && !slots_let_go(step))
    return;
  if (!results_.drained() && step.now < results_.client_gone_at())
    return;
  write_end(true, step);
}

void JobMaster::begin_commit(JobManagerStep& step) {
  commit_ = execution_->commit();
  make_last_commit(step);
}

void JobMaster::make_last_commit(JobManagerStep& step) {
  add_output(commit_, checkpoints_.take_uncommitted());
  results_.save_all(commit_);
  records_in_ = execution_->records_in();
  records_out_ = execution_->records_out();
  cleaned_ = false;
  enter(proto::JOB_COMMITTING, step);
  if (commit_.subtasks().empty() && commit_.rows().empty()) {
    // Nothing becomes visible: the end is the only thing to store.
    committer_.emplace(services_, id_, attempt_, 0, commit_.subtasks());
    return advance_commit(step);
  }
  journal_.write(JournalEntry::kCommit,
                 {{commit_key(id_), commit_.SerializeAsString()},
                  {status_key(id_), stored_status(state_, attempt_, step.now)}},
                 step);
}

void JobMaster::write_end(bool cleans_up, JobManagerStep& step) {
  cleaned_ = true;
  StorePairs writes{{spec_key(id_), {}},
                    {commit_key(id_), {}},
                    {savepoints_key(id_), {}},
                    {status_key(id_), stored_status(end_of(state_), attempt_, step.now)}};
  if (end_of(state_) != proto::JOB_FAILED)
    checkpoints_.append_deletions(writes);
  if (cleans_up) {
    clean_outputs(CleanUp::kJob, step);
    proto::StoredCleanUp left;
    *left.mutable_plan() = submission().plan();
    left.set_attempt(number(attempt_));
    writes.emplace_back(clean_up_key(id_), left.SerializeAsString());
  }
  journal_.write(JournalEntry::kEnded, std::move(writes), step);
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

}  // namespace leat::runtime
