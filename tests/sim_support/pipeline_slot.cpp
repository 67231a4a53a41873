#include "tests/sim_support/pipeline_slot.hpp"

#include <chrono>
#include <utility>

#include "runtime/base/check.hpp"
#include "runtime/coordination/error_info.hpp"
#include "runtime/coordination/subtask_key.hpp"
#include "tests/sim_support/sim_world.hpp"

namespace leat::sim {

namespace {

using runtime::ChannelId;
using runtime::TurnOutcome;

/// Within a turn each look at the clock shows that a step has taken its time.
class TurnClock final : public Clock {
 public:
  TurnClock(const SimWorld& world, Duration step_cost) : world_(world), step_cost_(step_cost) {}

  [[nodiscard]] Time now() const override { return world_.now() + (spent_ += step_cost_); }
  /// What the turn has taken so far.
  [[nodiscard]] Duration take() { return std::exchange(spent_, Duration::zero()); }

 private:
  const SimWorld& world_;
  const Duration step_cost_;
  mutable Duration spent_{};
};

class PipelineSlot final : public SimSlot, private runtime::SlotOutbox {
 public:
  PipelineSlot(SimSlotPort& port, std::shared_ptr<const runtime::JobGraph> graph,
               Duration step_cost)
      : port_(port), graph_(std::move(graph)), clock_(port.world(), step_cost) {}

  Result<void> create() {
    const proto::DeploySubtask& deployment = port_.deployment();
    const auto key = runtime::to_key(deployment.ref());
    LEAT_CHECK(key.has_value());
    auto task = runtime::SlotTask::create(
        *graph_, {key->job, key->attempt, key->subtask, deployment.parallelism(),
                  deployment.max_parallelism(), port_.files(), clock_, *this,
                  deployment.has_restore() ? &deployment.restore() : nullptr});
    if (!task)
      return task.error();
    task_ = std::move(*task);
    return {};
  }

  void start() override {
    started_ = true;
    schedule();
  }
  void split_grant(const proto::SplitGrant& grant) override {
    task_->on_split_grant(grant);
    schedule();
  }
  void collect_credit(const proto::CollectCredit& credit) override {
    task_->on_collect_credit(credit.batches());
    schedule();
  }
  void trigger(const proto::TriggerCheckpoint& trigger) override {
    task_->on_trigger(trigger);
    schedule();
  }
  void abort_checkpoint(std::uint64_t checkpoint) override {
    task_->on_abort_checkpoint(checkpoint);
    schedule();
  }
  void checkpoint_complete(std::uint64_t checkpoint) override {
    task_->on_checkpoint_complete(checkpoint);
    schedule();
  }
  void chunk_stored(const proto::ChunkStored& stored) override {
    task_->on_chunk_stored(stored);
    schedule();
  }
  void chunk_data(const proto::ChunkData& data) override {
    task_->on_chunk_data(data);
    schedule();
  }
  void abort() override { task_->abort(); }

 private:
  // From peers, on the peer's port.
  void on_buffer(ChannelId channel, std::uint64_t sequence, const runtime::BufferPtr& buffer) {
    task_->on_buffer(channel, sequence, buffer);
    schedule();
  }
  void on_credit(ChannelId channel, std::uint32_t buffers) {
    task_->on_credit(channel, buffers);
    schedule();
  }

  // SlotOutbox.
  void send_buffer(ChannelId channel, std::uint64_t sequence, runtime::BufferPtr buffer) override {
    port_.to_peer(channel.to, [channel, sequence, buffer](SimSlot& peer) {
      static_cast<PipelineSlot&>(peer).on_buffer(channel, sequence, buffer);
    });
  }
  void send_credit(ChannelId channel, std::uint32_t buffers) override {
    port_.to_peer(channel.from, [channel, buffers](SimSlot& peer) {
      static_cast<PipelineSlot&>(peer).on_credit(channel, buffers);
    });
  }
  void request_split(std::uint32_t source) override { port_.request_split(source); }
  void send_rows(std::vector<std::string> rows, std::uint64_t before_barrier) override {
    port_.rows(std::move(rows), before_barrier);
  }
  void acknowledge(proto::SubtaskEvent::CheckpointAck ack) override {
    proto::SubtaskEvent event;
    *event.mutable_checkpoint_ack() = std::move(ack);
    port_.event(std::move(event));
  }
  void decline(std::uint64_t checkpoint, const std::string& reason) override {
    proto::SubtaskEvent event;
    event.mutable_checkpoint_declined()->set_checkpoint(checkpoint);
    event.mutable_checkpoint_declined()->set_reason(reason);
    port_.event(std::move(event));
  }
  void send_chunk(std::uint64_t checkpoint, std::uint64_t sequence, std::string data) override {
    port_.send_chunk(checkpoint, sequence, std::move(data));
  }
  void fetch_chunk(std::uint64_t epoch, std::uint64_t counter) override {
    port_.fetch_chunk(epoch, counter);
  }
  void run_io(runtime::IoToken token, std::function<Result<void>()> work) override {
    port_.blocking(std::move(work), [this, token](const Result<void>& outcome) {
      task_->on_io_done(token, outcome);
      schedule();
    });
  }

  /// A turn comes after what has already arrived; one at a time is enough.
  void schedule() {
    if (!started_ || failed_ || std::exchange(scheduled_, true))
      return;
    port_.later([this] { turn(); });
  }

  void turn() {
    scheduled_ = false;
    if (failed_)
      return;
    const bool may_have_effects = port_.lease_valid();
    if (finished_ && !may_have_effects)
      return;
    if (!may_have_effects)
      return fail({Error(ErrorKind::kUnreachable,
                         "the TaskManager has had no answer from the JobManager for too long"),
                   "", ""});
    const TurnOutcome outcome = task_->turn(port_.world().now());
    port_.compute_for(clock_.take());
    report();
    switch (outcome.next) {
      case TurnOutcome::Next::kAgain:
        return schedule();
      case TurnOutcome::Next::kIdle:
        return wake_at(outcome.wake_at);
      case TurnOutcome::Next::kFinished:
        return finish();
      case TurnOutcome::Next::kFailed:
        return fail(*task_->failure());
    }
  }

  void wake_at(Time time) {
    if (time >= next_wake_)
      return;
    next_wake_ = time;
    port_.at(time, [this, time] {
      if (time == next_wake_)
        next_wake_ = Time::max();
      schedule();
    });
  }

  void report() {
    constexpr Duration kInterval = std::chrono::milliseconds(250);
    if (port_.world().now() < reported_at_ + kInterval)
      return;
    reported_at_ = port_.world().now();
    port_.metrics(task_->records_in(), task_->records_out());
  }

  void finish() {
    // Further turns, in which barriers pass, end here too.
    if (std::exchange(finished_, true))
      return;
    proto::SubtaskEvent::Finished result;
    for (proto::Committable& committable : task_->committables())
      *result.add_committables() = std::move(committable);
    result.set_records_in(task_->records_in());
    result.set_records_out(task_->records_out());
    port_.finish(std::move(result));
  }

  void fail(const runtime::SlotFailure& failure) {
    failed_ = true;
    proto::SubtaskEvent::Failed failed;
    *failed.mutable_error() = runtime::to_error_info(failure.error);
    failed.set_operator_name(failure.operator_name);
    failed.set_position(failure.position);
    failed.set_restore_damaged(failure.restore_damaged);
    port_.fail(std::move(failed));
  }

  SimSlotPort& port_;
  std::shared_ptr<const runtime::JobGraph> graph_;
  std::unique_ptr<runtime::SlotTask> task_;
  bool started_ = false;
  bool scheduled_ = false;
  bool failed_ = false;
  bool finished_ = false;
  Time next_wake_ = Time::max();
  Time reported_at_{};
  TurnClock clock_;
};

}  // namespace

SimSlotFactory pipeline_slots(
    std::function<std::shared_ptr<const runtime::JobGraph>(const std::string& job_id)> graphs,
    std::function<Duration()> step_cost) {
  return [graphs = std::move(graphs),
          step_cost = std::move(step_cost)](SimSlotPort& port) -> std::unique_ptr<SimSlot> {
    auto slot = std::make_unique<PipelineSlot>(port, graphs(port.deployment().ref().job_id()),
                                               step_cost ? step_cost() : Duration::zero());
    if (auto created = slot->create(); !created) {
      proto::SubtaskEvent::Failed failed;
      *failed.mutable_error() = runtime::to_error_info(created.error());
      port.fail(std::move(failed));
      return nullptr;
    }
    return slot;
  };
}

}  // namespace leat::sim
