// CheckpointCoordinator: from the last acknowledgement to committed output, and where a job goes on from.

#include <algorithm>
#include <chrono>
#include <utility>

#include "runtime/base/check.hpp"
#include "runtime/base/mutation.hpp"
#include "runtime/checkpointing/pieces.hpp"
#include "runtime/coordination/checkpoint_coordinator.hpp"
#include "runtime/coordination/stored_jobs.hpp"

namespace leat::runtime {

// ---- the commit point ----

void CheckpointCoordinator::write_manifest(const CheckpointSubject& subject, JobManagerStep& step) {
  proto::StoredCheckpoint& manifest = pending_->manifest();
  proto::CheckpointInfo& info = *manifest.mutable_info();
  info.set_status(proto::CHECKPOINT_COMPLETED);
  info.set_duration_ms(static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::milliseconds>(step.now - pending_->began()).count()));
  std::uint64_t bytes = 0;
  for_each_piece(manifest, [&bytes](const StoredPiece& piece) { bytes += piece.length; });
  info.set_state_bytes(bytes);
  subject.results.save(info.id(), manifest);
  for (std::size_t i = 0; LEAT_MUTATION(split_position_late) && i < subject.enumerators.size(); ++i)
    manifest.mutable_sources(static_cast<int>(i))
        ->set_enumerator(subject.enumerators[i]->snapshot());
  writing_ = services_.actions.issue(job_);
  step.out.emplace_back(
      Persist{*writing_, {{checkpoint_key(job_, info.id()), manifest.SerializeAsString()}}});
  if (LEAT_MUTATION(commit_before_manifest)) {
    begin_commits(std::make_shared<const proto::StoredCheckpoint>(manifest));
    std::ignore = pump_commits(step);
  }
}

bool CheckpointCoordinator::on_persisted(ActionToken token, const Result<void>& outcome,
                                         const CheckpointSubject* subject, JobResults& results,
                                         JobManagerStep& step) {
  if (writing_ == token) {
    writing_.reset();
    if (outcome)
      complete(subject, results, step);
    else
      refused(outcome.error(), subject == nullptr ? nullptr : &subject->attempt, step);
    return true;
  }
  if (const auto entry = forget_.on_persisted(token, outcome, step)) {
    release(references_.remove(std::exchange(doubtful_, {})), step);
    doubtful_id_ = 0;
    return true;
  }
  if (const auto entry = note_.on_persisted(token, outcome, step)) {
    // One more may have begun to retire since that was written.
    const auto end = retiring_.begin() + static_cast<std::ptrdiff_t>(retiring_noted_);
    for (auto gone = retiring_.begin(); gone != end; ++gone) {
      if (!gone->manifest)
        continue;
      const std::set<ChunkId> all = chunks_of(*gone->manifest);
      const std::vector<ChunkId> unused = references_.remove(all);
      release(
          LEAT_MUTATION(referenced_chunk_released) ? std::vector(all.begin(), all.end()) : unused,
          step);
    }
    retiring_.erase(retiring_.begin(), end);
    retiring_noted_ = 0;
    return true;
  }
  return false;
}

void CheckpointCoordinator::complete(const CheckpointSubject* subject, JobResults& results,
                                     JobManagerStep& step) {
  const auto manifest =
      std::make_shared<const proto::StoredCheckpoint>(std::move(pending_->manifest()));
  references_.add(chunks_of(*manifest));
  release(references_.remove(pending_->stored()), step);
  pending_.reset();
  services_.checkpointing_subtasks.erase(job_);
  schedule_.ended(step.now);
  failed_in_a_row_ = 0;
  ++completed_;
  ++services_.counters.checkpoints_completed;
  services_.counters.checkpoint_bytes_sent += manifest->info().sent_bytes();
  const std::uint64_t id = manifest->info().id();
  retained_.add(manifest);
  for (RetainedCheckpoints::Entry& old : retained_.trim(options_.num_retained))
    retiring_.push_back(std::move(old));
  history_.note(manifest->info());
  log(LogLevel::kInfo, "checkpoint_completed", manifest->info(), step);
  results.checkpoint_complete(id, subject == nullptr ? nullptr : &subject->attempt, step);
  if (subject != nullptr) {
    set_covered(*manifest);
    subject->attempt.forget_output(covered_);
    proto::CheckpointComplete complete;
    complete.set_checkpoint(id);
    subject->attempt.send_to_all(complete, step);
  }
  begin_commits(manifest);
  ended_.push_back({id, std::exchange(under_way_wish_, std::nullopt), manifest, {}});
  std::ignore = pump_commits(step);
}

void CheckpointCoordinator::set_covered(const proto::StoredCheckpoint& manifest) {
  covered_.clear();
  for (const proto::SubtaskCommit& commit : manifest.commits())
    for (const proto::Committable& committable : commit.committables())
      covered_.insert(committable.SerializeAsString());
}

// The manifest may be on disk all the same: its chunks stay until it is certain that it is not.
void CheckpointCoordinator::refused(const Error& error, const JobAttempt* attempt,
                                    JobManagerStep& step) {
  doubtful_ = chunks_of(pending_->manifest());
  references_.add(doubtful_);
  doubtful_id_ = pending_->id();
  forget_.write(JournalEntry::kCheckpointForgotten, {{checkpoint_key(job_, doubtful_id_), {}}},
                step);
  fail("its manifest could not be stored: " + error.message(), attempt, step);
}

// ---- output ----

void CheckpointCoordinator::begin_commits(const RetainedCheckpoints::Manifest& manifest) {
  const std::uint64_t id = manifest->info().id();
  if (commits_noted_ >= id || committing_ == id)
    return;
  committing_ = id;
  committer_.emplace(services_, job_, Attempt{manifest->attempt()}, id, manifest->commits());
}

bool CheckpointCoordinator::pump_commits(JobManagerStep& step) {
  if (!committer_)
    return true;
  committer_->pump(step);
  if (!committer_->done())
    return false;
  committer_.reset();
  commits_noted_ = committing_;
  note_commits(step);
  return true;
}

void CheckpointCoordinator::note_commits(JobManagerStep& step) {
  StorePairs writes{{committed_key(job_), std::to_string(commits_noted_)}};
  for (const RetainedCheckpoints::Entry& old : retiring_)
    writes.emplace_back(checkpoint_key(job_, old.id), std::string());
  retiring_noted_ = retiring_.size();
  note_.write(JournalEntry::kCommitsNoted, std::move(writes), step);
}

void CheckpointCoordinator::committed(std::uint64_t checkpoint, std::uint32_t subtask) {
  if (committer_ && committing_ == checkpoint)
    committer_->committed(subtask);
}

bool CheckpointCoordinator::commit_failed(std::uint64_t checkpoint, std::uint32_t subtask,
                                          Incarnation by, const std::string& reason,
                                          JobManagerStep& step) {
  return committer_ && committing_ == checkpoint && committer_->failed(subtask, by, reason, step);
}

void CheckpointCoordinator::task_manager_lost(Incarnation task_manager) {
  if (committer_)
    committer_->task_manager_lost(task_manager);
}

std::vector<proto::SubtaskCommit> CheckpointCoordinator::take_uncommitted() {
  if (!committer_)
    return {};
  auto left = committer_->left();
  committer_.reset();
  return left;
}

// ---- recovery ----

Result<RetainedCheckpoints::Manifest> CheckpointCoordinator::resume_point(const proto::Plan& plan,
                                                                          JobManagerStep& step) {
  LEAT_CHECK(settled());
  auto manifest = retained_.resume_point(!commits_output(plan));
  if (!manifest)
    repeat_commits();  // its manifest is its commit point, whatever has become of its chunks
  if (!manifest || !*manifest)
    return manifest;
  const std::uint64_t id = (*manifest)->info().id();
  auto newer = retained_.drop_newer_than(id);
  for (RetainedCheckpoints::Entry& lost : newer) {
    step.log(LogLevel::kError, "checkpoint_damaged",
             {{"job", job_.hex()},
              {"checkpoint", std::to_string(lost.id)},
              {"reason", lost.damage},
              {"action", "fall_back"},
              {"to", std::to_string(id)}});
    retiring_.push_back(std::move(lost));
  }
  if (!newer.empty()) {
    commits_noted_ = id;
    committing_ = id;
    committer_.reset();
    note_commits(step);
  }
  if (!LEAT_MUTATION(commits_not_repeated))
    begin_commits(*manifest);
  return manifest;
}

void CheckpointCoordinator::repeat_commits() {
  const auto& entries = retained_.entries();
  if (!entries.empty() && entries.back().manifest)
    begin_commits(entries.back().manifest);
}

void CheckpointCoordinator::report_damage(std::uint64_t checkpoint, Attempt attempt,
                                          const std::string& reason) {
  const auto [first, added] = damage_reported_.emplace(checkpoint, attempt);
  if (!added && first->second != attempt)
    retained_.mark_damaged(checkpoint, reason);
}

void CheckpointCoordinator::append_deletions(StorePairs& writes) const {
  const auto forget = [&](std::uint64_t id) {
    writes.emplace_back(checkpoint_key(job_, id), std::string());
  };
  for (const RetainedCheckpoints::Entry& entry : retained_.entries())
    forget(entry.id);
  for (const RetainedCheckpoints::Entry& entry : retiring_)
    forget(entry.id);
  if (pending_)
    forget(pending_->id());
  if (doubtful_id_ != 0)
    forget(doubtful_id_);
  writes.emplace_back(committed_key(job_), std::string());
}

}  // namespace leat::runtime
