#include "tests/support/faulty_run.hpp"

#include <algorithm>
#include <memory>
#include <utility>

#include <gtest/gtest.h>

#include "runtime/checkpointing/base_segments.hpp"
#include "runtime/connectors/index_range.hpp"

namespace leat::test {

using runtime::BufferPtr;
using runtime::ChannelId;
using runtime::TurnOutcome;

struct FaultyRun::Slot final : runtime::SlotOutbox {
  Slot(FaultyRun& owner, std::uint32_t number) : run(owner), subtask(number) {}

  void send_buffer(ChannelId channel, std::uint64_t sequence, BufferPtr buffer) override {
    run.send(subtask, channel.to, [this, channel, sequence, buffer = std::move(buffer)] {
      event(channel.to, [&](auto& peer) { peer.on_buffer(channel, sequence, buffer); });
    });
  }
  void send_credit(ChannelId channel, std::uint32_t buffers) override {
    run.send(subtask, channel.from, [this, channel, buffers] {
      event(channel.from, [&](auto& peer) { peer.on_credit(channel, buffers); });
    });
  }
  void request_split(std::uint32_t source) override {
    run.send(subtask, kJobManager, [this, source] { run.grant(subtask, source); });
  }
  void send_rows(std::vector<std::string> /*rows*/, std::uint64_t /*before_barrier*/) override {
    ADD_FAILURE() << "no collect sink here";
  }
  void run_io(runtime::IoToken token, std::function<Result<void>()> work) override {
    run.send(subtask, subtask, [this, token, work = std::move(work)] {
      event(subtask, [&](auto& self) { self.on_io_done(token, work()); });
    });
  }
  void acknowledge(proto::SubtaskEvent::CheckpointAck ack) override {
    run.send(subtask, kJobManager, [this, ack = std::move(ack)] { run.ack(subtask, ack); });
  }
  void decline(std::uint64_t /*checkpoint*/, const std::string& reason) override {
    ADD_FAILURE() << reason;
  }
  void send_chunk(std::uint64_t checkpoint, std::uint64_t sequence, std::string data) override {
    run.send(subtask, kJobManager, [this, checkpoint, sequence, data = std::move(data)] {
      proto::ChunkStored stored;
      stored.set_checkpoint(checkpoint);
      stored.set_sequence(sequence);
      stored.set_epoch(1);
      stored.set_counter(run.next_chunk_++);
      run.chunks_[{1, stored.counter()}] = data;
      run.send(kJobManager, subtask, [this, stored] {
        event(subtask, [&](auto& self) { self.on_chunk_stored(stored); });
      });
    });
  }
  void fetch_chunk(std::uint64_t epoch, std::uint64_t counter) override {
    run.send(subtask, kJobManager, [this, epoch, counter] {
      proto::ChunkData chunk;
      chunk.set_epoch(epoch);
      chunk.set_counter(counter);
      chunk.set_data(run.chunks_.at({epoch, counter}));
      run.send(kJobManager, subtask,
               [this, chunk] { event(subtask, [&](auto& self) { self.on_chunk_data(chunk); }); });
    });
  }

  /// Something happens to a subtask: it needs a turn.
  template <class What>
  void event(std::uint32_t to, What what) {
    what(*run.slots_[to]->task);
    run.slots_[to]->awake = true;
  }

  FaultyRun& run;
  std::uint32_t subtask;
  std::unique_ptr<runtime::SlotTask> task;
  bool awake = true;
  bool finished = false;
  Time wake_at = Time::max();
};

FaultyRun::FaultyRun(std::shared_ptr<const runtime::JobGraph> graph,
                     std::function<void(const proto::Committable&)> commit,
                     FaultyRunOptions options)
    : graph_(std::move(graph)),
      commit_(std::move(commit)),
      options_(std::move(options)),
      random_(options_.seed) {
  for (const proto::SourceSpec& source : graph_->plan().sources()) {
    proto::RangeConfig config;
    EXPECT_TRUE(config.ParseFromString(source.config()));
    auto& splits = all_splits_.emplace_back();
    for (std::uint64_t begin = 0; begin < config.count();) {
      const std::uint64_t end =
          std::min(config.count(), begin + 1 + random(2 * options_.rows_per_split));
      splits.push_back(runtime::encode_index_range({begin, end}));
      begin = end;
    }
  }
}

FaultyRun::~FaultyRun() = default;

std::uint64_t FaultyRun::random(std::uint64_t below) {
  return below == 0 ? 0 : random_() % below;
}

void FaultyRun::send(std::uint32_t from, std::uint32_t to, Message message) {
  queues_[{from, to}].push_back(std::move(message));
}

void FaultyRun::start_attempt() {
  const auto& choices = options_.parallelism;
  parallelism_ = choices[attempt_ % choices.size()];
  ++attempt_;
  finished_.clear();
  enumerators_ = all_splits_;
  if (last_complete_) {
    ++restores_;
    enumerators_ = restored_splits();
  }
  for (std::uint32_t subtask = 0; subtask < parallelism_; ++subtask) {
    auto slot = std::make_unique<Slot>(*this, subtask);
    const proto::RestoreSubtask restore =
        last_complete_ ? restore_of(subtask) : proto::RestoreSubtask();
    auto task =
        runtime::SlotTask::create(*graph_, {JobId(1, 2), Attempt{attempt_}, subtask, parallelism_,
                                            graph_->plan().max_parallelism(), files_, clock_, *slot,
                                            last_complete_ ? &restore : nullptr});
    ASSERT_TRUE(task.ok()) << task.error().message();
    slot->task = std::move(*task);
    slots_.push_back(std::move(slot));
  }
}

/// What enumerators had not handed out and readers not read.
std::vector<std::deque<proto::Split>> FaultyRun::restored_splits() const {
  auto splits = last_complete_->enumerators;
  const proto::Plan& plan = graph_->plan();
  for (const auto& [subtask, snapshot] : last_complete_->acks)
    for (const proto::SourceSnapshot& source : snapshot.sources())
      for (std::size_t i = 0; i < splits.size(); ++i)
        if (plan.sources(static_cast<int>(i)).uid() == source.uid())
          splits[i].insert(splits[i].end(), source.splits().begin(), source.splits().end());
  return splits;
}

std::uint64_t FaultyRun::rows_left() const {
  std::uint64_t rows = 0;
  for (const auto& splits : restored_splits())
    for (const proto::Split& split : splits) {
      const auto range = runtime::decode_index_range(split);
      EXPECT_TRUE(range.ok());
      rows += range->end - range->begin;
    }
  return rows;
}

proto::RestoreSubtask FaultyRun::restore_of(std::uint32_t subtask) const {
  proto::RestoreSubtask restore;
  restore.set_checkpoint(last_complete_->id);
  for (const auto& [from, snapshot] : last_complete_->acks) {
    for (const proto::KeyedStateSnapshot& keyed : snapshot.keyed())
      *restore.add_keyed() = keyed;
    for (const proto::ChannelSnapshot& channel : snapshot.channels())
      if (channel.from() % parallelism_ == subtask)
        *restore.add_channels() = channel;
  }
  return restore;
}

void FaultyRun::kill() {
  ++kills_;
  for (const auto& slot : slots_)
    if (!slot->finished)
      slot->task->abort();
  queues_.clear();
  slots_.clear();
  pending_ = {};
}

void FaultyRun::run() {
  start_attempt();
  std::uint64_t next_kill = 30 + random(options_.steps_between_kills);
  for (; !done_ && !::testing::Test::HasFailure(); ++steps_) {
    ASSERT_LT(steps_, 3'000'000U) << "seed " << options_.seed << ": no end in sight";
    act_as_coordinator();
    if (options_.stalls && steps_ >= stalled_until_ && random(20) == 0) {
      stalled_ = static_cast<std::uint32_t>(random(parallelism_));
      stalled_until_ = steps_ + random(200);
    }
    if (!step())
      clock_.advance_to(clock_.now() + std::chrono::milliseconds(1));
    if (kills_ < options_.kills && --next_kill == 0) {
      kill();
      start_attempt();
      next_kill = 30 + random(options_.steps_between_kills);
    }
  }
}

/// One message or one turn, chosen at random; false if there was nothing to do.
bool FaultyRun::step() {
  std::vector<std::deque<Message>*> busy;
  for (auto& [ends, queue] : queues_)
    if (!queue.empty())
      busy.push_back(&queue);
  std::vector<Slot*> awake;
  for (const auto& slot : slots_)
    if ((slot->awake || slot->wake_at <= clock_.now()) &&
        !(steps_ < stalled_until_ && slot->subtask == stalled_))
      awake.push_back(slot.get());
  if (busy.empty() && awake.empty())
    return false;
  const std::uint64_t chosen = random(busy.size() + awake.size());
  if (chosen < busy.size()) {
    Message message = std::move(busy[chosen]->front());
    busy[chosen]->pop_front();
    message();
  } else {
    turn(*awake[chosen - busy.size()]);
  }
  if (random(16) == 0)
    clock_.advance_to(clock_.now() + std::chrono::microseconds(random(2000)));
  return true;
}

void FaultyRun::turn(Slot& slot) {
  slot.awake = false;
  const TurnOutcome outcome = slot.task->turn(clock_.now());
  slot.wake_at = outcome.wake_at;
  switch (outcome.next) {
    case TurnOutcome::Next::kAgain:
      EXPECT_FALSE(slot.finished);
      slot.awake = true;
      return;
    case TurnOutcome::Next::kIdle:
      EXPECT_FALSE(slot.finished);
      return;
    case TurnOutcome::Next::kFinished:
      if (!std::exchange(slot.finished, true))
        send(slot.subtask, kJobManager,
             [this, subtask = slot.subtask, output = slot.task->committables()] {
               finished(subtask, output);
             });
      return;
    case TurnOutcome::Next::kFailed:
      FAIL() << "seed " << options_.seed << ", subtask " << slot.subtask << ": "
             << slot.task->failure()->error.message();
  }
}

void FaultyRun::act_as_coordinator() {
  if (pending_.id == 0) {
    // More often once some have finished: it does not last long.
    const std::uint64_t between = finished_.empty() ? options_.steps_between_checkpoints : 4;
    if (finished_.size() < parallelism_ && random(between) == 0)
      trigger();
  } else if (!pending_.drains && random(10'000) < options_.abort_percent * 10ULL) {
    abort_pending();
  }
}

void FaultyRun::trigger() {
  pending_ = {};
  pending_.id = ++last_checkpoint_;
  pending_.enumerators = enumerators_;
  pending_.drains = options_.on_drained && kills_ == options_.kills;
  for (std::uint32_t subtask = 0; subtask < parallelism_; ++subtask) {
    proto::TriggerCheckpoint message;
    message.set_checkpoint(pending_.id);
    message.set_base(last_complete_ ? last_complete_->id : 0);
    message.set_align(options_.exactly_once);
    message.set_aligned_timeout_ms(options_.aligned_timeout_ms);
    message.set_chunk_window(1 + static_cast<std::uint32_t>(random(3)));
    message.set_end_sources(pending_.drains);
    send(kJobManager, subtask, [this, subtask, message] {
      slots_[subtask]->event(subtask, [&](auto& task) { task.on_trigger(message); });
    });
  }
}

void FaultyRun::abort_pending() {
  ++aborted_;
  for (std::uint32_t subtask = 0; subtask < parallelism_; ++subtask)
    send(kJobManager, subtask, [this, subtask, id = pending_.id] {
      slots_[subtask]->event(subtask, [&](auto& task) { task.on_abort_checkpoint(id); });
    });
  pending_ = {};
}

void FaultyRun::ack(std::uint32_t subtask, const proto::SubtaskEvent::CheckpointAck& ack) {
  if (ack.checkpoint() != pending_.id)
    return;
  EXPECT_FALSE(pending_.acks.contains(subtask)) << "acknowledged twice";
  proto::SubtaskSnapshot snapshot = ack.snapshot();
  if (const auto output = finished_.find(subtask); output != finished_.end()) {
    ++acknowledged_after_finish_;
    for (const proto::Committable& committable : output->second)
      *snapshot.add_committables() = committable;
  }
  join_with_base(snapshot);
  for (const proto::ChannelSnapshot& channel : snapshot.channels()) {
    const auto buffers = static_cast<std::uint64_t>(channel.buffers_size());
    overtaken_buffers_ += buffers;
    overtaken_at_senders_ += channel.at_sender() ? buffers : 0;
  }
  pending_.acks[subtask] = std::move(snapshot);
  pending_.sent_bytes += ack.sent_bytes();
  if (pending_.acks.size() == parallelism_)
    complete();
}

void FaultyRun::join_with_base(proto::SubtaskSnapshot& snapshot) const {
  const auto base = std::make_shared<proto::StoredCheckpoint>();
  if (last_complete_)
    for (const auto& [from, complete] : last_complete_->acks)
      base->mutable_keyed()->MergeFrom(complete.keyed());
  runtime::BaseSegments segments(base);
  for (proto::KeyedStateSnapshot& keyed : *snapshot.mutable_keyed())
    for (proto::SegmentSnapshot& segment : *keyed.mutable_segments()) {
      if (!segment.on_base())
        continue;
      const proto::SegmentSnapshot* known = segments.find(keyed.uid(), segment);
      ASSERT_NE(known, nullptr);
      segment.set_chain(known->chain() + segment.chain());
      segment.set_on_base(false);
    }
}

void FaultyRun::complete() {
  ++completed_;
  std::uint64_t state = 0;
  for (const auto& [subtask, snapshot] : pending_.acks)
    for (const proto::KeyedStateSnapshot& keyed : snapshot.keyed())
      state += keyed.bytes();
  sent_bytes_ += pending_.sent_bytes;
  state_bytes_ += state;
  largest_state_ = std::max(largest_state_, state);
  for (const auto& [subtask, snapshot] : pending_.acks)
    for (const proto::Committable& committable : snapshot.committables())
      commit_(committable);
  for (std::uint32_t subtask = 0; subtask < parallelism_; ++subtask)
    send(kJobManager, subtask, [this, subtask, id = pending_.id] {
      slots_[subtask]->event(subtask, [&](auto& task) { task.on_checkpoint_complete(id); });
    });
  last_complete_ = std::exchange(pending_, {});
  if (last_complete_->drains)
    options_.on_drained();
}

void FaultyRun::finished(std::uint32_t subtask, std::vector<proto::Committable> output) {
  finished_[subtask] = std::move(output);
  if (finished_.size() < parallelism_)
    return;
  for (const auto& [other, committables] : finished_)
    for (const proto::Committable& committable : committables)
      commit_(committable);
  done_ = true;
}

void FaultyRun::grant(std::uint32_t subtask, std::uint32_t source) {
  proto::SplitGrant message;
  message.set_source(source);
  auto& splits = enumerators_[source];
  if (splits.empty()) {
    message.set_no_more(true);
  } else {
    *message.add_splits() = splits.front();
    splits.pop_front();
  }
  send(kJobManager, subtask, [this, subtask, message] {
    slots_[subtask]->event(subtask, [&](auto& task) { task.on_split_grant(message); });
  });
}

}  // namespace leat::test
