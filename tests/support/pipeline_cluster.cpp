#include "tests/support/pipeline_cluster.hpp"

#include <algorithm>
#include <utility>

#include <gtest/gtest.h>

#include "runtime/connectors/make_split_enumerator.hpp"

namespace leat::test {

using runtime::BufferPtr;
using runtime::ChannelId;
using runtime::TurnOutcome;

struct PipelineCluster::Slot final : runtime::SlotOutbox {
  Slot(PipelineCluster& owner, std::uint32_t number) : cluster(owner), subtask(number) {}

  void send_buffer(ChannelId channel, std::uint64_t sequence, BufferPtr buffer) override {
    ++cluster.buffers_sent_;
    cluster.most_in_flight_ = std::max(cluster.most_in_flight_, ++cluster.in_flight_);
    cluster.messages_.emplace_back([this, channel, sequence, buffer = std::move(buffer)] {
      --cluster.in_flight_;
      cluster.task(channel.to).on_buffer(channel, sequence, buffer);
    });
  }
  void send_credit(ChannelId channel, std::uint32_t buffers) override {
    cluster.messages_.emplace_back(
        [this, channel, buffers] { cluster.task(channel.from).on_credit(channel, buffers); });
  }
  void request_split(std::uint32_t source) override {
    cluster.messages_.emplace_back([this, source] {
      proto::SplitGrant grant;
      grant.set_source(source);
      if (auto split = cluster.enumerator(source).next(subtask))
        *grant.add_splits() = std::move(*split);
      else
        grant.set_no_more(true);
      task->on_split_grant(grant);
    });
  }
  void send_rows(std::vector<std::string> rows, std::uint64_t /*before_barrier*/) override {
    cluster.rows_.insert(cluster.rows_.end(), rows.begin(), rows.end());
    cluster.messages_.emplace_back([this] { task->on_collect_credit(1); });
  }
  void run_io(runtime::IoToken token, std::function<Result<void>()> work) override {
    cluster.messages_.emplace_back(
        [this, token, work = std::move(work)] { task->on_io_done(token, work()); });
  }

  void acknowledge(proto::SubtaskEvent::CheckpointAck /*ack*/) override { ADD_FAILURE(); }
  void decline(std::uint64_t /*checkpoint*/, const std::string& reason) override {
    ADD_FAILURE() << reason;
  }
  void send_chunk(std::uint64_t, std::uint64_t, std::string) override { ADD_FAILURE(); }
  void fetch_chunk(std::uint64_t, std::uint64_t) override { ADD_FAILURE(); }

  PipelineCluster& cluster;
  std::uint32_t subtask;
  std::unique_ptr<runtime::SlotTask> task;
  TurnOutcome last{TurnOutcome::Next::kAgain, Time::max()};
};

PipelineCluster::PipelineCluster(std::shared_ptr<const runtime::JobGraph> graph,
                                 std::uint32_t parallelism)
    : graph_(std::move(graph)),
      enumerators_(static_cast<std::size_t>(graph_->plan().sources_size())) {
  const proto::Plan& plan = graph_->plan();
  for (std::uint32_t subtask = 0; subtask < parallelism; ++subtask) {
    auto slot = std::make_unique<Slot>(*this, subtask);
    auto task = runtime::SlotTask::create(*graph_, {JobId(1, 2), Attempt{1}, subtask, parallelism,
                                                    plan.max_parallelism(), files_, clock_, *slot});
    EXPECT_TRUE(task.ok()) << task.error().message();
    slot->task = std::move(*task);
    slots_.push_back(std::move(slot));
  }
}

PipelineCluster::~PipelineCluster() = default;

runtime::SlotTask& PipelineCluster::task(std::uint32_t subtask) {
  return *slots_[subtask]->task;
}

/// Made when it is first asked, so that a test may add its input after construction.
runtime::SplitEnumerator& PipelineCluster::enumerator(std::uint32_t source) {
  auto& enumerator = enumerators_[source];
  if (!enumerator) {
    auto made =
        runtime::make_split_enumerator(files_, graph_->plan().sources(static_cast<int>(source)),
                                       static_cast<std::uint32_t>(slots_.size()));
    EXPECT_TRUE(made.ok()) << made.error().message();
    enumerator = std::move(*made);
  }
  return *enumerator;
}

void PipelineCluster::deliver() {
  while (!messages_.empty()) {
    auto message = std::move(messages_.front());
    messages_.pop_front();
    message();
  }
}

bool PipelineCluster::turn(std::uint32_t subtask) {
  Slot& slot = *slots_[subtask];
  if (slot.last.next == TurnOutcome::Next::kFinished ||
      slot.last.next == TurnOutcome::Next::kFailed)
    return false;
  slot.last = slot.task->turn(clock_.now());
  return slot.last.next != TurnOutcome::Next::kIdle;
}

void PipelineCluster::run() {
  while (!finished() && failure() == nullptr) {
    bool moved = !messages_.empty();
    deliver();
    for (std::uint32_t subtask = 0; subtask < slots_.size(); ++subtask)
      moved = turn(subtask) || moved;
    if (moved || !messages_.empty())
      continue;
    Time wake_at = Time::max();
    for (const auto& slot : slots_)
      wake_at = std::min(wake_at, slot->last.wake_at);
    if (wake_at == Time::max())
      return;
    clock_.advance_to(std::max(wake_at, clock_.now() + Duration(1)));
  }
}

bool PipelineCluster::finished() const {
  return std::all_of(slots_.begin(), slots_.end(), [](const auto& slot) {
    return slot->last.next == TurnOutcome::Next::kFinished;
  });
}

const runtime::SlotFailure* PipelineCluster::failure() const {
  for (const auto& slot : slots_) {
    if (slot->task->failure())
      return &*slot->task->failure();
  }
  return nullptr;
}

}  // namespace leat::test
