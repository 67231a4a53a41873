// What a TaskManager does with its slots; the rest is in sim_task_manager.cpp.
#include <chrono>
#include <utility>

#include "runtime/connectors/output_commit.hpp"
#include "runtime/coordination/error_info.hpp"
#include "tests/sim_support/sim_cluster.hpp"
#include "tests/sim_support/sim_task_manager.hpp"

namespace leat::sim {

namespace {

constexpr Duration kResolveTimeout = std::chrono::seconds(5);

std::string key_of(const proto::SubtaskRef& ref) {
  return ref.SerializeAsString();
}

}  // namespace

void SimTaskManager::carry_out_one(const runtime::SpawnSlot& command) {
  const std::string key = key_of(command.deployment.ref());
  slots_[key].deployment = command.deployment;
  around_.world.send(actor_, load_worker_, [this, key, deployment = command.deployment] {
    const std::vector<std::string> nonces(deployment.output_nonces().begin(),
                                          deployment.output_nonces().end());
    around_.world.send(
        load_worker_, actor_,
        [this, key, seen = runtime::check_nonces(files_, nonces)] { loaded(key, seen); });
  });
}

void SimTaskManager::loaded(const std::string& key, const Result<void>& outcome) {
  const auto found = slots_.find(key);
  if (found == slots_.end())
    return;
  Slot& slot = found->second;
  const proto::SubtaskRef ref = slot.deployment.ref();
  if (slot.stop_requested) {
    slots_.erase(found);
    return handle([&](auto& core, Time now, auto& out) { core.on_slot_gone(ref, now, out); });
  }
  if (!outcome) {
    slots_.erase(found);
    return slot_failed(ref, outcome.error());
  }
  if (slot.deployment.has_restore())
    slot.restored_from = runtime::pieces_by_chunk(slot.deployment.restore());
  slot.actor = std::make_unique<SimSlotActor>(*this, slot.deployment);
  around_.world.send(actor_, slot.actor->actor(),
                     [this, actor = slot.actor.get()] { actor->create(around_.slots); });
}

void SimTaskManager::carry_out_one(const runtime::StopSlot& command) {
  const auto found = slots_.find(key_of(command.ref));
  if (found == slots_.end()) {
    around_.world.send(actor_, actor_, [this, ref = command.ref] {
      handle([&](auto& core, Time now, auto& out) { core.on_slot_gone(ref, now, out); });
    });
    return;
  }
  found->second.stop_requested = true;
  if (SimSlotActor* slot = found->second.actor.get(); slot != nullptr)
    around_.world.send(actor_, slot->actor(), [slot] { slot->stop(); });
}

/// The peers of a slot that is to start, as far as they have been found.
struct SimTaskManager::Rendezvous {
  std::string key;
  proto::DeploySubtask deployment;
  std::vector<SimPeer> peers;
  std::uint32_t missing;
  bool settled = false;
};

void SimTaskManager::carry_out_one(const runtime::StartSlot& command) {
  const auto found = slots_.find(key_of(command.ref));
  if (found == slots_.end() || !found->second.actor)
    return;
  const proto::DeploySubtask& deployment = found->second.deployment;
  const auto peers = static_cast<std::uint32_t>(deployment.peers_size());
  auto rendezvous = std::make_shared<Rendezvous>(
      Rendezvous{found->first, deployment, std::vector<SimPeer>(peers), peers});
  for (std::uint32_t subtask = 0; subtask < peers; ++subtask)
    find_peer(rendezvous, subtask);
}

void SimTaskManager::find_peer(const std::shared_ptr<Rendezvous>& rendezvous,
                               std::uint32_t subtask) {
  proto::SubtaskRef ref = rendezvous->deployment.ref();
  const std::uint32_t own = ref.subtask();
  ref.set_subtask(subtask);
  const auto fail = [this, rendezvous, subtask] {
    if (!std::exchange(rendezvous->settled, true))
      slot_failed(rendezvous->deployment.ref(),
                  Error(ErrorKind::kUnreachable,
                        "subtask " + std::to_string(subtask) + " cannot be reached"),
                  subtask);
  };
  const auto add = [this, rendezvous, subtask, fail](SimSlotActor* slot, ConnectionId connection) {
    if (slot == nullptr)
      return fail();
    rendezvous->peers[subtask] = {slot, connection};
    if (rendezvous->settled || --rendezvous->missing > 0)
      return;
    rendezvous->settled = true;
    const auto found = slots_.find(rendezvous->key);
    if (found == slots_.end() || !found->second.actor)
      return;
    rendezvous->peers[rendezvous->deployment.ref().subtask()] = {};
    SimSlotActor* starting = found->second.actor.get();
    around_.world.send(actor_, starting->actor(),
                       [starting, peers = rendezvous->peers] { starting->start(peers); });
  };
  const std::string& incarnation =
      rendezvous->deployment.peers(static_cast<int>(subtask)).incarnation();
  if (subtask == own || incarnation == options_.incarnation.hex()) {
    const auto here = slots_.find(key_of(ref));
    return add(here == slots_.end() ? nullptr : here->second.actor.get(), {});
  }
  around_.world.deliver_at(around_.world.now() + kResolveTimeout + SimNetwork::kDialTimeout, actor_,
                           [rendezvous, subtask, fail] {
                             if (rendezvous->peers[subtask].slot == nullptr)
                               fail();
                           });
  around_.network.connect(process_, actor_, incarnation, [=, this](auto connection) {
    if (!connection)
      return fail();
    SimTaskManager* there = around_.cluster.find_incarnation(incarnation);
    around_.network.send(*connection, actor_, there->actor(), [=, this] {
      const auto held = there->slots_.find(key_of(ref));
      SimSlotActor* slot = held == there->slots_.end() ? nullptr : held->second.actor.get();
      around_.network.send(*connection, there->actor(), actor_,
                           [add, slot, connection] { add(slot, *connection); });
    });
  });
}

void SimTaskManager::slot_failed(const proto::SubtaskRef& ref, const Error& error,
                                 std::optional<std::uint32_t> unreachable_peer) {
  proto::SubtaskEvent event;
  *event.mutable_ref() = ref;
  *event.mutable_failed()->mutable_error() = runtime::to_error_info(error);
  if (unreachable_peer)
    event.mutable_failed()->add_unreachable_peers(*unreachable_peer);
  handle([&](auto& core, Time now, auto& out) { core.on_slot_event(event, now, out); });
}

void SimTaskManager::slot_ended(const SimSlotActor& slot, bool in_order) {
  const proto::SubtaskRef ref = slot.deployment().ref();
  around_.world.deliver_at(
      around_.world.now() + around_.world.latency(), actor_, [this, ref, in_order] {
        const auto found = slots_.find(key_of(ref));
        if (found == slots_.end())
          return;
        gone_.push_back(std::move(found->second.actor));
        slots_.erase(found);
        copies_.gone(ref);
        if (!in_order)
          slot_failed(ref, Error(ErrorKind::kInternal, "the slot's actor died"));
        handle([&](auto& core, Time now, auto& out) { core.on_slot_gone(ref, now, out); });
      });
}

void SimTaskManager::break_slot(std::size_t nth) {
  const auto victim = std::next(slots_.begin(), static_cast<std::ptrdiff_t>(nth));
  if (victim->second.actor)
    victim->second.actor->die();
}

}  // namespace leat::sim
