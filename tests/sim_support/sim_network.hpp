#pragma once

// What CAF promises between processes, and no more: one connection per pair, in order from one actor to
// one other. A connection that breaks loses any suffix in each direction and tells neither sender; either
// side notices first, or only by its timeout; what it did not lose may arrive after a new one stands. A
// send over a connection that is gone vanishes. Directions can be blocked one by one.

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "tests/sim_support/sim_world.hpp"

namespace leat::sim {

/// Zero: none.
enum class ConnectionId : std::uint32_t {};

class SimNetwork {
 public:
  using Action = SimWorld::Action;
  using OnDown = std::function<void(ConnectionId)>;
  using OnConnected = std::function<void(std::optional<ConnectionId>)>;

  explicit SimNetwork(SimWorld& world);

  /// `on_down` runs in the process when it notices that a connection is gone.
  void join(ProcessId process, OnDown on_down);
  /// Who answers at an address from now on.
  void listen(const std::string& address, ProcessId process) { listeners_[address] = process; }
  /// Dials, or gives the connection there is as far as `from` knows. Nothing when nobody listens, or
  /// after kDialTimeout. `outcome` runs in `from`.
  void connect(ProcessId process, ActorId from, const std::string& address, OnConnected outcome);
  void send(ConnectionId connection, ActorId from, ActorId to, Action action);
  /// The process at the other end.
  [[nodiscard]] ProcessId peer(ConnectionId connection, ProcessId of) const;
  /// `of` has been told that it is gone.
  [[nodiscard]] bool known_down(ConnectionId connection, ProcessId of) const;
  [[nodiscard]] bool broken(ConnectionId connection) const { return at(connection).broken; }

  // Faults.
  /// Breaks what connects the two, if anything does.
  void break_between(ProcessId a, ProcessId b);
  /// Its connections break; call it when the process ends. Silently: nobody says goodbye, as when a
  /// machine is lost.
  void process_ended(ProcessId process, bool silently);
  /// Nothing gets from one to the other any more. A connection silent for kSilenceTimeout breaks.
  void block(ProcessId from, ProcessId to);
  /// What was held up goes on its way.
  void unblock_all();
  [[nodiscard]] bool blocked(ProcessId from, ProcessId to) const {
    return blocked_.contains({from, to});
  }

  static constexpr Duration kDialTimeout = std::chrono::seconds(5);
  static constexpr Duration kSilenceTimeout = std::chrono::seconds(3);

 private:
  struct Direction {
    std::uint64_t sent = 0;
    std::uint64_t arrived = 0;
    std::uint64_t last = ~std::uint64_t{0};  ///< that was not lost
    Time not_before = Time::min();           ///< of what is left after the break
  };
  struct Connection {
    ProcessId ends[2];
    bool broken = false;
    bool known_down[2] = {false, false};
    Direction directions[2];  // from ends[i]
    std::map<std::pair<ActorId, ActorId>, Time> last_arrival;
  };
  struct Parked {
    ConnectionId connection;
    int direction;
    std::uint64_t number;
    ActorId to;
    Action action;
  };
  struct Member {
    ActorId middleman;
    OnDown on_down;
    std::map<std::string, ConnectionId> dialled;  // by address, as CAF keeps them
  };
  enum class Notice { kSoon, kAnyTime, kByTimeout };

  [[nodiscard]] Connection& at(ConnectionId id) {
    return connections_[static_cast<std::size_t>(id)];
  }
  [[nodiscard]] const Connection& at(ConnectionId id) const {
    return connections_[static_cast<std::size_t>(id)];
  }
  [[nodiscard]] ConnectionId between(ProcessId a, ProcessId b) const;
  ConnectionId make_connection(ProcessId a, ProcessId b);
  void accept(ProcessId from, ActorId asking, const std::string& address, OnConnected outcome);
  void arrive(Parked message);
  void break_connection(ConnectionId id, Notice first, Notice second);
  void lose_suffix(Direction& direction);
  void notice(ConnectionId id, int side, Notice when);
  void check_silence(ProcessId from, ProcessId to, std::uint64_t since);

  SimWorld& world_;
  std::vector<Connection> connections_;  // [0] is none
  std::map<ProcessId, Member> members_;
  std::map<std::string, ProcessId> listeners_;
  std::map<std::pair<ProcessId, ProcessId>, std::uint64_t> blocked_;  // the number of the blockade
  std::map<std::pair<ProcessId, ProcessId>, std::vector<Parked>> parked_;
  std::uint64_t blockades_ = 0;
};

}  // namespace leat::sim
