#pragma once

// The TaskManager without its actor: registration, heartbeats, lease, job objects, and which
// subtask lives in which slot. Single-threaded, no clock, no I/O; owned by the TaskManager actor or
// the simulation. What a slot does with records is SlotTask's business.

#include <cstdint>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "runtime/base/engine_time.hpp"
#include "runtime/base/error.hpp"
#include "runtime/base/ids.hpp"
#include "runtime/base/log_event.hpp"
#include "runtime/base/result.hpp"
#include "runtime/metrics/task_manager_figures.hpp"
#include "serialization/proto/control.pb.h"

namespace leat::runtime {

struct TaskManagerOptions {
  std::string id;  ///< "tm-3f2a9c01"
  Incarnation incarnation;
  std::string data_host;  ///< what peers dial; empty within one process
  std::uint16_t data_port = 0;
  std::uint32_t slots = 1;
  /// First wait before dialling the JobManager again; doubled up to the maximum. That is short, so that
  /// after a start of the whole cluster all slots are there before jobs begin with fewer.
  Duration reconnect_initial = std::chrono::milliseconds(100);
  Duration reconnect_max = std::chrono::seconds(1);
};

/// Dial the JobManager and say Hello; answered by on_connected or on_connection_lost.
struct ConnectToJobManager {};
/// Sent over the current connection; lost if there is none.
struct SendToJobManager {
  std::variant<proto::RegisterTaskManager, proto::Heartbeat, proto::SubtaskEvent,
               proto::SplitRequest, proto::CollectRows, proto::SnapshotChunk, proto::FetchChunk>
      message;
};
/// Fetch a job object piece by piece, store it under its hash; answered by on_artefact.
struct FetchArtefact {
  std::string sha256;
};
/// Load the object, rebuild the plan, compare its hash, check the nonces and create the slot actor
/// with its SlotTask; answered by on_slot_event Deployed or Failed.
struct SpawnSlot {
  proto::DeploySubtask deployment;
};
/// Resolve peers' slot actors, hand them to the slot and let it run; answered by on_slot_event.
struct StartSlot {
  proto::SubtaskRef ref;
};
/// End the slot actor, remove its in-progress output (never what a finished subtask handed over as
/// committables); answered by on_slot_gone.
struct StopSlot {
  proto::SubtaskRef ref;
};
/// Make output visible away from any slot; answered by on_committed.
struct CommitPending {
  proto::CommitOutput commit;
};
/// To a slot that has been started, also when it has finished, in the order the JobManager sent it.
struct ToSlot {
  std::variant<proto::SplitGrant, proto::CollectCredit, proto::TriggerCheckpoint,
               proto::AbortCheckpoint, proto::CheckpointComplete, proto::ChunkStored,
               proto::ChunkData>
      message;
};
/// The JobManager refused this TaskManager for good (another protocol version): the process says so
/// and ends with a non-zero code.
struct EndTaskManager {
  Error error;
};

/// It was told to leave, and nothing that anybody needs is left here: the process ends in order.
struct LeaveDone {};

using TaskManagerCommand =
    std::variant<ConnectToJobManager, SendToJobManager, FetchArtefact, SpawnSlot, StartSlot,
                 StopSlot, CommitPending, ToSlot, EndTaskManager, LogEvent, LeaveDone>;
using TaskManagerCommands = std::vector<TaskManagerCommand>;

class TaskManagerCore {
 public:
  TaskManagerCore(TaskManagerOptions options, std::uint64_t seed, Time now,
                  TaskManagerCommands& out);
  ~TaskManagerCore();
  TaskManagerCore(const TaskManagerCore&) = delete;
  TaskManagerCore& operator=(const TaskManagerCore&) = delete;

  // Connection.
  void on_connected(Time now, TaskManagerCommands& out);
  void on_connection_lost(const std::string& reason, Time now, TaskManagerCommands& out);
  void on_registered(const proto::RegisterReply& reply, Time now, TaskManagerCommands& out);
  void on_heartbeat_reply(const proto::HeartbeatReply& reply, Time now, TaskManagerCommands& out);

  // From the JobManager. Messages of another epoch or an older attempt change nothing.
  void deploy(const proto::DeploySubtask& message, Time now, TaskManagerCommands& out);
  void start(const proto::StartSubtask& message, Time now, TaskManagerCommands& out);
  void release(const proto::ReleaseAttempt& message, Time now, TaskManagerCommands& out);
  void commit(const proto::CommitOutput& message, Time now, TaskManagerCommands& out);
  void grant(const proto::SplitGrant& message, Time now, TaskManagerCommands& out);
  void collect_credit(const proto::CollectCredit& message, Time now, TaskManagerCommands& out);
  void trigger(const proto::TriggerCheckpoint& message, Time now, TaskManagerCommands& out);
  void abort_checkpoint(const proto::AbortCheckpoint& message, Time now, TaskManagerCommands& out);
  void checkpoint_complete(const proto::CheckpointComplete& message, Time now,
                           TaskManagerCommands& out);
  void chunk_stored(const proto::ChunkStored& message, Time now, TaskManagerCommands& out);
  void chunk_data(const proto::ChunkData& message, Time now, TaskManagerCommands& out);

  // From below.
  void on_artefact(const std::string& sha256, const Result<void>& outcome, Time now,
                   TaskManagerCommands& out);
  void on_slot_event(const proto::SubtaskEvent& event, Time now, TaskManagerCommands& out);
  /// Also when a slot ended by itself; sends Released.
  void on_slot_gone(const proto::SubtaskRef& ref, Time now, TaskManagerCommands& out);
  /// `checkpoint`: as in the CommitOutput it answers.
  void on_committed(const proto::SubtaskRef& ref, std::uint64_t checkpoint,
                    const Result<void>& outcome, Time now, TaskManagerCommands& out);
  void on_slot_metrics(const proto::SubtaskMetrics& metrics);
  void forward(const proto::SplitRequest& message, TaskManagerCommands& out);
  void forward(const proto::CollectRows& message, TaskManagerCommands& out);
  void forward(const proto::SnapshotChunk& message, TaskManagerCommands& out);
  void forward(const proto::FetchChunk& message, TaskManagerCommands& out);

  /// Once: the JobManager is told with each heartbeat from now on, so that it takes what runs here elsewhere.
  /// Ends with LeaveDone; at once where there is no JobManager, as whoever registers anew is empty. The caller
  /// bounds the wait.
  void leave(Time now, TaskManagerCommands& out);

  void tick(Time now, TaskManagerCommands& out);
  [[nodiscard]] Time next_deadline() const;
  /// True while the lease holds: a slot may have effects outside.
  [[nodiscard]] bool lease_valid(Time now) const;
  /// Until when, unless it is extended.
  [[nodiscard]] Time lease_end() const;
  /// For metrics and probes; changes nothing.
  [[nodiscard]] TaskManagerFigures figures() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace leat::runtime
