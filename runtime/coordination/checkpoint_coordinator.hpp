#pragma once

// The checkpoints of one job over all its attempts: when one begins, who has acknowledged, its commit point,
// its output, which are retained and which chunks live. docs/checkpoints.md tells the whole way.
// Single-threaded, part of a JobMaster; says what failed and fails no attempt itself.
//
// Invariants: one checkpoint is under way at most, and none begins before the output of the one before is
// committed; what was written and refused is taken back before anything else is decided (it may be on disk);
// a chunk is released only when no manifest that a restart could find refers to it.

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "runtime/base/engine_time.hpp"
#include "runtime/base/ids.hpp"
#include "runtime/checkpointing/checkpoint_history.hpp"
#include "runtime/checkpointing/checkpoint_schedule.hpp"
#include "runtime/checkpointing/chunk_references.hpp"
#include "runtime/checkpointing/pending_checkpoint.hpp"
#include "runtime/checkpointing/retained_checkpoints.hpp"
#include "runtime/coordination/chunk_intake.hpp"
#include "runtime/coordination/job_attempt.hpp"
#include "runtime/coordination/job_journal.hpp"
#include "runtime/coordination/job_manager_step.hpp"
#include "runtime/coordination/job_options.hpp"
#include "runtime/coordination/job_results.hpp"
#include "runtime/coordination/job_services.hpp"
#include "runtime/coordination/output_committer.hpp"
#include "runtime/coordination/split_enumerator.hpp"
#include "runtime/metrics/job_manager_figures.hpp"

namespace leat::runtime {

/// What a checkpoint is taken of: a running attempt and what beside it holds its state.
struct CheckpointSubject {
  const proto::SubmitJob& job;
  JobAttempt& attempt;
  const std::vector<std::unique_ptr<SplitEnumerator>>& enumerators;
  JobResults& results;
};

/// A checkpoint somebody asked for, besides those by time.
struct CheckpointWish {
  static constexpr std::uint64_t kRescale = UINT64_MAX;
  std::uint64_t number = 0;  ///< of the asker's choice; comes back with the outcome
  proto::CheckpointKind kind = proto::CHECKPOINT_SAVEPOINT;
  bool end_sources = false;
};

/// What became of a checkpoint.
struct CheckpointEnd {
  std::uint64_t id = 0;
  std::optional<std::uint64_t> wish;
  RetainedCheckpoints::Manifest manifest;  ///< null if it failed
  std::string failure;
};

class CheckpointCoordinator {
 public:
  CheckpointCoordinator(JobServices& services, JobId job, const CheckpointOptions& options);

  /// What the metadata store holds of the job; `commits_noted`: the newest whose output is known to be
  /// committed.
  void recover(RetainedCheckpoints stored, std::uint64_t commits_noted);

  // ---- an attempt
  void attempt_runs(Time now);
  /// Aborts what is under way, unless its manifest is being written.
  void attempt_ends(const JobAttempt* attempt, const std::string& reason, JobManagerStep& step);
  /// Begins what is due, aborts what takes too long; called after every event while the job runs.
  void pump(const CheckpointSubject& subject, JobManagerStep& step);
  void acknowledge(const CheckpointSubject& subject, std::uint32_t subtask,
                   const proto::SubtaskEvent::CheckpointAck& ack, JobManagerStep& step);
  void decline(std::uint32_t subtask, const proto::SubtaskEvent::CheckpointDeclined& declined,
               const JobAttempt& attempt, JobManagerStep& step);
  /// Wishes come before checkpoints by time, in their order.
  void wish(const CheckpointWish& wish) { wishes_.push_back(wish); }
  /// Those that have not begun. With `number`: that one.
  void forget_wishes() { wishes_.clear(); }
  void forget_wish(std::uint64_t number) {
    std::erase_if(wishes_, [number](const CheckpointWish& wish) { return wish.number == number; });
  }
  /// No further one begins, as the job is to end with the newest.
  void hold(bool held) { held_ = held; }
  /// One by time as soon as the pause allows it.
  void request_early() { schedule_.request(); }

  // ---- chunks
  [[nodiscard]] bool wants_chunk(std::uint32_t subtask, std::uint64_t checkpoint) const;
  /// False if nobody refers to the chunk: the caller releases it.
  [[nodiscard]] bool chunk_stored(const ChunkSource& source, ChunkId id, JobManagerStep& step);
  void chunk_refused(const ChunkSource& source, const Error& error, const JobAttempt* attempt,
                     JobManagerStep& step);
  /// Found to be missing or damaged: what refers to them is no base and is not restored from.
  void chunks_lost(const std::set<ChunkId>& chunks);

  // ---- output
  void committed(std::uint64_t checkpoint, std::uint32_t subtask);
  /// True if the answer counts.
  bool commit_failed(std::uint64_t checkpoint, std::uint32_t subtask, Incarnation by,
                     const std::string& reason, JobManagerStep& step);
  void task_manager_lost(Incarnation task_manager);
  /// It has been asked to commit something and has not answered.
  [[nodiscard]] bool commits_at(Incarnation task_manager) const {
    return committer_ && committer_->waits_for(task_manager);
  }
  /// Sends what is due of the newest checkpoint's commits. True when they are all acknowledged.
  bool pump_commits(JobManagerStep& step);
  [[nodiscard]] bool all_committed() const { return !committer_; }
  [[nodiscard]] bool commits_in_trouble() const { return committer_ && committer_->in_trouble(); }
  /// Output of the newest checkpoint not known to be committed: the caller commits it from now on.
  [[nodiscard]] std::vector<proto::SubtaskCommit> take_uncommitted();

  // ---- recovery
  /// No write is under way whose outcome decides which checkpoint is the newest.
  [[nodiscard]] bool settled() const { return !writing_ && !forget_.pending(); }
  /// Where the job goes on from, its commits begun unless they are known to be done; null: from its beginning. An error if it must not go on from anything
  /// that is there. Precondition: settled().
  [[nodiscard]] Result<RetainedCheckpoints::Manifest> resume_point(const proto::Plan& plan,
                                                                   JobManagerStep& step);
  /// The newest one's output, unless it is known to be committed, of a job that does not go on.
  void repeat_commits();
  /// A subtask found it damaged. In one attempt that may be a mishap; in a second one it counts.
  void report_damage(std::uint64_t checkpoint, Attempt attempt, const std::string& reason);
  void note_restored(std::uint64_t checkpoint) { restored_ = checkpoint; }

  // ---- the store
  /// True if the write was of a checkpoint. `subject`: null if no attempt runs.
  bool on_persisted(ActionToken token, const Result<void>& outcome,
                    const CheckpointSubject* subject, JobResults& results, JobManagerStep& step);
  void tick(JobManagerStep& step);
  [[nodiscard]] Time next_deadline() const;
  /// Deletes every key of the job's checkpoints; for the write that ends the job.
  void append_deletions(StorePairs& writes) const;
  /// Chunks that the job holds, to be released when those deletions are durable.
  [[nodiscard]] std::vector<ChunkId> all_chunks() const { return references_.all(); }
  [[nodiscard]] const RetainedCheckpoints& retained() const { return retained_; }

  // ---- what came of it
  [[nodiscard]] std::vector<CheckpointEnd> take_ended() { return std::exchange(ended_, {}); }
  /// More failed in a row than is tolerated.
  [[nodiscard]] std::optional<Error> take_failure() {
    return std::exchange(failure_, std::nullopt);
  }
  [[nodiscard]] bool under_way() const { return pending_.has_value(); }
  [[nodiscard]] bool enabled() const { return options_.enabled(); }
  [[nodiscard]] std::uint64_t completed_count() const { return completed_; }
  [[nodiscard]] std::uint64_t failed_count() const { return failed_; }
  [[nodiscard]] std::optional<CheckpointFigures> last_completed() const;
  void list(proto::CheckpointList& into) const;
  void note_savepoint_path(std::uint64_t checkpoint, const std::string& path);
  /// Committables of the newest complete checkpoint: a subtask that finished meanwhile repeats them.
  [[nodiscard]] const std::set<std::string>& covered() const { return covered_; }
  /// Keeps a manifest's chunks whatever happens to it, until unpin().
  void pin(const proto::StoredCheckpoint& manifest);
  void unpin(const proto::StoredCheckpoint& manifest, JobManagerStep& step);

 private:
  void begin(const CheckpointSubject& subject, JobManagerStep& step);
  void send_triggers(const CheckpointSubject& subject, bool end_sources, JobManagerStep& step);
  void fail(const std::string& reason, const JobAttempt* attempt, JobManagerStep& step);
  void give_up_pending(const std::string& reason, const JobAttempt* attempt, JobManagerStep& step);
  void write_manifest(const CheckpointSubject& subject, JobManagerStep& step);
  void complete(const CheckpointSubject* subject, JobResults& results, JobManagerStep& step);
  void refused(const Error& error, const JobAttempt* attempt, JobManagerStep& step);
  void begin_commits(const RetainedCheckpoints::Manifest& manifest);
  /// Old manifests go, and the commits are noted.
  void note_commits(JobManagerStep& step);
  void release(const std::vector<ChunkId>& chunks, JobManagerStep& step) const;
  void set_covered(const proto::StoredCheckpoint& manifest);
  void log(LogLevel level, const char* event, const proto::CheckpointInfo& info,
           JobManagerStep& step) const;

  JobServices& services_;
  const JobId job_;
  const CheckpointOptions options_;
  CheckpointSchedule schedule_;
  ChunkReferences references_;
  RetainedCheckpoints retained_;
  std::vector<RetainedCheckpoints::Entry> retiring_;  // their deletion is not durable yet
  std::size_t retiring_noted_ = 0;                    // so many of them are in note_'s write
  CheckpointHistory history_;
  std::deque<CheckpointWish> wishes_;

  std::optional<PendingCheckpoint> pending_;
  std::optional<std::uint64_t> under_way_wish_;  // the wish that pending_ fulfils
  std::optional<ActionToken> writing_;           // pending_'s manifest
  JobJournal forget_;                            // takes back a manifest whose write was refused
  std::set<ChunkId> doubtful_;                   // its chunks
  std::uint64_t doubtful_id_ = 0;
  JobJournal note_;

  std::uint64_t last_id_ = 0;
  std::uint64_t commits_noted_ = 0;  // or known to be done
  std::uint64_t restored_ = 0;
  std::optional<OutputCommitter> committer_;
  std::uint64_t committing_ = 0;  // the checkpoint committer_ works for
  std::set<std::string> covered_;
  std::map<std::uint64_t, Attempt> damage_reported_;  // by checkpoint: the first attempt that did

  bool held_ = false;
  bool waits_for_time_ = false;  // nothing else keeps the next one from beginning
  std::uint32_t failed_in_a_row_ = 0;
  std::uint64_t completed_ = 0;  // those found at the start count
  std::uint64_t failed_ = 0;
  std::optional<Error> failure_;
  std::vector<CheckpointEnd> ended_;
};

}  // namespace leat::runtime
