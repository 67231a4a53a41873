#include "tests/sim_support/sim_slot_actor.hpp"

#include <utility>

#include "runtime/coordination/error_info.hpp"
#include "tests/sim_support/sim_task_manager.hpp"

namespace leat::sim {

SimSlotActor::SimSlotActor(SimTaskManager& owner, proto::DeploySubtask deployment)
    : owner_(owner),
      world_(owner.world()),
      network_(owner.network()),
      deployment_(std::move(deployment)),
      actor_(world_.add_actor(owner.process())),
      io_worker_(world_.add_actor(owner.process())) {}

// ---- life ----

void SimSlotActor::create(const SimSlotFactory& factory) {
  slot_ = factory(*this);
  if (slot_ == nullptr)
    return;
  proto::SubtaskEvent deployed;
  deployed.mutable_deployed();
  event(std::move(deployed));
}

void SimSlotActor::start(std::vector<SimPeer> peers) {
  if (phase_ != Phase::kPrepared || slot_ == nullptr)
    return;
  peers_ = std::move(peers);
  phase_ = Phase::kRunning;
  for (std::uint32_t subtask = 0; subtask < peers_.size(); ++subtask) {
    const SimPeer& peer = peers_[subtask];
    if (peer.slot == nullptr)
      continue;
    peer.slot->watchers_.push_back(this);
    // Watching what is gone already is answered at once.
    const bool gone = peer.connection == ConnectionId{}
                          ? !world_.alive(peer.slot->actor_)
                          : network_.known_down(peer.connection, owner_.process());
    if (gone)
      later([this, subtask] { peer_lost(subtask); });
  }
  proto::SubtaskEvent running;
  running.mutable_running();
  event(std::move(running));
  slot_->start();
}

void SimSlotActor::stop() {
  if (phase_ == Phase::kStopping)
    return;
  phase_ = Phase::kStopping;
  world_.trace([this] {
    return owner_.id() + ": slot of " + deployment_.ref().ShortDebugString() + " stops, " +
           std::to_string(pending_io_) + " I/O under way";
  });
  quit_when_idle();
}

/// Gone means that nothing of it can have an effect any more.
void SimSlotActor::quit_when_idle() {
  if (pending_io_ > 0)
    return;
  if (slot_ != nullptr && !finished_)
    slot_->abort();
  owner_.slot_ended(*this, /*in_order=*/true);
  world_.end(actor_);
}

void SimSlotActor::die() {
  world_.end(actor_);
  owner_.slot_ended(*this, /*in_order=*/false);
  for (SimSlotActor* watcher : watchers_) {
    world_.deliver_at(world_.now() + world_.latency(), watcher->actor_,
                      [watcher, subtask = deployment_.ref().subtask(), self = this] {
                        if (watcher->peers_[subtask].slot == self)
                          watcher->peer_lost(subtask);
                      });
  }
}

void SimSlotActor::connection_down(ConnectionId connection) {
  for (std::uint32_t subtask = 0; subtask < peers_.size(); ++subtask) {
    if (peers_[subtask].connection == connection && connection != ConnectionId{})
      return peer_lost(subtask);
  }
}

void SimSlotActor::peer_lost(std::uint32_t subtask) {
  if (phase_ != Phase::kRunning)
    return;
  proto::SubtaskEvent::Failed failure;
  *failure.mutable_error() = runtime::to_error_info(
      Error(ErrorKind::kUnreachable,
            "the connection to subtask " + std::to_string(subtask) + " is lost"));
  failure.add_unreachable_peers(subtask);
  fail(std::move(failure));
}

void SimSlotActor::receive(const std::function<void(SimSlot&)>& message) {
  if (takes_messages())
    message(*slot_);
}

// ---- what the slot asks for ----

FileSystem& SimSlotActor::files() {
  return owner_.files();
}

bool SimSlotActor::lease_valid() const {
  return owner_.lease_valid();
}

void SimSlotActor::event(proto::SubtaskEvent event) {
  *event.mutable_ref() = deployment_.ref();
  world_.send(actor_, owner_.actor(), [this, event = std::move(event)] { owner_.event(event); });
}

void SimSlotActor::finish(proto::SubtaskEvent::Finished result) {
  finished_ = true;
  proto::SubtaskEvent finished;
  *finished.mutable_finished() = std::move(result);
  event(std::move(finished));
}

void SimSlotActor::fail(proto::SubtaskEvent::Failed failure) {
  phase_ = Phase::kFailed;
  proto::SubtaskEvent failed;
  *failed.mutable_failed() = std::move(failure);
  event(std::move(failed));
}

template <class Message>
void SimSlotActor::forward(Message message) {
  *message.mutable_ref() = deployment_.ref();
  world_.send(actor_, owner_.actor(),
              [this, message = std::move(message)] { owner_.forward(message); });
}

void SimSlotActor::request_split(std::uint32_t source) {
  proto::SplitRequest request;
  request.set_source(source);
  forward(std::move(request));
}

void SimSlotActor::rows(std::vector<std::string> rows, std::uint64_t before_barrier) {
  proto::CollectRows message;
  for (std::string& row : rows)
    message.add_rows(std::move(row));
  message.set_before_barrier(before_barrier);
  forward(std::move(message));
}

void SimSlotActor::send_chunk(std::uint64_t checkpoint, std::uint64_t sequence, std::string data) {
  proto::SnapshotChunk chunk;
  chunk.set_checkpoint(checkpoint);
  chunk.set_sequence(sequence);
  chunk.set_data(std::move(data));
  forward(std::move(chunk));
}

void SimSlotActor::fetch_chunk(std::uint64_t epoch, std::uint64_t counter) {
  proto::FetchChunk fetch;
  fetch.set_epoch(epoch);
  fetch.set_counter(counter);
  forward(std::move(fetch));
}

void SimSlotActor::metrics(std::uint64_t records_in, std::uint64_t records_out) {
  proto::SubtaskMetrics metrics;
  metrics.set_job_id(deployment_.ref().job_id());
  metrics.set_attempt(deployment_.ref().attempt());
  metrics.set_subtask(deployment_.ref().subtask());
  metrics.set_records_in(records_in);
  metrics.set_records_out(records_out);
  world_.send(actor_, owner_.actor(), [this, metrics = std::move(metrics)] {
    owner_.handle([&](auto& core, Time, auto&) { core.on_slot_metrics(metrics); });
  });
}

void SimSlotActor::to_peer(std::uint32_t subtask, std::function<void(SimSlot&)> action) {
  const SimPeer peer = peers_.at(subtask);
  auto deliver = [slot = peer.slot, action = std::move(action)] { slot->receive(action); };
  if (peer.connection == ConnectionId{})
    world_.send(actor_, peer.slot->actor_, std::move(deliver));
  else
    network_.send(peer.connection, actor_, peer.slot->actor_, std::move(deliver));
}

void SimSlotActor::later(std::function<void()> action) {
  world_.send(actor_, actor_, [this, action = std::move(action)] {
    if (takes_messages())
      action();
  });
}

void SimSlotActor::at(Time time, std::function<void()> action) {
  world_.deliver_at(time, actor_, [this, action = std::move(action)] {
    if (takes_messages())
      action();
  });
}

void SimSlotActor::compute_for(Duration duration) {
  world_.busy_until(actor_, world_.now() + duration);
}

void SimSlotActor::blocking(std::function<Result<void>()> work,
                            std::function<void(const Result<void>&)> done) {
  ++pending_io_;
  world_.send(actor_, io_worker_, [this, work = std::move(work), done = std::move(done)] {
    world_.send(io_worker_, actor_, [this, outcome = work(), done] {
      --pending_io_;
      if (phase_ == Phase::kStopping)
        return quit_when_idle();
      if (phase_ != Phase::kFailed)
        done(outcome);
    });
  });
}

}  // namespace leat::sim
