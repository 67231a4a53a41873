#pragma once

// One job from its acceptance to its end: waits for slots, deploys, starts, commits, restarts after
// failures from the newest checkpoint, cancels (job_state.hpp has the picture; what a checkpoint goes
// through is CheckpointCoordinator's). Single-threaded, owned by the JobManagerCore; reaches the cluster
// through JobServices. Invariants: messages of attempts other than attempt_ change nothing; nothing runs
// under an attempt number that is not durable; after the commit point nothing leads back to the beginning.

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "runtime/base/engine_time.hpp"
#include "runtime/base/ids.hpp"
#include "runtime/coordination/alarm.hpp"
#include "runtime/coordination/checkpoint_coordinator.hpp"
#include "runtime/coordination/failure_cause.hpp"
#include "runtime/coordination/job_attempt.hpp"
#include "runtime/coordination/job_journal.hpp"
#include "runtime/coordination/job_manager_step.hpp"
#include "runtime/coordination/job_options.hpp"
#include "runtime/coordination/job_restart_policy.hpp"
#include "runtime/coordination/job_results.hpp"
#include "runtime/coordination/job_savepoints.hpp"
#include "runtime/coordination/job_services.hpp"
#include "runtime/coordination/long_polls.hpp"
#include "runtime/coordination/output_committer.hpp"
#include "runtime/coordination/prepared_job.hpp"
#include "runtime/coordination/rescale_timer.hpp"
#include "runtime/coordination/stored_jobs.hpp"
#include "runtime/coordination/submissions.hpp"
#include "runtime/metrics/job_manager_figures.hpp"

namespace leat::runtime {

struct LostTaskManager {
  Incarnation incarnation;
  std::string name;
  std::string reason;
  bool leaving = false;  ///< it had said so
};

class JobMaster {
 public:
  /// A job just accepted: its spec and first attempt number are durable.
  JobMaster(JobServices& services, AcceptedJob accepted, JobManagerStep& step);
  /// A job found in the metadata store. Precondition: it has a spec and has not ended.
  JobMaster(JobServices& services, const StoredJob& stored, JobManagerStep& step);

  // Clients.
  void watch(RequestId request, const proto::WatchJob& watch, JobManagerStep& step);
  void fetch(RequestId request, const proto::FetchResults& fetch, JobManagerStep& step);
  void cancel(RequestId request, JobManagerStep& step);
  void trigger_savepoint(RequestId request, const proto::TriggerSavepoint& trigger,
                         JobManagerStep& step);
  void rescale(RequestId request, std::uint32_t parallelism, JobManagerStep& step);

  // The cluster.
  /// Free slots exist and this job is the first that waits for any. False if it goes on waiting,
  /// and later jobs behind it.
  bool try_start(JobManagerStep& step);
  /// So many slots nobody waits for. Returns how many of them this running job is about to take up.
  std::uint32_t offer_slots(std::size_t spare, JobManagerStep& step);
  /// The wait for a full set of slots runs while there is any free slot at all.
  void note_free_slots(std::size_t free, Time now);
  void subtask_event(const SubtaskKey& key, Incarnation from, const proto::SubtaskEvent& event,
                     JobManagerStep& step);
  void task_manager_lost(const LostTaskManager& lost, JobManagerStep& step);
  /// The slots of some TaskManager have been closed.
  void task_manager_leaving(JobManagerStep& step);
  void task_manager_added(JobManagerStep& step);
  void split_request(const SubtaskKey& key, Incarnation from, const proto::SplitRequest& request,
                     JobManagerStep& step);
  void collect_rows(const SubtaskKey& key, Incarnation from, const proto::CollectRows& rows,
                    JobManagerStep& step);
  void metrics(Incarnation from, const proto::SubtaskMetrics& metrics);
  void snapshot_chunk(const SubtaskKey& key, Incarnation from, proto::SnapshotChunk message,
                      JobManagerStep& step);
  void fetch_chunk(const SubtaskKey& key, Incarnation from, const proto::FetchChunk& message,
                   JobManagerStep& step);

  // Background actions.
  void on_persisted(ActionToken token, const Result<void>& outcome, JobManagerStep& step);
  void on_prepared(ActionToken token, Result<PreparedJob> outcome, JobManagerStep& step);
  /// False if nobody refers to the chunk.
  [[nodiscard]] bool on_chunk_stored(const ChunkSource& source, ChunkId id, JobManagerStep& step);
  void on_chunk_refused(const ChunkSource& source, const Error& error, JobManagerStep& step);
  void on_savepoint_written(ActionToken token, const Result<std::string>& outcome,
                            JobManagerStep& step);
  void on_chunk_loaded(ActionToken token, Result<std::string> outcome, JobManagerStep& step);
  /// The store knows what it holds; these are missing or damaged.
  void chunks_lost(const std::set<ChunkId>& chunks, JobManagerStep& step);

  void tick(JobManagerStep& step);
  [[nodiscard]] Time next_deadline() const;

  [[nodiscard]] JobId id() const { return id_; }
  [[nodiscard]] proto::JobState state() const { return state_; }
  [[nodiscard]] const proto::SubmitJob& submission() const { return spec_.submission(); }
  [[nodiscard]] proto::JobStatus status(Time now) const;
  [[nodiscard]] JobFigures figures(Time now) const;
  void list_checkpoints(RequestId request, JobManagerStep& step) const;
  /// What is left in the metadata store when the job has FAILED.
  [[nodiscard]] const RetainedCheckpoints& retained() const { return checkpoints_.retained(); }
  /// What it has cleaned up with at its end; nothing if output that is not committed is kept. Precondition: it
  /// has ended.
  [[nodiscard]] std::optional<CleanOutputs> last_clean_up() const;
  /// Output of it is being committed there.
  [[nodiscard]] bool commits_at(Incarnation task_manager) const;
  /// What the subtask's slot holds can be lost without harm: all subtasks have finished.
  [[nodiscard]] bool is_done_with(const SubtaskKey& subtask) const;
  [[nodiscard]] Attempt rows_label() const { return results_.label(); }

 private:
  struct WatchQuery {
    std::uint64_t known_version = 0;
  };
  enum class CleanUp { kAttempt, kJob };

  void enter(proto::JobState next, JobManagerStep& step);
  /// Something a watching client wants to know.
  void note_change(JobManagerStep& step);
  void answer_watches(JobManagerStep& step);
  /// Moves on if everything the state waits for is there.
  void advance(JobManagerStep& step);
  void advance_running(JobManagerStep& step);
  void advance_restart(JobManagerStep& step);
  void advance_ending(JobManagerStep& step);
  void advance_commit(JobManagerStep& step);

  void deploy(const std::vector<SlotId>& slots, JobManagerStep& step);
  void on_deployed(std::uint32_t subtask, JobManagerStep& step);
  void on_finished(std::uint32_t subtask, const proto::SubtaskEvent::Finished& result,
                   JobManagerStep& step);
  void on_failed(const SubtaskKey& key, Incarnation from, const proto::SubtaskEvent::Failed& failed,
                 JobManagerStep& step);
  void on_released(std::uint32_t subtask, JobManagerStep& step);
  void on_running(std::uint32_t subtask, JobManagerStep& step);
  void on_checkpoint_event(std::uint32_t subtask, const proto::SubtaskEvent& event,
                           JobManagerStep& step);
  void on_committed(const SubtaskKey& key, Incarnation from,
                    const proto::SubtaskEvent::Committed& committed, JobManagerStep& step);

  // Stopping and rescaling: job_master_rescale.cpp.
  void begin_stop(JobManagerStep& step);
  void read_on(JobManagerStep& step);
  void begin_rescale(JobManagerStep& step);
  /// The same without a failure and at once, in the slots there will be.
  void go_on_from_checkpoint(const std::string& reason, JobManagerStep& step);
  void forget_rescale();
  [[nodiscard]] bool may_rescale() const;
  /// Some of its slots are being taken away, and a checkpoint is a way out of them.
  [[nodiscard]] bool must_move() const;
  /// Out of the slots of TaskManagers that leave.
  void move(const std::string& reason, JobManagerStep& step);
  /// With so many slots besides those it keeps.
  [[nodiscard]] std::uint32_t possible_parallelism(std::size_t spare, Time now) const;
  /// Than the present one, with so many slots more.
  [[nodiscard]] std::optional<std::uint32_t> better_parallelism(std::size_t spare, Time now) const;
  void pump_rescale(JobManagerStep& step);
  void answer_rescales(const std::optional<Error>& error, JobManagerStep& step);

  // Checkpoints: job_master_checkpoints.cpp.
  [[nodiscard]] CheckpointSubject subject();
  void take_checkpoint_ends(JobManagerStep& step);
  /// False if the job must not go on from anything there is; then it is FAILING.
  [[nodiscard]] bool decide_resume_point(JobManagerStep& step);
  void go_on_from(RetainedCheckpoints::Manifest point);
  [[nodiscard]] Result<void> position_sources(std::uint32_t parallelism);

  void fail_attempt(const FailureCause& cause, JobManagerStep& step);
  void restart_after(Duration delay, JobManagerStep& step);
  /// The next attempt's number becomes durable while the backoff runs.
  void use_up_attempt(Duration delay, JobManagerStep& step);
  void begin_cancelling(JobManagerStep& step);
  void cancel_for_absent_client(JobManagerStep& step);
  void release_slots(JobManagerStep& step);
  [[nodiscard]] bool slots_let_go(JobManagerStep& step);
  void prepare(JobManagerStep& step);
  void clean_outputs(CleanUp what, JobManagerStep& step);
  void finish_commits(Time now);
  void begin_commit(JobManagerStep& step);
  /// commit_ and what else has to become visible; the commit point is under way.
  void make_last_commit(JobManagerStep& step);
  void write_end(bool cleans_up, JobManagerStep& step);
  /// FINISHED after COMMITTING and so on.
  [[nodiscard]] static proto::JobState end_of(proto::JobState state);
  void answer_cancels(JobManagerStep& step);
  /// The status to store, with `attempt` as the number used up.
  [[nodiscard]] std::string stored_status(proto::JobState state, Attempt attempt, Time now) const;
  [[nodiscard]] bool active() const;  // DEPLOYING or RUNNING
  [[nodiscard]] bool needs_its_slots() const;
  [[nodiscard]] bool keeps_checkpoints() const;

  JobServices& services_;
  const JobId id_;
  proto::StoredJobSpec spec_;
  const JobOptions options_;
  proto::JobState state_ = proto::JOB_CREATED;
  Attempt attempt_{1};
  std::uint64_t version_;
  std::uint32_t restarts_ = 0;
  std::optional<FailureCause> failure_;
  std::optional<PreparedJob> prepared_;
  std::optional<ActionToken> preparing_;
  std::unique_ptr<JobAttempt> execution_;  // from deployment until its slots are let go
  std::vector<Incarnation> places_;        // where the newest attempt's subtasks were put
  proto::StoredCommit commit_;
  std::optional<OutputCommitter> committer_;  // past the commit point
  JobRestartPolicy restart_policy_;
  JobJournal journal_;
  JobResults results_;
  CheckpointCoordinator checkpoints_;
  JobSavepoints savepoints_;
  enum class RescaleCheckpoint { kNone, kWanted, kTaken };
  RescaleCheckpoint rescale_checkpoint_ = RescaleCheckpoint::kNone;
  RescaleTimer rescale_;
  /// What a job without checkpoints by time had before it moved; it takes that up again.
  std::uint32_t regain_ = 0;
  JobJournal spec_journal_;
  std::vector<RequestId> rescales_;       // answered when the new parallelism is durable
  bool resume_decided_ = false;           // in this restart
  RetainedCheckpoints::Manifest resume_;  // what the attempt goes on from; null: from the beginning
  std::set<ChunkId> resume_chunks_;
  struct Fetch {
    SubtaskKey subtask;
    Incarnation task_manager;
    ChunkId chunk;
  };
  std::map<ActionToken, Fetch> fetches_;
  LongPolls<WatchQuery> watches_;
  std::vector<RequestId> cancels_;
  bool cancel_durable_ = false;
  bool cleaned_ = false;          // this restart or end has cleaned up
  std::uint64_t records_in_ = 0;  // of the attempt that is committed
  std::uint64_t records_out_ = 0;
  RecordCounts earlier_attempts_;
  std::uint32_t enough_slots_;  // with so many the job starts without waiting longer
  Alarm slots_wait_;
  Alarm deploy_wait_;
  Alarm release_wait_;
  Alarm commit_wait_;  // a job that ends waits so long for a TaskManager that could commit
  Alarm backoff_;
};

}  // namespace leat::runtime
