#pragma once

// The protocol on one page: every actor, every message it takes, who sends it. What crosses a network
// comes first; below it what only travels within a process.
//
// Rules: requests have finite timeouts; a message of another epoch, attempt or incarnation changes
// nothing; connections are dialled by clients and TaskManagers towards the JobManager, and between
// two TaskManagers by the one with the smaller endpoint (CAF drops both connections when two nodes
// dial each other at once).

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <caf/actor.hpp>
#include <caf/atom.hpp>
#include <caf/replies_to.hpp>
#include <caf/typed_actor.hpp>

#include "actors/data_messages.hpp"
#include "actors/id_message.hpp"
#include "actors/proto_message.hpp"
#include "runtime/base/ids.hpp"
#include "runtime/coordination/job_manager_commands.hpp"
#include "runtime/metrics/job_manager_figures.hpp"
#include "runtime/metrics/process_figures.hpp"
#include "runtime/metrics/task_manager_figures.hpp"
#include "serialization/proto/control.pb.h"

namespace leat::runtime {
class JobManagerCore;
}

namespace leat::actors {

// ---- between processes --------------------------------------------------------------------------

/// Runs the records of one subtask. Its handle is handed out by ResolveSubtask only.
using slot_actor = caf::typed_actor<
    /// From the slot that fills a channel: the next buffer, within the credit granted.
    caf::reacts_to<DataMessage>,
    /// From the slot that reads a channel: it has room for so many more buffers.
    caf::reacts_to<CreditMessage>>;

/// A TaskManager's published hub.
using task_manager_actor = caf::typed_actor<
    /// From the JobManager: prepare a slot (nothing runs yet).
    caf::reacts_to<proto::DeploySubtask>,
    /// From the JobManager: all slots are prepared; connect to peers and run.
    caf::reacts_to<proto::StartSubtask>,
    /// From the JobManager: end this attempt and older ones, confirm each slot.
    caf::reacts_to<proto::ReleaseAttempt>,
    /// From the JobManager: make output visible.
    caf::reacts_to<proto::CommitOutput>,
    /// From the JobManager: splits for a source, in answer to SplitRequest.
    caf::reacts_to<proto::SplitGrant>,
    /// From the JobManager: room for rows of a collect sink.
    caf::reacts_to<proto::CollectCredit>,
    /// From the JobManager: a checkpoint begins, will not be completed, is complete.
    caf::reacts_to<proto::TriggerCheckpoint>, caf::reacts_to<proto::AbortCheckpoint>,
    caf::reacts_to<proto::CheckpointComplete>,
    /// From the JobManager: a chunk of a snapshot is durable; a chunk to restore from.
    caf::reacts_to<proto::ChunkStored>, caf::reacts_to<proto::ChunkData>,
    /// From a TaskManager that dialled: who it is and its own hub. Answered with who this is.
    caf::replies_to<proto::Hello, Incarnation, caf::strong_actor_ptr>::with<proto::HelloReply,
                                                                            Incarnation>,
    /// From a peer: which actor runs this subtask? An error if none does.
    caf::replies_to<proto::ResolveSubtask>::with<caf::strong_actor_ptr>>;

/// The JobManager, published at its port.
using job_manager_actor = caf::typed_actor<
    /// From anyone who connected: is there a protocol version in common? Comes before any other message.
    caf::replies_to<proto::Hello>::with<proto::HelloReply>,

    /// From clients: stores a piece of a job object.
    caf::replies_to<proto::PutArtefact>::with<proto::PutArtefactReply>,
    /// From clients: answered once the job is stored, or refused.
    caf::replies_to<proto::SubmitJob>::with<proto::SubmitReply>,
    /// From clients: answered at the next change of the job, or after a time.
    caf::replies_to<proto::WatchJob>::with<proto::JobStatus>,
    /// From clients: all jobs.
    caf::replies_to<proto::ListJobs>::with<proto::JobList>,
    /// From clients: answered once the job is being cancelled.
    caf::replies_to<proto::CancelJob>::with<proto::CancelReply>,
    /// From clients: rows of collect sinks.
    caf::replies_to<proto::FetchResults>::with<proto::ResultBatch>,
    /// From clients: answered when the savepoint is there, or after a time; then it is asked again.
    caf::replies_to<proto::TriggerSavepoint>::with<proto::SavepointReply>,
    /// From clients: answered once the job is being rescaled.
    caf::replies_to<proto::RescaleJob>::with<proto::RescaleReply>,
    /// From clients: the checkpoints of a job.
    caf::replies_to<proto::ListCheckpoints>::with<proto::CheckpointList>,

    /// From TaskManagers: a piece of a job object.
    caf::replies_to<proto::GetArtefact>::with<proto::ArtefactChunk>,
    /// From TaskManagers: here are my slots, and the actor (a task_manager_actor) that offers them.
    caf::replies_to<proto::RegisterTaskManager, caf::strong_actor_ptr>::with<proto::RegisterReply>,
    /// From TaskManagers, at a fixed interval.
    caf::replies_to<proto::Heartbeat>::with<proto::HeartbeatReply>,
    /// From TaskManagers: what became of a subtask.
    caf::reacts_to<proto::SubtaskEvent>,
    /// From TaskManagers: a source wants more; answered by SplitGrant.
    caf::reacts_to<Incarnation, proto::SplitRequest>,
    /// From TaskManagers: rows of a collect sink; answered by CollectCredit.
    caf::reacts_to<Incarnation, proto::CollectRows>,
    /// From TaskManagers: a chunk of a snapshot; answered by ChunkStored.
    caf::reacts_to<Incarnation, proto::SnapshotChunk>,
    /// From TaskManagers: a chunk to restore from; answered by ChunkData.
    caf::reacts_to<Incarnation, proto::FetchChunk>>;

// ---- within a process ---------------------------------------------------------------------------

/// Sent by an actor to itself: a timer is due.
using tick_atom = caf::atom_constant<caf::atom("tick")>;
/// Sent by a slot to itself: run one quantum. Stands behind what has already arrived.
using turn_atom = caf::atom_constant<caf::atom("turn")>;
/// Sent by a slot to itself: the time it asked to be woken at.
using wake_atom = caf::atom_constant<caf::atom("wake")>;
/// Sent by a slot to itself: report metrics.
using report_atom = caf::atom_constant<caf::atom("report")>;
using start_atom = caf::atom_constant<caf::atom("start")>;
using stop_atom = caf::atom_constant<caf::atom("stop")>;
/// From a process that was told to end, through the supervisor to its TaskManager.
using leave_atom = caf::atom_constant<caf::atom("leave")>;

/// From the threads of the HTTP port: for metrics and probes. No other process can name this type.
struct FiguresRequest {};
/// Likewise, to a supervisor.
struct SupervisionRequest {};

struct Supervision {
  runtime::SupervisionFigures figures;
  caf::actor child;  ///< null between a failure and the restart
};

/// The slots of all subtasks of a deployment, by subtask; one's own is empty.
struct SlotPeers {
  std::vector<slot_actor> slots;
};

/// A slot as its TaskManager sees it.
using local_slot_actor = slot_actor::extend<
    /// All peers are known: run.
    caf::reacts_to<start_atom, SlotPeers>, caf::reacts_to<proto::SplitGrant>,
    caf::reacts_to<proto::CollectCredit>,
    /// A checkpoint, and what becomes of it and of its chunks; chunks to restore from.
    caf::reacts_to<proto::TriggerCheckpoint>, caf::reacts_to<proto::AbortCheckpoint>,
    caf::reacts_to<proto::CheckpointComplete>, caf::reacts_to<proto::ChunkStored>,
    caf::reacts_to<proto::ChunkData>,
    /// Abort what runs, then end; the TaskManager sees the actor go down.
    caf::reacts_to<stop_atom>, caf::reacts_to<turn_atom>, caf::reacts_to<wake_atom>,
    caf::reacts_to<report_atom>>;

/// A TaskManager as its slots see it.
using local_task_manager_actor = task_manager_actor::extend<
    /// From a slot: deployed, running, failed, finished.
    caf::reacts_to<proto::SubtaskEvent>,
    /// From a slot, now and then.
    caf::reacts_to<proto::SubtaskMetrics>,
    /// From a slot, for the JobManager.
    caf::reacts_to<proto::SplitRequest>, caf::reacts_to<proto::CollectRows>,
    caf::reacts_to<proto::SnapshotChunk>, caf::reacts_to<proto::FetchChunk>,
    /// Give up what runs here, then end.
    caf::reacts_to<leave_atom>, caf::reacts_to<tick_atom>,
    caf::replies_to<FiguresRequest>::with<runtime::TaskManagerFigures>>;

/// An event of the JobManager's state machine: what became of a command to the SnapshotKeeper.
struct KeeperAnswer {
  std::function<void(runtime::JobManagerCore&, Time, runtime::JobManagerCommands&)> tell;
};

/// A JobManager as it sees itself, and its SnapshotKeeper sees it.
using local_job_manager_actor =
    job_manager_actor::extend<caf::reacts_to<tick_atom>, caf::reacts_to<KeeperAnswer>,
                              caf::replies_to<FiguresRequest>::with<runtime::JobManagerFigures>>;

/// The owner of the chunk store; see snapshot_keeper.hpp. Answers with KeeperAnswer.
using snapshot_keeper_actor = caf::typed_actor<
    /// Comes first: opens the store.
    caf::reacts_to<runtime::KeepChunks>,
    /// Puts chunks into it, takes one out, gives some back.
    caf::reacts_to<runtime::StoreChunks>, caf::reacts_to<runtime::LoadChunk>,
    caf::reacts_to<runtime::ReleaseChunks>,
    /// Copies chunks out of it and into it.
    caf::reacts_to<runtime::WriteSavepoint>, caf::reacts_to<runtime::ReadSavepoint>,
    /// From itself: the next slice of long work.
    caf::reacts_to<tick_atom>,
    /// From itself: a store that has failed may have room again.
    caf::reacts_to<wake_atom>>;

/// A function that may block. Throws nothing; leaves its outcome where its author put it.
struct IoTask {
  std::function<void()> run;
};

/// A thread for what blocks: runs tasks one after the other; a request is answered
/// when its task is done.
using io_worker_actor = caf::typed_actor<caf::reacts_to<IoTask>>;

/// A thread for job objects on disk; requests are delegated to it.
using artefact_store_actor =
    caf::typed_actor<caf::replies_to<proto::PutArtefact>::with<proto::PutArtefactReply>,
                     caf::replies_to<proto::GetArtefact>::with<proto::ArtefactChunk>>;

/// Dials for actors, with the middleman's question but the published actor alone as its answer; see
/// dialler.hpp.
using dialler_actor = caf::typed_actor<
    caf::replies_to<caf::connect_atom, std::string, std::uint16_t>::with<caf::strong_actor_ptr>,
    caf::reacts_to<tick_atom>>;

/// Keeps one child alive; see supervisor.hpp.
using supervisor_actor =
    caf::typed_actor<caf::reacts_to<start_atom>,
                     /// The child is to end by itself; from now on it is not replaced.
                     caf::reacts_to<leave_atom>,
                     caf::replies_to<SupervisionRequest>::with<Supervision>>;

}  // namespace leat::actors

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(leat::actors::FiguresRequest)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(leat::actors::SupervisionRequest)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(leat::actors::Supervision)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(leat::runtime::JobManagerFigures)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(leat::runtime::TaskManagerFigures)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(leat::actors::SlotPeers)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(leat::actors::IoTask)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(leat::actors::KeeperAnswer)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(leat::runtime::KeepChunks)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(leat::runtime::StoreChunks)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(leat::runtime::LoadChunk)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(leat::runtime::ReleaseChunks)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(leat::runtime::WriteSavepoint)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(leat::runtime::ReadSavepoint)
