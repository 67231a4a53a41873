#include "actors/peer_directory.hpp"

#include <algorithm>
#include <chrono>
#include <tuple>
#include <utility>

#include <caf/actor_cast.hpp>

#include "actors/error_text.hpp"
#include "actors/version_check.hpp"

namespace leat::actors {

namespace {

constexpr std::chrono::seconds kDialTimeout{5};

Error unreachable(const Endpoint& endpoint, const std::string& reason) {
  return Error(ErrorKind::kUnreachable,
               "the TaskManager at " + endpoint.text() + " cannot be reached: " + reason);
}

}  // namespace

void PeerDirectory::find(const proto::Peer& peer, Time now, Found found) {
  const auto incarnation = Incarnation::parse(peer.incarnation(), "incarnation");
  const Endpoint endpoint{peer.data_host(), static_cast<std::uint16_t>(peer.data_port())};
  if (!incarnation || !dialler_ || endpoint.host.empty())
    return found(unreachable(endpoint, "it has no address that could be dialled"));
  if (const auto known = hubs_.find(*incarnation); known != hubs_.end())
    return found(known->second);
  const auto [waiting, first] =
      waiting_.try_emplace(*incarnation, Waiting{endpoint, {}, Time::max()});
  waiting->second.found.push_back(std::move(found));
  if (!first)
    return;
  if (std::tie(endpoint_.host, endpoint_.port) < std::tie(endpoint.host, endpoint.port))
    dial(*incarnation, endpoint);
  else
    waiting->second.until = now + kDialTimeout;
}

void PeerDirectory::dial(Incarnation peer, const Endpoint& endpoint) {
  self_->request(dialler_, kDialTimeout, caf::connect_atom::value, endpoint.host, endpoint.port)
      .then(
          [=, this](const caf::strong_actor_ptr& hub) {
            if (hub)
              greet(peer, endpoint, hub);
            else
              settle(peer, unreachable(endpoint, "nothing of Leat is published there"));
          },
          [=, this](const caf::error& error) {
            settle(peer, unreachable(endpoint, error_text(error)));
          });
}

void PeerDirectory::greet(Incarnation peer, const Endpoint& endpoint,
                          const caf::strong_actor_ptr& hub) {
  const auto handle = caf::actor_cast<task_manager_actor>(hub);
  self_
      ->request(handle, kDialTimeout, make_hello("TaskManager"), own_,
                caf::actor_cast<caf::strong_actor_ptr>(self_))
      .then(
          [=, this](const proto::HelloReply& reply, Incarnation actual) {
            const auto checked = check_hello_reply(reply, "the TaskManager at " + endpoint.text());
            if (!checked)
              settle(peer, checked.error());
            else if (actual != peer)
              settle(peer, unreachable(endpoint, "another TaskManager answers there now"));
            else
              settle(peer, handle);
          },
          [=, this](const caf::error& error) {
            settle(peer, unreachable(endpoint, error_text(error)));
          });
}

void PeerDirectory::greeted(Incarnation from, const caf::strong_actor_ptr& hub) {
  if (hub)
    settle(from, caf::actor_cast<task_manager_actor>(hub));
}

void PeerDirectory::settle(Incarnation peer, const Result<task_manager_actor>& outcome) {
  if (outcome) {
    // Always the newest handle: after a broken connection the old one looks equal.
    hubs_[peer] = *outcome;
    self_->monitor(*outcome);
  }
  const auto waiting = waiting_.extract(peer);
  if (waiting.empty())
    return;
  for (const auto& found : waiting.mapped().found)
    found(outcome);
}

bool PeerDirectory::down(const caf::actor_addr& hub) {
  return std::erase_if(hubs_, [&](const auto& entry) { return entry.second.address() == hub; }) > 0;
}

void PeerDirectory::tick(Time now) {
  std::vector<Incarnation> late;
  for (const auto& [peer, waiting] : waiting_)
    if (waiting.until <= now)
      late.push_back(peer);
  for (const Incarnation peer : late)
    settle(peer, unreachable(waiting_.at(peer).endpoint, "it has not dialled in time"));
}

Time PeerDirectory::next_deadline() const {
  Time earliest = Time::max();
  for (const auto& [peer, waiting] : waiting_)
    earliest = std::min(earliest, waiting.until);
  return earliest;
}

}  // namespace leat::actors
