#include "tests/sim_support/sim_task_manager.hpp"

#include <utility>
#include <variant>

#include <gtest/gtest.h>

#include "runtime/base/check.hpp"
#include "tests/sim_support/sim_cluster.hpp"

namespace leat::sim {

/// A slot actor and its way out.
class SimTaskManager::Slot final : public SimSlotPort {
 public:
  Slot(SimTaskManager& owner, proto::DeploySubtask deployment)
      : owner_(owner), deployment_(std::move(deployment)) {
    key_ = deployment_.ref().SerializeAsString();
  }

  [[nodiscard]] const proto::DeploySubtask& deployment() const override { return deployment_; }
  [[nodiscard]] SimWorld& world() override { return owner_.around_.world; }

  void event(proto::SubtaskEvent event) override {
    *event.mutable_ref() = deployment_.ref();
    say([event](auto& core, Time now, auto& out) { core.on_slot_event(event, now, out); });
  }
  void request_split(std::uint32_t source) override {
    proto::SplitRequest request;
    *request.mutable_ref() = deployment_.ref();
    request.set_source(source);
    say([request](auto& core, Time, auto& out) { core.forward(request, out); });
  }
  void rows(std::vector<std::string> rows) override {
    proto::CollectRows message;
    *message.mutable_ref() = deployment_.ref();
    for (std::string& row : rows)
      message.add_rows(std::move(row));
    say([message](auto& core, Time, auto& out) { core.forward(message, out); });
  }
  void metrics(std::uint64_t records_in, std::uint64_t records_out) override {
    proto::SubtaskMetrics metrics;
    metrics.set_job_id(deployment_.ref().job_id());
    metrics.set_attempt(deployment_.ref().attempt());
    metrics.set_subtask(deployment_.ref().subtask());
    metrics.set_records_in(records_in);
    metrics.set_records_out(records_out);
    say([metrics](auto& core, Time, auto&) { core.on_slot_metrics(metrics); });
  }
  void to_peer(std::uint32_t subtask, std::function<void(SimSlot&)> action) override {
    proto::SubtaskRef ref = deployment_.ref();
    ref.set_subtask(subtask);
    const std::string peer = deployment_.peers(static_cast<int>(subtask)).task_manager_id();
    const std::string channel = owner_.id() + "/" + std::to_string(deployment_.ref().subtask()) +
                                ">" + peer + "/" + std::to_string(subtask);
    SimCluster& cluster = owner_.around_.cluster;
    world().post(channel, [&cluster, peer, ref, action = std::move(action)] {
      if (SimTaskManager* there = cluster.find(peer); there != nullptr)
        there->with_slot(ref, action);
    });
  }
  void later(std::function<void()> action) override {
    owner_.later(channel(), [this, action = std::move(action)] {
      if (slot)
        action();
    });
  }
  void at(Time time, std::function<void()> action) override {
    world().post_at(time, [this, action = std::move(action)] {
      if (slot)
        action();
    });
  }
  void blocking(std::function<Result<void>()> work,
                std::function<void(const Result<void>&)> done) override {
    owner_.later(owner_.id() + "/io", [this, work = std::move(work), done = std::move(done)] {
      const Result<void> outcome = work();
      later([done, outcome] { done(outcome); });
    });
  }
  [[nodiscard]] std::string channel() const {
    return owner_.id() + "/slot/" + std::to_string(deployment_.slot());
  }

  std::unique_ptr<SimSlot> slot;  // null before it is spawned and after it is gone

 private:
  /// To the TaskManager's actor, in order.
  template <class Event>
  void say(Event event) {
    owner_.later(channel() + ">tm", [this, event] { owner_.handle(event); });
  }

  SimTaskManager& owner_;
  const proto::DeploySubtask deployment_;
  std::string key_;
};

SimTaskManager::SimTaskManager(Surroundings surroundings, runtime::TaskManagerOptions options)
    : around_(surroundings), options_(std::move(options)) {
  around_.world.add(*this);
}

SimTaskManager::~SimTaskManager() {
  around_.world.remove(*this);
}

void SimTaskManager::start() {
  runtime::TaskManagerCommands commands;
  core_ = std::make_unique<runtime::TaskManagerCore>(options_, around_.world.random()(),
                                                     around_.world.now(), commands);
  carry_out(commands);
}

void SimTaskManager::kill() {
  core_.reset();
  for (auto& [ref, slot] : slots_)
    gone_.push_back(std::move(slot));
  slots_.clear();
  for (auto& slot : gone_)
    slot->slot.reset();
  around_.world.drop(uplink());
  around_.world.drop(downlink());
  if (std::exchange(connected_to_, 0) != around_.job_manager.life())
    return;
  around_.world.post(uplink(), [this, life = around_.job_manager.life()] {
    if (around_.job_manager.life() == life)
      around_.job_manager.handle([this](auto& core, Time now, auto& out) {
        core.task_manager_down(incarnation(), "connection broken", now, out);
      });
  });
}

template <class Event>
void SimTaskManager::handle(Event event) {
  if (core_ == nullptr)
    return;
  runtime::TaskManagerCommands commands;
  event(*core_, around_.world.now(), commands);
  carry_out(commands);
}

void SimTaskManager::later(const std::string& channel, std::function<void()> work) {
  around_.world.post(channel, [this, work = std::move(work)] {
    if (alive())
      work();
  });
}

void SimTaskManager::connection_lost(const std::string& reason) {
  connected_to_ = 0;
  around_.world.drop(uplink());
  around_.world.drop(downlink());
  later(downlink(), [this, reason] {
    handle([&](auto& core, Time now, auto& out) { core.on_connection_lost(reason, now, out); });
  });
}

void SimTaskManager::with_slot(const proto::SubtaskRef& ref,
                               const std::function<void(SimSlot&)>& action) {
  const auto found = slots_.find(ref.SerializeAsString());
  if (found != slots_.end() && found->second->slot)
    action(*found->second->slot);
}

void SimTaskManager::break_slot(std::size_t nth) {
  auto victim = std::next(slots_.begin(), static_cast<std::ptrdiff_t>(nth));
  const proto::SubtaskRef ref = victim->second->deployment().ref();
  victim->second->slot.reset();
  gone_.push_back(std::move(victim->second));
  slots_.erase(victim);
  handle([&ref](auto& core, Time now, auto& out) { core.on_slot_gone(ref, now, out); });
}

Time SimTaskManager::next_deadline() const {
  return core_ == nullptr ? Time::max() : core_->next_deadline();
}

void SimTaskManager::tick() {
  handle([](auto& core, Time now, auto& out) { core.tick(now, out); });
  LEAT_CHECK(next_deadline() > around_.world.now());
}

// ---- commands ----

void SimTaskManager::carry_out(const runtime::TaskManagerCommands& commands) {
  for (const runtime::TaskManagerCommand& command : commands)
    std::visit([this](const auto& one) { carry_out_one(one); }, command);
}

void SimTaskManager::carry_out_one(const runtime::ConnectToJobManager& /*command*/) {
  connected_to_ = 0;
  around_.world.drop(uplink());
  around_.world.drop(downlink());
  later(downlink(), [this] {
    if (!around_.job_manager.alive())
      return handle([](auto& core, Time now, auto& out) {
        core.on_connection_lost("connection refused", now, out);
      });
    connected_to_ = around_.job_manager.life();
    handle([](auto& core, Time now, auto& out) { core.on_connected(now, out); });
  });
}

void SimTaskManager::carry_out_one(const runtime::SendToJobManager& command) {
  std::visit([this](const auto& message) { to_job_manager([this, message] { deliver(message); }); },
             command.message);
}

void SimTaskManager::to_job_manager(std::function<void()> delivery) {
  if (connected_to_ == 0)
    return;
  around_.world.post(uplink(), [this, life = connected_to_, delivery = std::move(delivery)] {
    if (around_.job_manager.alive() && around_.job_manager.life() == life)
      delivery();
  });
}

template <class Reply, class Handler>
runtime::RequestId SimTaskManager::answered_by(Handler handler) {
  return around_.job_manager.expect([this, life = connected_to_, handler](const auto& reply) {
    later(downlink(), [this, life, handler, answer = std::get<Reply>(reply)] {
      if (connected_to_ == life)
        handle([&](auto& core, Time now, auto& out) { handler(core, answer, now, out); });
    });
  });
}

void SimTaskManager::deliver(const proto::RegisterTaskManager& message) {
  const auto request =
      answered_by<proto::RegisterReply>([](auto& core, const auto& reply, Time now, auto& out) {
        core.on_registered(reply, now, out);
      });
  around_.job_manager.handle([&](auto& core, Time now, auto& out) {
    core.register_task_manager(request, message, now, out);
  });
}

void SimTaskManager::deliver(const proto::Heartbeat& message) {
  const auto request =
      answered_by<proto::HeartbeatReply>([](auto& core, const auto& reply, Time now, auto& out) {
        core.on_heartbeat_reply(reply, now, out);
      });
  around_.job_manager.handle(
      [&](auto& core, Time now, auto& out) { core.heartbeat(request, message, now, out); });
}

void SimTaskManager::deliver(const proto::SubtaskEvent& message) {
  around_.job_manager.handle(
      [&](auto& core, Time now, auto& out) { core.subtask_event(message, now, out); });
}

void SimTaskManager::deliver(const proto::SplitRequest& message) {
  around_.job_manager.handle([&](auto& core, Time now, auto& out) {
    core.split_request(incarnation(), message, now, out);
  });
}

void SimTaskManager::deliver(const proto::CollectRows& message) {
  around_.job_manager.handle([&](auto& core, Time now, auto& out) {
    core.collect_rows(incarnation(), message, now, out);
  });
}

void SimTaskManager::deliver(const proto::SnapshotChunk& message) {
  around_.job_manager.handle([&](auto& core, Time now, auto& out) {
    core.snapshot_chunk(incarnation(), message, now, out);
  });
}

void SimTaskManager::deliver(const proto::FetchChunk& message) {
  around_.job_manager.handle(
      [&](auto& core, Time now, auto& out) { core.fetch_chunk(incarnation(), message, now, out); });
}

void SimTaskManager::send(const runtime::ToTaskManager& message) {
  later(downlink(), [this, life = around_.job_manager.life(), message] {
    if (connected_to_ != life)
      return;
    handle([&](auto& core, Time now, auto& out) {
      if (const auto* deploy = std::get_if<proto::DeploySubtask>(&message))
        core.deploy(*deploy, now, out);
      else if (const auto* start = std::get_if<proto::StartSubtask>(&message))
        core.start(*start, now, out);
      else if (const auto* release = std::get_if<proto::ReleaseAttempt>(&message))
        core.release(*release, now, out);
      else if (const auto* commit = std::get_if<proto::CommitOutput>(&message))
        core.commit(*commit, now, out);
      else if (const auto* grant = std::get_if<proto::SplitGrant>(&message))
        core.grant(*grant, now, out);
      else if (const auto* credit = std::get_if<proto::CollectCredit>(&message))
        core.collect_credit(*credit, now, out);
      else if (const auto* trigger = std::get_if<proto::TriggerCheckpoint>(&message))
        core.trigger(*trigger, now, out);
      else if (const auto* aborted = std::get_if<proto::AbortCheckpoint>(&message))
        core.abort_checkpoint(*aborted, now, out);
      else if (const auto* complete = std::get_if<proto::CheckpointComplete>(&message))
        core.checkpoint_complete(*complete, now, out);
      else if (const auto* chunk = std::get_if<proto::ChunkStored>(&message))
        core.chunk_stored(*chunk, now, out);
      else
        core.chunk_data(std::get<proto::ChunkData>(message), now, out);
    });
  });
}

void SimTaskManager::carry_out_one(const runtime::FetchArtefact& command) {
  later(id() + "/artefacts", [this, sha256 = command.sha256] {
    handle([&](auto& core, Time now, auto& out) { core.on_artefact(sha256, {}, now, out); });
  });
}

void SimTaskManager::carry_out_one(const runtime::SpawnSlot& command) {
  auto slot = std::make_unique<Slot>(*this, command.deployment);
  Slot* spawned = slot.get();
  slots_[command.deployment.ref().SerializeAsString()] = std::move(slot);
  later(spawned->channel(), [this, spawned] {
    spawned->slot = around_.slots(*spawned);
    proto::SubtaskEvent event;
    event.mutable_deployed();
    spawned->event(event);
  });
}

void SimTaskManager::carry_out_one(const runtime::StartSlot& command) {
  const auto found = slots_.find(command.ref.SerializeAsString());
  ASSERT_NE(found, slots_.end());
  found->second->later([slot = found->second.get()] {
    proto::SubtaskEvent event;
    event.mutable_running();
    slot->event(event);
    slot->slot->start();
  });
}

void SimTaskManager::carry_out_one(const runtime::StopSlot& command) {
  const auto found = slots_.find(command.ref.SerializeAsString());
  ASSERT_NE(found, slots_.end());
  Slot* stopping = found->second.get();
  later(stopping->channel(), [this, stopping, ref = command.ref] {
    if (stopping->slot)
      stopping->slot->abort();
    stopping->slot.reset();
    const auto here = slots_.find(ref.SerializeAsString());
    if (here != slots_.end()) {
      gone_.push_back(std::move(here->second));
      slots_.erase(here);
    }
    later(stopping->channel() + ">tm", [this, ref] {
      handle([&ref](auto& core, Time now, auto& out) { core.on_slot_gone(ref, now, out); });
    });
  });
}

void SimTaskManager::carry_out_one(const runtime::CommitPending& command) {
  later(id() + "/commits", [this, commit = command.commit] {
    Result<void> outcome;
    for (const proto::Committable& committable : commit.committables()) {
      if (outcome)
        outcome = around_.outputs.commit(committable);
    }
    handle([&](auto& core, Time now, auto& out) {
      core.on_committed(commit.ref(), commit.checkpoint(), outcome, now, out);
    });
  });
}

void SimTaskManager::carry_out_one(const runtime::ToSlot& command) {
  std::visit(
      [this](const auto& message) {
        const auto found = slots_.find(message.ref().SerializeAsString());
        if (found == slots_.end())
          return;
        found->second->later([slot = found->second.get(), message] {
          if constexpr (std::is_same_v<std::decay_t<decltype(message)>, proto::SplitGrant>)
            slot->slot->split_grant(message);
          else if constexpr (std::is_same_v<std::decay_t<decltype(message)>, proto::CollectCredit>)
            slot->slot->collect_credit(message);
          else if constexpr (std::is_same_v<std::decay_t<decltype(message)>,
                                            proto::TriggerCheckpoint>)
            slot->slot->trigger(message);
          else if constexpr (std::is_same_v<std::decay_t<decltype(message)>,
                                            proto::AbortCheckpoint>)
            slot->slot->abort_checkpoint(message.checkpoint());
          else if constexpr (std::is_same_v<std::decay_t<decltype(message)>,
                                            proto::CheckpointComplete>)
            slot->slot->checkpoint_complete(message.checkpoint());
          else if constexpr (std::is_same_v<std::decay_t<decltype(message)>, proto::ChunkStored>)
            slot->slot->chunk_stored(message);
          else
            slot->slot->chunk_data(message);
        });
      },
      command.message);
}

void SimTaskManager::carry_out_one(const runtime::EndTaskManager& /*command*/) {
  gave_up_ = true;
}

void SimTaskManager::carry_out_one(const LogEvent& event) {
  log_.push_back(event);
}

}  // namespace leat::sim
