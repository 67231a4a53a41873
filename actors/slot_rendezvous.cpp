#include "actors/slot_rendezvous.hpp"

#include <chrono>
#include <utility>

#include <caf/actor_cast.hpp>

#include "actors/error_text.hpp"

namespace leat::actors {

namespace {

constexpr std::chrono::seconds kResolveTimeout{5};

}  // namespace

SlotRendezvous::SlotRendezvous(Self* self, const proto::DeploySubtask& deployment, Incarnation own,
                               Outcome outcome)
    : self_(self),
      deployment_(deployment),
      own_(own),
      outcome_(std::move(outcome)),
      missing_(deployment.parallelism() - 1) {
  peers_.slots.resize(deployment.parallelism());
}

void SlotRendezvous::run(PeerDirectory& directory, Time now, const FindLocal& find_local) {
  const auto keep = shared_from_this();
  for (const proto::Peer& peer : deployment_.peers()) {
    const std::uint32_t subtask = peer.subtask();
    if (subtask == deployment_.ref().subtask() || subtask >= peers_.slots.size())
      continue;
    if (peer.incarnation() == own_.hex()) {
      if (const auto slot = find_local(ref_of(subtask)))
        add(subtask, slot);
      else
        fail(subtask, "it is not deployed here");
      continue;
    }
    directory.find(peer, now, [keep, subtask](const Result<task_manager_actor>& hub) {
      if (hub)
        keep->ask(subtask, *hub);
      else
        keep->fail(subtask, hub.error().message());
    });
  }
  if (missing_ == 0 && !std::exchange(settled_, true))
    outcome_.complete(peers_);
}

void SlotRendezvous::ask(std::uint32_t subtask, const task_manager_actor& hub) {
  proto::ResolveSubtask question;
  *question.mutable_ref() = ref_of(subtask);
  question.set_from_incarnation(own_.hex());
  const auto keep = shared_from_this();
  self_->request(hub, kResolveTimeout, std::move(question))
      .then(
          [keep, subtask](const caf::strong_actor_ptr& slot) {
            if (slot)
              keep->add(subtask, caf::actor_cast<slot_actor>(slot));
            else
              keep->fail(subtask, "its TaskManager does not hold it any more");
          },
          [keep, subtask](const caf::error& error) { keep->fail(subtask, error_text(error)); });
}

void SlotRendezvous::add(std::uint32_t subtask, slot_actor slot) {
  if (settled_ || peers_.slots[subtask])
    return;
  peers_.slots[subtask] = std::move(slot);
  if (--missing_ == 0 && !std::exchange(settled_, true))
    outcome_.complete(peers_);
}

void SlotRendezvous::fail(std::uint32_t subtask, const std::string& reason) {
  if (!std::exchange(settled_, true))
    outcome_.unreachable({subtask, reason});
}

proto::SubtaskRef SlotRendezvous::ref_of(std::uint32_t subtask) const {
  proto::SubtaskRef ref = deployment_.ref();
  ref.set_subtask(subtask);
  return ref;
}

}  // namespace leat::actors
