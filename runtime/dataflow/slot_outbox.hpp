#pragma once

// What a SlotTask asks of whoever drives it: the slot actor in production, the simulation in tests.
// None of these calls blocks or calls back into the task.

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "runtime/base/result.hpp"
#include "runtime/dataflow/buffer.hpp"

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
  virtual void send_rows(std::vector<std::string> rows) = 0;
  /// Runs a blocking function elsewhere; answered by SlotTask::on_io_done.
  virtual void run_io(IoToken token, std::function<Result<void>()> work) = 0;
};

}  // namespace leat::runtime
