#pragma once

// What the JobManager's state machine asks its driver to do. Plain values: the actor turns them
// into messages, the simulation into entries of its network. A driver carries out one event's
// commands in the order given.

#include <cstdint>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "runtime/base/engine_time.hpp"
#include "runtime/base/ids.hpp"
#include "runtime/base/log_event.hpp"
#include "runtime/checkpointing/chunk_id.hpp"
#include "runtime/coordination/prepare_from.hpp"
#include "serialization/proto/control.pb.h"
#include "serialization/proto/storage.pb.h"

namespace leat::runtime {

/// A request waiting for its answer; given out by the driver, answered exactly once.
enum class RequestId : std::uint64_t {};
/// Matches a finished background action with the command that asked for it.
enum class ActionToken : std::uint64_t {};

using ToTaskManager = std::variant<proto::DeploySubtask, proto::StartSubtask, proto::ReleaseAttempt,
                                   proto::CommitOutput, proto::SplitGrant, proto::CollectCredit,
                                   proto::TriggerCheckpoint, proto::AbortCheckpoint,
                                   proto::CheckpointComplete, proto::ChunkStored, proto::ChunkData>;

/// Lost silently when the TaskManager is gone, as any message is.
struct SendToTaskManager {
  Incarnation to;
  ToTaskManager message;
};

using AnyReply =
    std::variant<proto::SubmitReply, proto::JobStatus, proto::JobList, proto::CancelReply,
                 proto::ResultBatch, proto::RegisterReply, proto::HeartbeatReply,
                 proto::SavepointReply, proto::RescaleReply, proto::CheckpointList>;

struct ReplyTo {
  RequestId request;
  AnyReply reply;
};

/// Writes to the metadata store, synced and atomic; answered by on_persisted(token).
/// An empty value deletes the key.
struct Persist {
  ActionToken token;
  std::vector<std::pair<std::string, std::string>> writes;
};

/// Looks at inputs and outputs of a job away from this thread: lists sources into splits, creates
/// and checks output directories, writes the shared-storage nonce; answered by on_prepared(token,
/// …).
struct PrepareJob {
  ActionToken token;
  JobId job;
  proto::Plan plan;
  std::uint32_t parallelism;
  PrepareFrom from;
};

/// Removes what attempts up to `attempt` left in progress in the job's sinks, and, if `ended`, the
/// nonce as well. Best effort; not answered.
struct CleanOutputs {
  JobId job;
  proto::Plan plan;
  Attempt attempt;
  bool ended;
};

/// Puts chunks into the store, all in one synced batch; answered by on_chunks_stored(token, ids in the
/// order given). At most kStoresInFlight of them are unanswered.
struct StoreChunks {
  ActionToken token;
  std::vector<std::string> chunks;
};

/// Answered by on_chunk_loaded(token, its verified content).
struct LoadChunk {
  ActionToken token;
  ChunkId id;
};

/// Nobody refers to these any more. Not answered.
struct ReleaseChunks {
  std::vector<ChunkId> ids;
};

/// Once, at a start: these are what checkpoints refer to; any other chunk in the store is left from a
/// checkpoint that was never completed, and is released if `release_others`. Answered by on_chunks_kept(token, those of `ids`
/// that are not there or are known to be damaged).
struct KeepChunks {
  ActionToken token;
  std::vector<ChunkId> ids;
  bool release_others = true;
};

/// Makes a directory for the savepoint in `directory` and writes the manifest and its pieces, read from the
/// chunk store, there, synced; answered by on_savepoint_written(token, the savepoint's own directory).
struct WriteSavepoint {
  ActionToken token;
  std::string directory;
  proto::StoredCheckpoint manifest;
};

/// Verifies a savepoint and copies its pieces into the chunk store; answered by on_savepoint_read(token,
/// its manifest, whose pieces name those chunks). On an error no chunk is left.
struct ReadSavepoint {
  ActionToken token;
  std::string directory;
};

/// The driver forgets the TaskManager's handle (its slots are free, its messages ignored). Not sent
/// when an incarnation registers anew: its handle is then the new one.
struct DropTaskManager {
  Incarnation task_manager;
};

using JobManagerCommand =
    std::variant<SendToTaskManager, ReplyTo, Persist, PrepareJob, CleanOutputs, StoreChunks,
                 LoadChunk, ReleaseChunks, KeepChunks, WriteSavepoint, ReadSavepoint,
                 DropTaskManager, LogEvent>;
using JobManagerCommands = std::vector<JobManagerCommand>;

}  // namespace leat::runtime
