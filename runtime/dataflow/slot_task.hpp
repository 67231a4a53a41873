#pragma once

// One pipeline of a job: subtask i of every stage, run turn by turn in one slot. All events and turns
// come from one thread (the slot actor's). It blocks nowhere but in user code and file reads and writes.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "runtime/base/engine_time.hpp"
#include "runtime/base/file_system.hpp"
#include "runtime/base/ids.hpp"
#include "runtime/base/result.hpp"
#include "runtime/dataflow/buffer.hpp"
#include "runtime/dataflow/slot_outbox.hpp"
#include "serialization/proto/control.pb.h"

namespace leat::runtime {

class JobGraph;

/// Who this pipeline is, and what it may use. The references outlive the task.
struct SlotContext {
  JobId job;
  Attempt attempt;
  std::uint32_t subtask;
  std::uint32_t parallelism;
  std::uint32_t max_parallelism;
  FileSystem& files;
  const Clock& clock;
  SlotOutbox& outbox;
  const proto::RestoreSubtask* restore = nullptr;  ///< null: starts from nothing
};

struct SlotFailure {
  Error error;
  std::string operator_name;
  std::string position;          ///< of the record, as well as it is known
  bool restore_damaged = false;  ///< what it was to start from is missing or damaged
};

/// What the driver does after a turn.
struct TurnOutcome {
  enum class Next {
    kAgain,     ///< work is left: send yourself another turn
    kIdle,      ///< wait for an event, or for `wake_at`
    kFinished,  ///< all stages have ended and the output is prepared: see committables(). Reported
                ///< after each further turn; further events are worth one: barriers still pass
    kFailed,    ///< see failure(); no further turn
  };
  Next next;
  Time wake_at = Time::max();
};

class SlotTask {
 public:
  /// `graph` holds the user's functions and outlives the task.
  static Result<std::unique_ptr<SlotTask>> create(const JobGraph& graph,
                                                  const SlotContext& context);
  virtual ~SlotTask() = default;

  // Events; each makes another turn worthwhile. Those of an earlier attempt never get here.
  virtual void on_buffer(ChannelId channel, std::uint64_t sequence, BufferPtr buffer) = 0;
  virtual void on_credit(ChannelId channel, std::uint32_t buffers) = 0;
  virtual void on_split_grant(const proto::SplitGrant& grant) = 0;
  virtual void on_collect_credit(std::uint32_t batches) = 0;
  virtual void on_io_done(IoToken token, const Result<void>& outcome) = 0;

  // Checkpoints (docs/checkpoints.md). Messages of the JobManager, in the order it sent them.
  virtual void on_trigger(const proto::TriggerCheckpoint& trigger) = 0;
  virtual void on_abort_checkpoint(std::uint64_t checkpoint) = 0;
  /// It may be a base from now on, and its output is going to be committed.
  virtual void on_checkpoint_complete(std::uint64_t checkpoint) = 0;
  virtual void on_chunk_stored(const proto::ChunkStored& stored) = 0;
  virtual void on_chunk_data(const proto::ChunkData& chunk) = 0;

  /// Runs about a millisecond: downstream stages first, sources last; flushes when nothing is left.
  virtual TurnOutcome turn(Time now) = 0;

  /// After kFailed.
  [[nodiscard]] virtual const std::optional<SlotFailure>& failure() const = 0;
  /// After kFinished.
  [[nodiscard]] virtual std::vector<proto::Committable> committables() = 0;
  /// Removes in-progress output. Call it before destroying a task that did not finish, or whose
  /// committables are not going to be used. Waits for nothing.
  virtual void abort() = 0;

  [[nodiscard]] virtual std::uint64_t records_in() const = 0;   ///< read by sources
  [[nodiscard]] virtual std::uint64_t records_out() const = 0;  ///< written by sinks
};

}  // namespace leat::runtime
