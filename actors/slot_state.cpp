#include "actors/slot_state.hpp"

#include <algorithm>
#include <chrono>
#include <optional>
#include <utility>

#include <caf/actor_system.hpp>

#include "actors/error_text.hpp"
#include "actors/io_worker.hpp"
#include "actors/own_thread.hpp"
#include "runtime/base/crash_point.hpp"
#include "runtime/coordination/error_info.hpp"

namespace leat::actors {

namespace {

/// How often a running slot tells its TaskManager how far it is.
constexpr std::chrono::milliseconds kReportInterval{250};

}  // namespace

void SlotState::create(const SlotSetup& setup) {
  graph_ = setup.graph;
  lease_ = setup.lease;
  owner_ = setup.owner;
  ref_ = setup.ref;
  deployment_ = setup.deployment;
  self_->monitor(owner_);
  restore_ = setup.restore;
  const runtime::SlotContext context{
      deployment_.job,       deployment_.attempt, ref_.subtask(), setup.parallelism,
      setup.max_parallelism, setup.files,         clock_,         *this,
      restore_.get()};
  auto task = runtime::SlotTask::create(*graph_, context);
  if (!task)
    return fail({task.error(), "", ""});
  task_ = std::move(*task);
  auto event = make_event();
  event.mutable_deployed();
  report(std::move(event));
}

void SlotState::start(const SlotPeers& peers) {
  if (phase_ != Phase::kPrepared || !task_)
    return;
  peers_ = peers.slots;
  for (const auto& peer : peers_)
    if (peer)
      self_->monitor(peer);
  phase_ = Phase::kRunning;
  auto event = make_event();
  event.mutable_running();
  report(std::move(event));
  schedule_turn();
  self_->delayed_send(self_, kReportInterval, report_atom::value);
}

void SlotState::stop(const caf::error& reason) {
  if (phase_ == Phase::kStopping)
    return;
  phase_ = Phase::kStopping;
  exit_reason_ = reason;
  quit_when_idle();
}

// A stopped slot waits for I/O under way: gone means that nothing of it can have an effect any more.
void SlotState::quit_when_idle() {
  if (pending_io_ > 0)
    return;
  if (task_ && !finished_)
    task_->abort();
  if (io_worker_)
    self_->send_exit(io_worker_, caf::exit_reason::user_shutdown);
  self_->quit(exit_reason_);
}

bool SlotState::is_mine(const DeploymentId& deployment, std::uint32_t subtask) const {
  return deployment == deployment_ && subtask == ref_.subtask() && task_ != nullptr &&
         (phase_ == Phase::kPrepared || phase_ == Phase::kRunning);
}

void SlotState::on_data(const DataMessage& message) {
  if (!is_mine(message.deployment, message.channel.to))
    return;
  task_->on_buffer(message.channel, message.sequence, message.buffer);
  schedule_turn();
}

void SlotState::on_credit(const CreditMessage& message) {
  if (!is_mine(message.deployment, message.channel.from))
    return;
  task_->on_credit(message.channel, message.buffers);
  schedule_turn();
}

void SlotState::on_split_grant(const proto::SplitGrant& grant) {
  if (!is_mine(deployment_, grant.ref().subtask()))
    return;
  task_->on_split_grant(grant);
  schedule_turn();
}

void SlotState::on_collect_credit(const proto::CollectCredit& credit) {
  if (!is_mine(deployment_, credit.ref().subtask()))
    return;
  task_->on_collect_credit(credit.batches());
  schedule_turn();
}

void SlotState::on_trigger(const proto::TriggerCheckpoint& trigger) {
  if (!is_mine(deployment_, trigger.ref().subtask()))
    return;
  crash_point("trigger-received");
  task_->on_trigger(trigger);
  schedule_turn();
}

void SlotState::on_abort_checkpoint(const proto::AbortCheckpoint& abort) {
  if (!is_mine(deployment_, abort.ref().subtask()))
    return;
  task_->on_abort_checkpoint(abort.checkpoint());
  schedule_turn();
}

void SlotState::on_checkpoint_complete(const proto::CheckpointComplete& complete) {
  if (!is_mine(deployment_, complete.ref().subtask()))
    return;
  task_->on_checkpoint_complete(complete.checkpoint());
  schedule_turn();
}

void SlotState::on_chunk_stored(const proto::ChunkStored& stored) {
  if (!is_mine(deployment_, stored.ref().subtask()))
    return;
  task_->on_chunk_stored(stored);
  schedule_turn();
}

void SlotState::on_chunk_data(const proto::ChunkData& chunk) {
  if (!is_mine(deployment_, chunk.ref().subtask()))
    return;
  crash_point("chunk-fetched");
  task_->on_chunk_data(chunk);
  schedule_turn();
}

void SlotState::on_down(const caf::down_msg& down) {
  if (down.source == owner_.address())
    return stop(caf::exit_reason::remote_link_unreachable);
  // A peer that was stopped in order belongs to an attempt that is over for us too. Who has finished is
  // concerned as well: what was on its way to the peer may be lost, which need not notice.
  if (phase_ != Phase::kRunning || is_orderly_end(down.reason))
    return;
  const auto peer = std::find_if(peers_.begin(), peers_.end(), [&](const slot_actor& slot) {
    return slot && slot.address() == down.source;
  });
  if (peer == peers_.end())
    return;
  const auto subtask = static_cast<std::uint32_t>(peer - peers_.begin());
  fail({Error(ErrorKind::kUnreachable, "the connection to subtask " + std::to_string(subtask) +
                                           " is lost: " + error_text(down.reason)),
        "", ""},
       subtask);
}

void SlotState::schedule_turn() {
  if (turn_scheduled_ || phase_ != Phase::kRunning)
    return;
  turn_scheduled_ = true;
  self_->send(self_, turn_atom::value);
}

void SlotState::turn() {
  turn_scheduled_ = false;
  if (phase_ != Phase::kRunning)
    return;
  const Time now = clock_.now();
  const bool may_have_effects = lease_->valid(now);
  if (finished_ && !may_have_effects)
    return;
  if (!may_have_effects)
    return fail({Error(ErrorKind::kUnreachable,
                       "the TaskManager has had no answer from the JobManager for too long"),
                 "", ""});
  const runtime::TurnOutcome outcome = task_->turn(now);
  switch (outcome.next) {
    case runtime::TurnOutcome::Next::kAgain:
      return schedule_turn();
    case runtime::TurnOutcome::Next::kIdle:
      return wake_at(outcome.wake_at);
    case runtime::TurnOutcome::Next::kFinished:
      return finish();
    case runtime::TurnOutcome::Next::kFailed:
      return fail(*task_->failure());
  }
}

void SlotState::wake_at(Time time) {
  if (time == Time::max() || time >= next_wake_)
    return;
  next_wake_ = time;
  self_->delayed_send(self_, std::max(time - clock_.now(), Duration::zero()), wake_atom::value);
}

void SlotState::wake() {
  next_wake_ = Time::max();
  schedule_turn();
}

void SlotState::finish() {
  // Further turns, in which barriers pass, end here too.
  if (std::exchange(finished_, true))
    return;
  auto event = make_event();
  auto& finished = *event.mutable_finished();
  for (auto& committable : task_->committables())
    *finished.add_committables() = std::move(committable);
  finished.set_records_in(task_->records_in());
  finished.set_records_out(task_->records_out());
  finished.set_bytes_sent(bytes_sent_);
  report(std::move(event));
}

void SlotState::fail(const runtime::SlotFailure& failure) {
  phase_ = Phase::kFailed;
  auto event = make_event();
  auto& failed = *event.mutable_failed();
  *failed.mutable_error() = runtime::to_error_info(failure.error);
  failed.set_operator_name(failure.operator_name);
  failed.set_position(failure.position);
  failed.set_restore_damaged(failure.restore_damaged);
  report(std::move(event));
}

void SlotState::fail(const runtime::SlotFailure& failure, std::uint32_t unreachable_peer) {
  phase_ = Phase::kFailed;
  auto event = make_event();
  auto& failed = *event.mutable_failed();
  *failed.mutable_error() = runtime::to_error_info(failure.error);
  failed.add_unreachable_peers(unreachable_peer);
  report(std::move(event));
}

void SlotState::report_metrics() {
  if (phase_ != Phase::kRunning || finished_)
    return;
  self_->delayed_send(self_, kReportInterval, report_atom::value);
  if (task_->records_in() == reported_in_ && task_->records_out() == reported_out_ &&
      bytes_sent_ == reported_bytes_)
    return;
  reported_in_ = task_->records_in();
  reported_out_ = task_->records_out();
  reported_bytes_ = bytes_sent_;
  proto::SubtaskMetrics metrics;
  metrics.set_job_id(ref_.job_id());
  metrics.set_attempt(ref_.attempt());
  metrics.set_subtask(ref_.subtask());
  metrics.set_records_in(reported_in_);
  metrics.set_records_out(reported_out_);
  metrics.set_bytes_sent(reported_bytes_);
  self_->send(owner_, std::move(metrics));
}

proto::SubtaskEvent SlotState::make_event() const {
  proto::SubtaskEvent event;
  *event.mutable_ref() = ref_;
  return event;
}

void SlotState::report(proto::SubtaskEvent event) {
  self_->send(owner_, std::move(event));
}

void SlotState::send_buffer(runtime::ChannelId channel, std::uint64_t sequence,
                            runtime::BufferPtr buffer) {
  LEAT_CHECK(channel.to < peers_.size() && peers_[channel.to]);
  bytes_sent_ += buffer->bytes.size();
  self_->send(peers_[channel.to], DataMessage{deployment_, channel, sequence, std::move(buffer)});
}

void SlotState::send_credit(runtime::ChannelId channel, std::uint32_t buffers) {
  LEAT_CHECK(channel.from < peers_.size() && peers_[channel.from]);
  self_->send(peers_[channel.from], CreditMessage{deployment_, channel, buffers});
}

void SlotState::request_split(std::uint32_t source) {
  proto::SplitRequest request;
  *request.mutable_ref() = ref_;
  request.set_source(source);
  self_->send(owner_, std::move(request));
}

void SlotState::send_rows(std::vector<std::string> rows, std::uint64_t before_barrier) {
  proto::CollectRows message;
  *message.mutable_ref() = ref_;
  for (auto& row : rows)
    message.add_rows(std::move(row));
  message.set_before_barrier(before_barrier);
  self_->send(owner_, std::move(message));
}

void SlotState::acknowledge(proto::SubtaskEvent::CheckpointAck ack) {
  crash_point("before-ack");
  auto event = make_event();
  *event.mutable_checkpoint_ack() = std::move(ack);
  report(std::move(event));
}

void SlotState::decline(std::uint64_t checkpoint, const std::string& reason) {
  auto event = make_event();
  event.mutable_checkpoint_declined()->set_checkpoint(checkpoint);
  event.mutable_checkpoint_declined()->set_reason(reason);
  report(std::move(event));
}

void SlotState::send_chunk(std::uint64_t checkpoint, std::uint64_t sequence, std::string data) {
  proto::SnapshotChunk chunk;
  *chunk.mutable_ref() = ref_;
  chunk.set_checkpoint(checkpoint);
  chunk.set_sequence(sequence);
  chunk.set_data(std::move(data));
  self_->send(owner_, std::move(chunk));
}

void SlotState::fetch_chunk(std::uint64_t epoch, std::uint64_t counter) {
  proto::FetchChunk fetch;
  *fetch.mutable_ref() = ref_;
  fetch.set_epoch(epoch);
  fetch.set_counter(counter);
  self_->send(owner_, std::move(fetch));
}

void SlotState::run_io(runtime::IoToken token, std::function<Result<void>()> work) {
  if (!io_worker_)
    io_worker_ = spawn_on_own_thread<caf::linked>(*self_, io_worker);
  ++pending_io_;
  run_on<void>(self_, io_worker_, std::move(work), [this, token](const Result<void>& outcome) {
    --pending_io_;
    if (phase_ == Phase::kStopping)
      return quit_when_idle();
    task_->on_io_done(token, outcome);
    schedule_turn();
  });
}

}  // namespace leat::actors
