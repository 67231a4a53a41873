#pragma once

// What a slot's actor keeps: the SlotTask, its peers, and in which phase of its life it is. Lives on
// the actor's thread. (Not final: CAF derives from it to look for members.)

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <caf/error.hpp>
#include <caf/typed_event_based_actor.hpp>

#include "actors/boot_clock.hpp"
#include "actors/protocol.hpp"
#include "actors/slot.hpp"
#include "runtime/dataflow/slot_outbox.hpp"
#include "runtime/dataflow/slot_task.hpp"

namespace leat::actors {

class SlotState : public runtime::SlotOutbox {
 public:
  using Self = local_slot_actor::base;

  explicit SlotState(Self* self) : self_(self) {}

  /// Creates the task; reports Deployed or Failed.
  void create(const SlotSetup& setup);
  void start(const SlotPeers& peers);
  void stop(const caf::error& reason);

  void on_data(const DataMessage& message);
  void on_credit(const CreditMessage& message);
  void on_split_grant(const proto::SplitGrant& grant);
  void on_collect_credit(const proto::CollectCredit& credit);
  void on_trigger(const proto::TriggerCheckpoint& trigger);
  void on_abort_checkpoint(const proto::AbortCheckpoint& abort);
  void on_checkpoint_complete(const proto::CheckpointComplete& complete);
  void on_chunk_stored(const proto::ChunkStored& stored);
  void on_chunk_data(const proto::ChunkData& chunk);
  void on_down(const caf::down_msg& down);

  void turn();
  void wake();
  void report_metrics();

  // What the task asks for.
  void send_buffer(runtime::ChannelId channel, std::uint64_t sequence,
                   runtime::BufferPtr buffer) override;
  void send_credit(runtime::ChannelId channel, std::uint32_t buffers) override;
  void request_split(std::uint32_t source) override;
  void send_rows(std::vector<std::string> rows, std::uint64_t before_barrier) override;
  void run_io(runtime::IoToken token, std::function<Result<void>()> work) override;
  void acknowledge(proto::SubtaskEvent::CheckpointAck ack) override;
  void decline(std::uint64_t checkpoint, const std::string& reason) override;
  void send_chunk(std::uint64_t checkpoint, std::uint64_t sequence, std::string data) override;
  void fetch_chunk(std::uint64_t epoch, std::uint64_t counter) override;

  static inline constexpr const char* name = "slot";

 private:
  enum class Phase {
    kPrepared,  ///< waits for its peers
    kRunning,   ///< a finished task too: barriers still pass it
    kFailed,    ///< reported
    kStopping,  ///< waits for pending I/O, then quits
  };

  [[nodiscard]] bool is_mine(const DeploymentId& deployment, std::uint32_t subtask) const;
  void schedule_turn();
  void wake_at(Time time);
  void finish();
  void fail(const runtime::SlotFailure& failure, std::uint32_t unreachable_peer);
  void fail(const runtime::SlotFailure& failure);
  void report(proto::SubtaskEvent event);
  [[nodiscard]] proto::SubtaskEvent make_event() const;
  void quit_when_idle();

  Self* self_;
  BootClock clock_;
  std::shared_ptr<const runtime::JobGraph> graph_;
  std::shared_ptr<const SharedLease> lease_;
  local_task_manager_actor owner_;
  proto::SubtaskRef ref_;
  DeploymentId deployment_;
  std::shared_ptr<const proto::RestoreSubtask> restore_;
  std::unique_ptr<runtime::SlotTask> task_;
  std::vector<slot_actor> peers_;
  io_worker_actor io_worker_;  // made when first needed
  Phase phase_ = Phase::kPrepared;
  bool finished_ = false;  // reported; its committables are not ours to remove any more
  bool turn_scheduled_ = false;
  Time next_wake_ = Time::max();
  std::uint32_t pending_io_ = 0;
  caf::error exit_reason_;
  std::uint64_t reported_in_ = 0;
  std::uint64_t reported_out_ = 0;
  std::uint64_t bytes_sent_ = 0;
  std::uint64_t reported_bytes_ = 0;
};

}  // namespace leat::actors
