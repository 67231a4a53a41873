#pragma once

// The hubs of other TaskManagers, by incarnation: dialled once, dropped when the connection breaks.
// Part of the TaskManager's actor.
//
// Of two TaskManagers the one with the smaller endpoint dials and hands over its own hub, the other
// waits for that: were both to dial at once, each would close the other's connection as a duplicate
// and both would be gone.

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include <caf/typed_event_based_actor.hpp>

#include "actors/network_options.hpp"
#include "actors/protocol.hpp"
#include "runtime/base/engine_time.hpp"
#include "runtime/base/result.hpp"

namespace leat::actors {

class PeerDirectory {
 public:
  using Self = local_task_manager_actor::base;
  using Found = std::function<void(const Result<task_manager_actor>&)>;

  PeerDirectory(Self* self, dialler_actor dialler, Incarnation own, Endpoint own_endpoint)
      : self_(self), dialler_(std::move(dialler)), own_(own), endpoint_(std::move(own_endpoint)) {}

  /// `found` follows once: now, when the connection stands, or when it cannot be had.
  void find(const proto::Peer& peer, Time now, Found found);
  /// A peer has dialled and said who it is.
  void greeted(Incarnation from, const caf::strong_actor_ptr& hub);
  /// An actor that was monitored is gone; true if it was a hub of a peer.
  bool down(const caf::actor_addr& hub);
  /// Gives up on peers that have not dialled in time.
  void tick(Time now);
  [[nodiscard]] Time next_deadline() const;

 private:
  struct Waiting {
    Endpoint endpoint;
    std::vector<Found> found;
    Time until;  ///< when we dial: never
  };

  void dial(Incarnation peer, const Endpoint& endpoint);
  void greet(Incarnation peer, const Endpoint& endpoint, const caf::strong_actor_ptr& hub);
  void settle(Incarnation peer, const Result<task_manager_actor>& outcome);

  Self* self_;
  dialler_actor dialler_;
  Incarnation own_;
  Endpoint endpoint_;
  std::map<Incarnation, task_manager_actor> hubs_;
  std::map<Incarnation, Waiting> waiting_;
};

}  // namespace leat::actors
