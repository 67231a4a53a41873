#pragma once

// What a SlotTask asks of whoever drives it: the slot actor in production, the simulation in tests.
// None of these calls blocks or calls back into the task.

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "runtime/base/result.hpp"
#include "runtime/dataflow/buffer.hpp"
#include "serialization/proto/control.pb.h"

namespace leat::runtime {

enum class IoToken : std::uint64_t {};

class SlotOutbox {
 public:
  virtual ~SlotOutbox() = default;
  /// To the slot of subtask `channel.to`, which is never this one. In order per channel; `sequence`
  /// counts from 0 so that the receiver sees a gap.
  virtual void send_buffer(ChannelId channel, std::uint64_t sequence, BufferPtr buffer) = 0;
  /// To the slot of subtask `channel.from`, which is never this one.
  virtual void send_credit(ChannelId channel, std::uint32_t buffers) = 0;
  /// To the JobManager; answered by SlotTask::on_split_grant.
  virtual void request_split(std::uint32_t source) = 0;
  /// To the JobManager; it answers with SlotTask::on_collect_credit when there is room again.
  /// `before_barrier` not 0: no further row precedes the barrier of that checkpoint; `rows` may be empty.
  virtual void send_rows(std::vector<std::string> rows, std::uint64_t before_barrier) = 0;
  /// Runs a blocking function elsewhere; answered by SlotTask::on_io_done.
  virtual void run_io(IoToken token, std::function<Result<void>()> work) = 0;

  // Checkpoints; all to the JobManager.
  /// This subtask's part of a checkpoint is durable.
  virtual void acknowledge(proto::SubtaskEvent::CheckpointAck ack) = 0;
  /// It will not be. `reason` is for people.
  virtual void decline(std::uint64_t checkpoint, const std::string& reason) = 0;
  /// At most kMaxChunkBytes; answered by SlotTask::on_chunk_stored.
  virtual void send_chunk(std::uint64_t checkpoint, std::uint64_t sequence, std::string data) = 0;
  /// Answered by SlotTask::on_chunk_data.
  virtual void fetch_chunk(std::uint64_t epoch, std::uint64_t counter) = 0;
};

}  // namespace leat::runtime
