#pragma once

// The SlotTask of production and simulation alike: the stages of one pipeline, stepped downstream
// first. Single-threaded.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "runtime/checkpointing/checkpoint_participant.hpp"
#include "runtime/checkpointing/state_restorer.hpp"
#include "runtime/dataflow/barrier.hpp"
#include "runtime/dataflow/buffer_route.hpp"
#include "runtime/dataflow/row_relay.hpp"
#include "runtime/dataflow/slot_task.hpp"
#include "runtime/dataflow/stage_task.hpp"
#include "runtime/dataflow/step_size.hpp"
#include "runtime/graph/chaining.hpp"

namespace leat::runtime {

/// A turn ends after about this long: often enough for events, rarely enough to cost nothing.
inline constexpr Duration kTurnQuantum = std::chrono::milliseconds(1);
/// Partial buffers of a busy pipeline leave after this long.
inline constexpr Duration kBufferTimeout = std::chrono::milliseconds(5);
/// A snapshot is encoded in steps of about this size, as many as fit into a turn's quantum …
inline constexpr std::size_t kSnapshotStepBytes = std::size_t{64} << 10U;
/// … and no more than this between two quanta of records.
inline constexpr std::size_t kSnapshotTurnBytes = std::size_t{1} << 20U;

class Pipeline final : public SlotTask, private BufferRoute {
 public:
  Pipeline(const JobGraph& graph, const SlotContext& context);
  ~Pipeline() override;

  void on_buffer(ChannelId channel, std::uint64_t sequence, BufferPtr buffer) override;
  void on_credit(ChannelId channel, std::uint32_t buffers) override;
  void on_split_grant(const proto::SplitGrant& grant) override;
  void on_collect_credit(std::uint32_t batches) override;
  void on_io_done(IoToken token, const Result<void>& outcome) override;
  void on_trigger(const proto::TriggerCheckpoint& trigger) override;
  void on_abort_checkpoint(std::uint64_t checkpoint) override;
  void on_checkpoint_complete(std::uint64_t checkpoint) override;
  void on_chunk_stored(const proto::ChunkStored& stored) override;
  void on_chunk_data(const proto::ChunkData& chunk) override;
  TurnOutcome turn(Time now) override;
  [[nodiscard]] const std::optional<SlotFailure>& failure() const override { return failure_; }
  [[nodiscard]] std::vector<proto::Committable> committables() override;
  void abort() override;
  [[nodiscard]] std::uint64_t records_in() const override;
  [[nodiscard]] std::uint64_t records_out() const override;

 private:
  enum class Phase {
    kRestoring,  ///< chunks of the checkpoint it starts from are on their way
    kOpening,
    kRunning,
    kPreparing,  ///< all stages have ended; their output is made durable
    kFinished,
  };
  using Stages = CheckpointParticipant::Stages;

  // BufferRoute: to another slot, or straight into a gate of this one.
  void send_buffer(ChannelId channel, std::uint64_t sequence, BufferPtr buffer) override;
  void send_credit(ChannelId channel, std::uint32_t buffers) override;

  void restore();
  void open();
  void inject_barrier();
  void run_quantum(Time start);
  bool step(std::size_t stage, Time& now);
  template <class Function>
  void guarded(const StageTask& stage, Function function);
  void flush(EdgeOutput::Flush reason);
  void request_splits();
  void pass_barrier(std::size_t index);
  void advance_snapshot();
  void advance_phase();
  TurnOutcome outcome(Time now);
  [[nodiscard]] bool runnable(Time now) const;
  void fail(Error error, const StageTask* stage, std::string operator_name = {});
  void fail_restore(Error error);

  SlotContext context_;
  const Chaining chaining_;
  RowRelay rows_;
  StageEnvironment environment_;
  Stages stages_;
  std::vector<StepSize> step_sizes_;
  std::vector<std::size_t> stage_of_source_;  // by index in the plan's sources
  Phase phase_ = Phase::kRestoring;
  Time last_flush_ = Time::min();
  CheckpointParticipant participant_;
  std::unique_ptr<StateRestorer> restorer_;  // null: nothing to restore
  bool restore_begun_ = false;
  std::optional<Barrier> triggered_;  // to be put in before the next record
  std::optional<SlotFailure> failure_;
};

}  // namespace leat::runtime
