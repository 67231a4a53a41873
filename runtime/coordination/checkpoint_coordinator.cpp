#include "runtime/coordination/checkpoint_coordinator.hpp"

#include <algorithm>
#include <chrono>

#include "runtime/base/check.hpp"
#include "runtime/base/mutation.hpp"
#include "runtime/checkpointing/pieces.hpp"
#include "runtime/coordination/duration_text.hpp"
#include "runtime/coordination/stored_jobs.hpp"

namespace leat::runtime {

namespace {

std::uint64_t milliseconds(Duration duration) {
  return static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::milliseconds>(duration).count());
}

}  // namespace

CheckpointCoordinator::CheckpointCoordinator(JobServices& services, JobId job,
                                             const CheckpointOptions& options)
    : services_(services),
      job_(job),
      options_(options),
      schedule_(options.interval, options.min_pause),
      forget_(services, job),
      note_(services, job) {}

void CheckpointCoordinator::recover(RetainedCheckpoints stored, std::uint64_t commits_noted) {
  retained_ = std::move(stored);
  commits_noted_ = commits_noted;
  last_id_ = std::max(retained_.newest_id(), commits_noted);
  completed_ = retained_.entries().size();
  for (const RetainedCheckpoints::Entry& entry : retained_.entries()) {
    if (!entry.manifest)
      continue;
    references_.add(chunks_of(*entry.manifest));
    history_.note(entry.manifest->info());
  }
}

// ---- an attempt ----

void CheckpointCoordinator::attempt_runs(Time now) {
  schedule_.start(now);
  failed_in_a_row_ = 0;
  failure_.reset();
}

void CheckpointCoordinator::attempt_ends(const JobAttempt* attempt, const std::string& reason,
                                         JobManagerStep& step) {
  waits_for_time_ = false;
  failure_.reset();
  if (pending_ && !writing_)
    give_up_pending(reason, attempt, step);
}

void CheckpointCoordinator::pump(const CheckpointSubject& subject, JobManagerStep& step) {
  waits_for_time_ = false;
  const bool committed = pump_commits(step);
  if (pending_ && !writing_ && step.now >= pending_->began() + options_.timeout)
    fail("it was not complete within " + milliseconds_text(options_.timeout) + " ms (" +
             std::to_string(pending_->info().acknowledged()) + " of " +
             std::to_string(pending_->info().subtasks()) + " subtasks had acknowledged)",
         &subject.attempt, step);
  const bool possible = committed && !held_ && !pending_ && settled() &&
                        subject.attempt.all_reached(SubtaskProgress::kRunning);
  if (!possible)
    return;
  if (!wishes_.empty() || step.now >= schedule_.due())
    begin(subject, step);
  else
    waits_for_time_ = true;
}

void CheckpointCoordinator::begin(const CheckpointSubject& subject, JobManagerStep& step) {
  CheckpointWish wish{0, proto::CHECKPOINT_PERIODIC, false};
  if (!wishes_.empty()) {
    wish = wishes_.front();
    wishes_.pop_front();
    under_way_wish_ = wish.number;
  }
  proto::StoredCheckpoint manifest;
  manifest.mutable_info()->set_id(++last_id_);
  manifest.mutable_info()->set_kind(wish.kind);
  manifest.mutable_info()->set_trigger_time_ms(services_.unix_ms(step.now));
  manifest.set_attempt(number(subject.attempt.attempt()));
  manifest.set_parallelism(subject.attempt.parallelism());
  manifest.set_max_parallelism(subject.job.plan().max_parallelism());
  *manifest.mutable_plan() = subject.job.plan();
  manifest.set_job_id(job_.hex());
  manifest.set_job_name(subject.job.name());
  // In the handler that sends the triggers: a split is before the barrier on both sides, or after it.
  for (std::size_t i = 0; i < subject.enumerators.size(); ++i) {
    proto::SourceSnapshot& source = *manifest.add_sources();
    source.set_uid(subject.job.plan().sources(static_cast<int>(i)).uid());
    source.set_enumerator(subject.enumerators[i]->snapshot());
  }
  pending_.emplace(std::move(manifest), retained_.base(), subject.attempt.parallelism(), step.now);
  schedule_.began(step.now);
  history_.note(pending_->info());
  subject.results.checkpoint_begins(pending_->id(), subject.attempt, step);
  send_triggers(subject, wish.end_sources, step);
  log(LogLevel::kDebug, "checkpoint_triggered", pending_->info(), step);
}

void CheckpointCoordinator::send_triggers(const CheckpointSubject& subject, bool end_sources,
                                          JobManagerStep& step) {
  proto::TriggerCheckpoint trigger;
  trigger.set_checkpoint(pending_->id());
  if (const auto base = retained_.base())
    trigger.set_base(base->info().id());
  if (LEAT_MUTATION(base_of_aborted))
    trigger.set_base(pending_->id() - 1);
  trigger.set_kind(pending_->kind());
  const bool by_time = pending_->kind() == proto::CHECKPOINT_PERIODIC;
  const bool exactly_once = options_.mode == CheckpointMode::kExactlyOnce;
  trigger.set_align(exactly_once || !by_time);
  if (by_time && exactly_once)
    trigger.set_aligned_timeout_ms(
        static_cast<std::uint32_t>(milliseconds(options_.aligned_timeout)));
  const std::uint32_t of_job =
      std::max(options_.chunk_window / subject.attempt.parallelism(), std::uint32_t{1});
  services_.checkpointing_subtasks[job_] = subject.attempt.parallelism();
  std::size_t all = 0;
  for (const auto& [job, subtasks] : services_.checkpointing_subtasks)
    all += subtasks;
  trigger.set_chunk_window(std::min(of_job, ChunkIntake::window(all)));
  trigger.set_end_sources(end_sources);
  subject.attempt.send_to_all(trigger, step);
}

void CheckpointCoordinator::acknowledge(const CheckpointSubject& subject, std::uint32_t subtask,
                                        const proto::SubtaskEvent::CheckpointAck& ack,
                                        JobManagerStep& step) {
  if (!pending_ || writing_)
    return;
  proto::SubtaskEvent::CheckpointAck all = ack;
  for (const proto::Committable& committable :
       subject.attempt.finished_output(subtask).committables()) {
    const auto& known = all.snapshot().committables();
    const bool repeated = std::any_of(known.begin(), known.end(), [&](const auto& other) {
      return other.sink_uid() == committable.sink_uid() && other.handle() == committable.handle();
    });
    if (!repeated && !LEAT_MUTATION(finished_output_forgotten))
      *all.mutable_snapshot()->add_committables() = committable;
  }
  const AckOutcome outcome = pending_->acknowledge(subtask, all);
  if (outcome == AckOutcome::kDuplicate || outcome == AckOutcome::kUnknown)
    return;
  if (outcome == AckOutcome::kBaseless)
    return fail("subtask " + std::to_string(subtask) +
                    " says what has changed since a checkpoint that does not have it",
                &subject.attempt, step);
  for (const ChunkId chunk : chunks_of(all.snapshot())) {
    if (!pending_->stored().contains(chunk))
      return fail("subtask " + std::to_string(subtask) + " refers to chunk " + to_string(chunk) +
                      ", which is not of this checkpoint",
                  &subject.attempt, step);
  }
  if (outcome == AckOutcome::kCompleted)
    write_manifest(subject, step);
}

void CheckpointCoordinator::decline(std::uint32_t subtask,
                                    const proto::SubtaskEvent::CheckpointDeclined& declined,
                                    const JobAttempt& attempt, JobManagerStep& step) {
  if (pending_ && !writing_ && declined.checkpoint() == pending_->id())
    fail("subtask " + std::to_string(subtask) + " declined it: " + declined.reason(), &attempt,
         step);
}

// ---- failing ----

void CheckpointCoordinator::fail(const std::string& reason, const JobAttempt* attempt,
                                 JobManagerStep& step) {
  give_up_pending(reason, attempt, step);
  ++failed_in_a_row_;
  if (options_.tolerable_failures && failed_in_a_row_ > *options_.tolerable_failures)
    failure_ =
        Error(ErrorKind::kIo, std::to_string(failed_in_a_row_) +
                                  " checkpoints failed in a row, the last one because " + reason);
}

void CheckpointCoordinator::give_up_pending(const std::string& reason, const JobAttempt* attempt,
                                            JobManagerStep& step) {
  LEAT_CHECK(pending_ && !writing_);
  proto::CheckpointInfo info = pending_->info();
  info.set_status(proto::CHECKPOINT_FAILED);
  info.set_failure(reason);
  info.set_duration_ms(milliseconds(step.now - pending_->began()));
  history_.note(info);
  log(LogLevel::kWarn, "checkpoint_failed", info, step);
  if (attempt != nullptr) {
    proto::AbortCheckpoint abort;
    abort.set_checkpoint(info.id());
    attempt->send_to_all(abort, step);
  }
  services_.intake.drop(job_, info.id());
  services_.checkpointing_subtasks.erase(job_);
  release(references_.remove(pending_->stored()), step);
  pending_.reset();
  schedule_.ended(step.now);
  ++failed_;
  ++services_.counters.checkpoints_failed;
  ended_.push_back({info.id(), std::exchange(under_way_wish_, std::nullopt), nullptr, reason});
}

// ---- chunks ----

bool CheckpointCoordinator::wants_chunk(std::uint32_t subtask, std::uint64_t checkpoint) const {
  return pending_ && !writing_ && pending_->id() == checkpoint &&
         !pending_->has_acknowledged(subtask);
}

bool CheckpointCoordinator::chunk_stored(const ChunkSource& source, ChunkId id,
                                         JobManagerStep& step) {
  if (!wants_chunk(source.subtask.subtask, source.checkpoint))
    return false;
  references_.add(id);
  pending_->add_chunk(id, source.bytes);
  proto::ChunkStored stored;
  *stored.mutable_ref() = to_ref(services_.epoch, source.subtask);
  stored.set_checkpoint(source.checkpoint);
  stored.set_sequence(source.sequence);
  stored.set_epoch(id.epoch);
  stored.set_counter(id.counter);
  step.send(source.task_manager, std::move(stored));
  return true;
}

void CheckpointCoordinator::chunk_refused(const ChunkSource& source, const Error& error,
                                          const JobAttempt* attempt, JobManagerStep& step) {
  if (pending_ && !writing_ && pending_->id() == source.checkpoint)
    fail("its chunks could not be stored: " + error.message(), attempt, step);
}

void CheckpointCoordinator::chunks_lost(const std::set<ChunkId>& chunks) {
  retained_.mark_lost(chunks);
}

void CheckpointCoordinator::release(const std::vector<ChunkId>& chunks,
                                    JobManagerStep& step) const {
  if (!chunks.empty())
    step.out.emplace_back(ReleaseChunks{chunks});
}

void CheckpointCoordinator::pin(const proto::StoredCheckpoint& manifest) {
  references_.add(chunks_of(manifest));
}

void CheckpointCoordinator::unpin(const proto::StoredCheckpoint& manifest, JobManagerStep& step) {
  release(references_.remove(chunks_of(manifest)), step);
}

// ---- time ----

void CheckpointCoordinator::tick(JobManagerStep& step) {
  forget_.tick(step);
  note_.tick(step);
}

Time CheckpointCoordinator::next_deadline() const {
  Time earliest = std::min(forget_.next_deadline(), note_.next_deadline());
  if (committer_)
    earliest = std::min(earliest, committer_->next_deadline());
  if (pending_ && !writing_)
    earliest = std::min(earliest, pending_->began() + options_.timeout);
  if (waits_for_time_)
    earliest = std::min(earliest, schedule_.due());
  return earliest;
}

void CheckpointCoordinator::log(LogLevel level, const char* event,
                                const proto::CheckpointInfo& info, JobManagerStep& step) const {
  step.log(level, event,
           {{"job", job_.hex()},
            {"checkpoint", std::to_string(info.id())},
            {"kind", info.kind() == proto::CHECKPOINT_PERIODIC    ? "periodic"
                     : info.kind() == proto::CHECKPOINT_SAVEPOINT ? "savepoint"
                                                                  : "rescale"},
            {"state_bytes", std::to_string(info.state_bytes())},
            {"sent_bytes", std::to_string(info.sent_bytes())},
            {"duration_ms", std::to_string(info.duration_ms())},
            {"reason", info.failure()}});
}

void CheckpointCoordinator::list(proto::CheckpointList& into) const {
  for (const proto::CheckpointInfo& info : history_.newest_first()) {
    proto::CheckpointInfo& listed = *into.add_checkpoints();
    listed = info;
    const auto& entries = retained_.entries();
    listed.set_retained(std::any_of(entries.begin(), entries.end(), [&](const auto& entry) {
      return entry.id == info.id() && entry.damage.empty();
    }));
  }
  if (pending_) {
    for (proto::CheckpointInfo& listed : *into.mutable_checkpoints()) {
      if (listed.id() == pending_->id())
        listed.set_acknowledged(pending_->info().acknowledged());
    }
  }
  into.set_restored(restored_);
}

std::optional<CheckpointFigures> CheckpointCoordinator::last_completed() const {
  for (const proto::CheckpointInfo& info : history_.newest_first()) {
    if (info.status() == proto::CHECKPOINT_COMPLETED)
      return CheckpointFigures{info.id(), info.duration_ms(), info.state_bytes(),
                               info.sent_bytes()};
  }
  return std::nullopt;
}

void CheckpointCoordinator::note_savepoint_path(std::uint64_t checkpoint, const std::string& path) {
  for (const proto::CheckpointInfo& known : history_.newest_first()) {
    if (known.id() != checkpoint)
      continue;
    proto::CheckpointInfo info = known;
    info.set_path(path);
    return history_.note(info);
  }
}

}  // namespace leat::runtime
