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
#include "serialization/proto/control.pb.h"

namespace leat::runtime {

/// A request waiting for its answer; given out by the driver, answered exactly once.
enum class RequestId : std::uint64_t {};
/// Matches a finished background action with the command that asked for it.
enum class ActionToken : std::uint64_t {};

using ToTaskManager = std::variant<proto::DeploySubtask, proto::StartSubtask, proto::ReleaseAttempt,
                                   proto::CommitOutput, proto::SplitGrant, proto::CollectCredit>;

/// Lost silently when the TaskManager is gone, as any message is.
struct SendToTaskManager {
  Incarnation to;
  ToTaskManager message;
};

using AnyReply =
    std::variant<proto::SubmitReply, proto::JobStatus, proto::JobList, proto::CancelReply,
                 proto::ResultBatch, proto::RegisterReply, proto::HeartbeatReply>;

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
};

/// Removes what attempts up to `attempt` left in progress in the job's sinks, and, if `ended`, the
/// nonce as well. Best effort; not answered.
struct CleanOutputs {
  JobId job;
  proto::Plan plan;
  Attempt attempt;
  bool ended;
};

/// The driver forgets the TaskManager's handle (its slots are free, its messages ignored). Not sent
/// when an incarnation registers anew: its handle is then the new one.
struct DropTaskManager {
  Incarnation task_manager;
};

using JobManagerCommand = std::variant<SendToTaskManager, ReplyTo, Persist, PrepareJob,
                                       CleanOutputs, DropTaskManager, LogEvent>;
using JobManagerCommands = std::vector<JobManagerCommand>;

}  // namespace leat::runtime
