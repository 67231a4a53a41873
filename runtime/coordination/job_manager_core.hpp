#pragma once

// The JobManager without its actor: every decision about jobs, slots and TaskManagers. Takes an
// event and the time, appends commands. Single-threaded, no clock, no I/O; owned by the JobManager
// actor or the simulation.

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "runtime/base/engine_time.hpp"
#include "runtime/base/ids.hpp"
#include "runtime/coordination/job_manager_commands.hpp"
#include "runtime/coordination/job_manager_options.hpp"
#include "runtime/coordination/prepared_job.hpp"
#include "runtime/metrics/job_manager_figures.hpp"

namespace leat::runtime {

class JobManagerCore {
 public:
  /// `stored`: all pairs of the metadata store at start, in key order. Unfinished jobs are taken up
  /// again, from their newest checkpoint (a job that was committing its last output repeats that).
  JobManagerCore(JobManagerOptions options, Epoch epoch, std::uint64_t seed,
                 const std::vector<std::pair<std::string, std::string>>& stored,
                 std::int64_t unix_ms_at_zero, Time now, JobManagerCommands& out);
  ~JobManagerCore();
  JobManagerCore(const JobManagerCore&) = delete;
  JobManagerCore& operator=(const JobManagerCore&) = delete;

  // Clients. Each is answered by exactly one ReplyTo with the same request id, now or later.
  void submit(RequestId request, const proto::SubmitJob& job, Time now, JobManagerCommands& out);
  void watch(RequestId request, const proto::WatchJob& watch, Time now, JobManagerCommands& out);
  void list(RequestId request, const proto::ListJobs& list, Time now, JobManagerCommands& out);
  void cancel(RequestId request, const proto::CancelJob& cancel, Time now, JobManagerCommands& out);
  void fetch(RequestId request, const proto::FetchResults& fetch, Time now,
             JobManagerCommands& out);
  void trigger_savepoint(RequestId request, const proto::TriggerSavepoint& trigger, Time now,
                         JobManagerCommands& out);
  void rescale(RequestId request, const proto::RescaleJob& rescale, Time now,
               JobManagerCommands& out);
  void checkpoints(RequestId request, const proto::ListCheckpoints& list, Time now,
                   JobManagerCommands& out);

  // TaskManagers.
  void register_task_manager(RequestId request, const proto::RegisterTaskManager& message, Time now,
                             JobManagerCommands& out);
  void heartbeat(RequestId request, const proto::Heartbeat& message, Time now,
                 JobManagerCommands& out);
  /// The connection broke, the actor ended, or it said goodbye.
  void task_manager_down(Incarnation task_manager, const std::string& reason, Time now,
                         JobManagerCommands& out);
  void subtask_event(const proto::SubtaskEvent& event, Time now, JobManagerCommands& out);
  void split_request(Incarnation from, const proto::SplitRequest& message, Time now,
                     JobManagerCommands& out);
  void collect_rows(Incarnation from, const proto::CollectRows& message, Time now,
                    JobManagerCommands& out);
  void snapshot_chunk(Incarnation from, proto::SnapshotChunk message, Time now,
                      JobManagerCommands& out);
  void fetch_chunk(Incarnation from, const proto::FetchChunk& message, Time now,
                   JobManagerCommands& out);

  // Background actions.
  void on_persisted(ActionToken token, const Result<void>& outcome, Time now,
                    JobManagerCommands& out);
  void on_prepared(ActionToken token, Result<PreparedJob> outcome, Time now,
                   JobManagerCommands& out);
  void on_chunks_stored(ActionToken token, const Result<std::vector<ChunkId>>& outcome, Time now,
                        JobManagerCommands& out);
  void on_chunk_loaded(ActionToken token, Result<std::string> outcome, Time now,
                       JobManagerCommands& out);
  void on_chunks_kept(ActionToken token, const Result<std::vector<ChunkId>>& missing, Time now,
                      JobManagerCommands& out);
  /// The store was opened anew after a failed write, and these are gone or damaged.
  void chunks_lost(const std::vector<ChunkId>& chunks, Time now, JobManagerCommands& out);
  void on_savepoint_written(ActionToken token, const Result<std::string>& outcome, Time now,
                            JobManagerCommands& out);
  void on_savepoint_read(ActionToken token, Result<proto::StoredCheckpoint> outcome, Time now,
                         JobManagerCommands& out);

  /// Timers that are due: heartbeat timeouts, resource waits, backoffs, watches.
  void tick(Time now, JobManagerCommands& out);
  /// When tick() is next needed; Time::max() if never. Valid until the next event.
  [[nodiscard]] Time next_deadline() const;

  /// For metrics and probes; changes nothing.
  [[nodiscard]] JobManagerFigures figures(Time now) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace leat::runtime
