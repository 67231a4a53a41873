#pragma once

// The savepoints asked of one job, from the request to the directory that is written: queued, taken as a
// checkpoint, its output committed, its pieces copied, its path noted in the metadata store. A repeated request
// is recognised by its trigger id, also by the next JobManager, and joins the first. Single-threaded, part of
// a JobMaster; tells it when the job shall end with one.
// Invariant: a manifest is pinned from its completion until its directory is written or given up.

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <utility>

#include "runtime/base/engine_time.hpp"
#include "runtime/coordination/checkpoint_coordinator.hpp"
#include "runtime/coordination/job_journal.hpp"
#include "runtime/coordination/job_manager_step.hpp"
#include "runtime/coordination/job_services.hpp"
#include "runtime/coordination/long_polls.hpp"

namespace leat::runtime {

class JobSavepoints {
 public:
  JobSavepoints(JobServices& services, JobId job)
      : services_(services), job_(job), note_(services, job) {}

  /// Whether what the metadata store holds is what was noted there.
  [[nodiscard]] static bool decodes(const std::string& noted);
  /// What an earlier JobManager noted; it decodes. A job that was to stop with one still is.
  void recover(const std::string& noted);

  /// `refusal`: why none can be taken now, if so; a known trigger is answered all the same.
  void trigger(RequestId request, const proto::TriggerSavepoint& trigger,
               const std::optional<Error>& refusal, CheckpointCoordinator& checkpoints,
               JobManagerStep& step);
  void checkpoint_ended(const CheckpointEnd& end, CheckpointCoordinator& checkpoints,
                        JobManagerStep& step);
  /// Writes those whose output is committed; answers what is due. Called after every event.
  void pump(CheckpointCoordinator& checkpoints, JobManagerStep& step);
  /// False if the token is none of a savepoint.
  bool on_written(ActionToken token, const Result<std::string>& outcome,
                  CheckpointCoordinator& checkpoints, JobManagerStep& step);
  /// False if the write was none of these.
  bool on_persisted(ActionToken token, const Result<void>& outcome, JobManagerStep& step);
  /// Repeats a write that was refused; not once the job writes its end.
  void tick(JobManagerStep& step) { note_.tick(step); }
  [[nodiscard]] Time note_deadline() const { return note_.next_deadline(); }
  /// The job goes its way without them.
  void fail_all(const std::string& reason, CheckpointCoordinator& checkpoints,
                JobManagerStep& step);
  /// The job has ended, with the one that asked for it.
  void job_ended(JobManagerStep& step);

  /// Between request and directory: the job's end waits for it.
  [[nodiscard]] bool busy() const;
  /// The checkpoint that the job shall end with is complete: no other may follow it.
  [[nodiscard]] bool stopping() const;
  /// One is written that the job shall end with.
  struct Stop {
    bool drained = false;  ///< its sources had ended first
    Attempt attempt{};     ///< of which it was taken; 0: of one under an earlier JobManager
  };
  [[nodiscard]] std::optional<Stop> stop() const;
  /// Sources were told to end for one that failed: this attempt would take what they have left for read. Once.
  [[nodiscard]] bool take_drained_in_vain() { return std::exchange(drained_in_vain_, false); }

  void append_to(proto::JobStatus& status) const;
  [[nodiscard]] Time next_deadline() const { return polls_.next_deadline(); }

  /// Outcomes remembered for requests that are repeated.
  static constexpr std::size_t kRemembered = 16;

 private:
  enum class Phase { kTaking, kCommitting, kWriting, kNoting, kStopping, kDone, kFailed };
  struct Savepoint {
    proto::TriggerSavepoint request;
    std::uint64_t wish = 0;
    Phase phase = Phase::kTaking;
    RetainedCheckpoints::Manifest manifest;
    Attempt attempt{};
    std::optional<ActionToken> token;
    std::string path;
    std::optional<Error> error;
  };
  struct Query {
    std::string trigger_id;
  };

  [[nodiscard]] const Savepoint* find(const std::string& trigger_id) const;
  [[nodiscard]] static bool under_way(const Savepoint& savepoint) {
    return savepoint.phase != Phase::kDone && savepoint.phase != Phase::kFailed;
  }
  void write(Savepoint& savepoint, JobManagerStep& step);
  void fail(Savepoint& savepoint, const Error& error, CheckpointCoordinator& checkpoints,
            JobManagerStep& step);
  void note(JobManagerStep& step);
  void answer(JobManagerStep& step);
  [[nodiscard]] proto::SavepointReply reply_to(const Query& query) const;

  JobServices& services_;
  JobId job_;
  std::deque<Savepoint> savepoints_;  // oldest first
  std::uint64_t last_wish_ = 0;
  bool drained_in_vain_ = false;
  JobJournal note_;
  LongPolls<Query> polls_;
};

}  // namespace leat::runtime
