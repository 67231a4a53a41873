#pragma once

// The SlotTask of production and simulation alike: the stages of one pipeline, stepped downstream
// first. Single-threaded.

#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "runtime/connectors/sink.hpp"
#include "runtime/dataflow/buffer_route.hpp"
#include "runtime/dataflow/slot_task.hpp"
#include "runtime/dataflow/stage_task.hpp"
#include "runtime/dataflow/step_size.hpp"
#include "runtime/graph/chaining.hpp"

namespace leat::runtime {

/// A turn ends after about this long: often enough for events, rarely enough to cost nothing.
inline constexpr Duration kTurnQuantum = std::chrono::milliseconds(1);
/// Partial buffers of a busy pipeline leave after this long.
inline constexpr Duration kBufferTimeout = std::chrono::milliseconds(5);
/// Batches of collect rows a sink may send before the JobManager grants more.
inline constexpr std::uint32_t kInitialCollectCredits = 4;

class Pipeline final : public SlotTask, private BufferRoute, private RowChannel {
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
  enum class Phase { kOpening, kRunning, kPreparing, kFinished };
  using Stages = std::vector<std::unique_ptr<StageTask>>;

  // BufferRoute: to another slot, or straight into a gate of this one.
  void send_buffer(ChannelId channel, std::uint64_t sequence, BufferPtr buffer) override;
  void send_credit(ChannelId channel, std::uint32_t buffers) override;
  // RowChannel.
  [[nodiscard]] bool has_room() const override { return collect_credits_ > 0; }
  void send(std::vector<std::string> rows) override;
  void pass_barrier(std::uint64_t checkpoint) override;

  void open();
  void run_quantum(Time start);
  bool step(std::size_t stage, Time& now);
  void flush(EdgeOutput::Flush reason);
  void request_splits();
  void prepare_sinks();
  TurnOutcome outcome(Time now);
  [[nodiscard]] bool runnable(Time now) const;
  void fail(Error error, const StageTask* stage, std::string operator_name = {});

  SlotContext context_;
  const Chaining chaining_;
  StageEnvironment environment_;
  std::shared_ptr<Stages> stages_;  // shared with I/O that may outlive a turn or this task
  std::vector<StepSize> step_sizes_;
  std::vector<std::size_t> stage_of_source_;  // by index in the plan's sources
  Phase phase_ = Phase::kOpening;
  Time last_flush_ = Time::min();
  std::uint32_t collect_credits_ = kInitialCollectCredits;
  std::set<IoToken> pending_io_;
  std::vector<proto::Committable> committables_;
  std::optional<SlotFailure> failure_;
};

}  // namespace leat::runtime
