#include "tests/sim_support/pipeline_slot.hpp"

#include <utility>

#include "runtime/base/check.hpp"
#include "runtime/coordination/error_info.hpp"
#include "runtime/coordination/subtask_key.hpp"
#include "tests/sim_support/sim_world.hpp"

namespace leat::sim {

namespace {

using runtime::ChannelId;
using runtime::TurnOutcome;

class PipelineSlot final : public SimSlot, private runtime::SlotOutbox {
 public:
  PipelineSlot(SimSlotPort& port, std::shared_ptr<const runtime::JobGraph> graph, FileSystem& files)
      : port_(port), graph_(std::move(graph)) {
    const proto::DeploySubtask& deployment = port.deployment();
    const auto key = runtime::to_key(deployment.ref());
    LEAT_CHECK(key.has_value());
    auto task = runtime::SlotTask::create(
        *graph_, {key->job, key->attempt, key->subtask, deployment.parallelism(),
                  deployment.max_parallelism(), files, port.world().clock(), *this});
    LEAT_CHECK(task.ok());
    task_ = std::move(*task);
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
  void abort() override {
    if (!finished_)
      task_->abort();
  }

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
    LEAT_CHECK(before_barrier == 0);
    port_.rows(std::move(rows));
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
  // Nothing triggers or restores here yet.
  void send_chunk(std::uint64_t, std::uint64_t, std::string) override { LEAT_CHECK(false); }
  void fetch_chunk(std::uint64_t, std::uint64_t) override { LEAT_CHECK(false); }
  void run_io(runtime::IoToken token, std::function<Result<void>()> work) override {
    port_.blocking(std::move(work), [this, token](const Result<void>& outcome) {
      task_->on_io_done(token, outcome);
      schedule();
    });
  }

  /// A turn comes after what has already arrived; one at a time is enough.
  void schedule() {
    if (!started_ || ended_ || std::exchange(scheduled_, true))
      return;
    port_.later([this] { turn(); });
  }

  void turn() {
    scheduled_ = false;
    if (ended_)
      return;
    const TurnOutcome outcome = task_->turn(port_.world().now());
    port_.metrics(task_->records_in(), task_->records_out());
    switch (outcome.next) {
      case TurnOutcome::Next::kAgain:
        return schedule();
      case TurnOutcome::Next::kIdle:
        if (outcome.wake_at != Time::max())
          port_.at(outcome.wake_at, [this] { schedule(); });
        return;
      case TurnOutcome::Next::kFinished:
        return finish();
      case TurnOutcome::Next::kFailed:
        return fail();
    }
  }

  void finish() {
    ended_ = finished_ = true;
    proto::SubtaskEvent event;
    proto::SubtaskEvent::Finished& result = *event.mutable_finished();
    for (proto::Committable& committable : task_->committables())
      *result.add_committables() = std::move(committable);
    result.set_records_in(task_->records_in());
    result.set_records_out(task_->records_out());
    port_.event(std::move(event));
  }

  void fail() {
    ended_ = true;
    const auto& failure = task_->failure();
    LEAT_CHECK(failure.has_value());
    proto::SubtaskEvent event;
    proto::SubtaskEvent::Failed& failed = *event.mutable_failed();
    *failed.mutable_error() = runtime::to_error_info(failure->error);
    failed.set_operator_name(failure->operator_name);
    failed.set_position(failure->position);
    port_.event(std::move(event));
  }

  SimSlotPort& port_;
  std::shared_ptr<const runtime::JobGraph> graph_;
  std::unique_ptr<runtime::SlotTask> task_;
  bool started_ = false;
  bool scheduled_ = false;
  bool ended_ = false;
  bool finished_ = false;
};

}  // namespace

SimSlotFactory pipeline_slots(
    std::function<std::shared_ptr<const runtime::JobGraph>(const std::string& job_id)> graphs,
    FileSystem& files) {
  return [graphs = std::move(graphs), &files](SimSlotPort& port) {
    return std::make_unique<PipelineSlot>(port, graphs(port.deployment().ref().job_id()), files);
  };
}

}  // namespace leat::sim
