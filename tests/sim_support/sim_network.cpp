#include "tests/sim_support/sim_network.hpp"

#include <algorithm>
#include <chrono>
#include <memory>

#include "runtime/base/check.hpp"

namespace leat::sim {

using std::chrono::microseconds;
using std::chrono::milliseconds;

SimNetwork::SimNetwork(SimWorld& world) : world_(world), connections_(1) {}

void SimNetwork::join(ProcessId process, OnDown on_down) {
  members_[process] = {world_.add_actor(process), std::move(on_down), {}};
}

// ---- connections ----

ConnectionId SimNetwork::between(ProcessId a, ProcessId b) const {
  for (std::size_t id = connections_.size(); id-- > 1;) {
    const Connection& one = connections_[id];
    const bool theirs =
        (one.ends[0] == a && one.ends[1] == b) || (one.ends[0] == b && one.ends[1] == a);
    if (theirs)
      return one.broken ? ConnectionId{} : ConnectionId{static_cast<std::uint32_t>(id)};
  }
  return {};
}

ConnectionId SimNetwork::make_connection(ProcessId a, ProcessId b) {
  Connection made;
  made.ends[0] = a;
  made.ends[1] = b;
  connections_.push_back(std::move(made));
  return ConnectionId{static_cast<std::uint32_t>(connections_.size() - 1)};
}

void SimNetwork::connect(ProcessId process, ActorId from, const std::string& address,
                         OnConnected outcome) {
  const auto known = members_.at(process).dialled.find(address);
  if (known != members_.at(process).dialled.end() && !known_down(known->second, process)) {
    world_.send(from, from, [outcome, id = known->second] { outcome(id); });
    return;
  }
  // Answered once: by the other side or by the time.
  const auto open = std::make_shared<bool>(true);
  OnConnected once = [open, outcome = std::move(outcome)](std::optional<ConnectionId> id) {
    if (std::exchange(*open, false))
      outcome(id);
  };
  world_.deliver_at(world_.now() + kDialTimeout, from, [once] { once(std::nullopt); });
  accept(process, from, address, std::move(once));
}

void SimNetwork::accept(ProcessId from, ActorId asking, const std::string& address,
                        OnConnected outcome) {
  const auto listener = listeners_.find(address);
  const Time there = world_.now() + world_.latency();
  if (listener == listeners_.end() || !world_.alive(listener->second))
    return world_.deliver_at(there, asking, [outcome] { outcome(std::nullopt); });
  const ProcessId to = listener->second;
  world_.deliver_at(there, members_.at(to).middleman, [=, this] {
    if (blocked(from, to) || blocked(to, from))
      return;
    ConnectionId id = between(from, to);
    if (id == ConnectionId{})
      id = make_connection(from, to);
    world_.deliver_at(world_.now() + world_.latency(), members_.at(from).middleman, [=, this] {
      members_.at(from).dialled[address] = id;
      world_.send(members_.at(from).middleman, asking, [outcome, id] { outcome(id); });
    });
  });
}

ProcessId SimNetwork::peer(ConnectionId connection, ProcessId of) const {
  return at(connection).ends[at(connection).ends[0] == of ? 1 : 0];
}

bool SimNetwork::known_down(ConnectionId connection, ProcessId of) const {
  return at(connection).known_down[at(connection).ends[0] == of ? 0 : 1];
}

// ---- messages ----

void SimNetwork::send(ConnectionId connection, ActorId from, ActorId to, Action action) {
  if (connection == ConnectionId{} || !world_.alive(from))
    return;
  Connection& link = at(connection);
  const int direction = world_.process_of(from) == link.ends[0] ? 0 : 1;
  Direction& way = link.directions[direction];
  const std::uint64_t number = ++way.sent;
  if (number > way.last || link.known_down[direction])
    return;
  Time& last = link.last_arrival[{from, to}];
  last = std::max(last, world_.now() + world_.latency());
  world_.deliver_at(
      last, to,
      [this, message = Parked{connection, direction, number, to, std::move(action)}]() mutable {
        arrive(std::move(message));
      });
}

void SimNetwork::arrive(Parked message) {
  Connection& link = at(message.connection);
  Direction& way = link.directions[message.direction];
  if (message.number > way.last)
    return;
  const std::pair ends(link.ends[message.direction], link.ends[1 - message.direction]);
  if (!link.broken && blocked_.contains(ends)) {
    parked_[ends].push_back(std::move(message));
    return;
  }
  if (way.not_before > world_.now()) {
    const ActorId to = message.to;
    world_.deliver_at(way.not_before, to, [this, message = std::move(message)]() mutable {
      arrive(std::move(message));
    });
    return;
  }
  ++way.arrived;
  message.action();
}

// ---- faults ----

void SimNetwork::break_between(ProcessId a, ProcessId b) {
  const ConnectionId id = between(a, b);
  if (id == ConnectionId{})
    return;
  const auto any = [this] { return static_cast<Notice>(world_.below(3)); };
  const Notice first = any();
  break_connection(id, first, any());
}

void SimNetwork::process_ended(ProcessId process, bool silently) {
  for (std::size_t index = 1; index < connections_.size(); ++index) {
    const Connection& link = connections_[index];
    if (link.broken || (link.ends[0] != process && link.ends[1] != process))
      continue;
    const Notice when = silently ? Notice::kByTimeout : Notice::kSoon;
    break_connection(ConnectionId{static_cast<std::uint32_t>(index)}, when, when);
  }
}

void SimNetwork::break_connection(ConnectionId id, Notice first, Notice second) {
  world_.trace([&] {
    return "connection " + std::to_string(static_cast<std::uint32_t>(id)) + " between " +
           world_.name(at(id).ends[0]) + " and " + world_.name(at(id).ends[1]) + " breaks";
  });
  at(id).broken = true;
  for (Direction& direction : at(id).directions)
    lose_suffix(direction);
  // What a blockade held up is lost with the suffix, or gets through.
  for (auto& [ends, messages] : parked_) {
    std::vector<Parked> others;
    for (Parked& message : messages) {
      if (message.connection != id) {
        others.push_back(std::move(message));
        continue;
      }
      const ActorId to = message.to;
      world_.deliver_at(world_.now(), to, [this, message = std::move(message)]() mutable {
        arrive(std::move(message));
      });
    }
    messages = std::move(others);
  }
  notice(id, 0, first);
  notice(id, 1, second);
}

void SimNetwork::lose_suffix(Direction& direction) {
  const std::uint64_t under_way = direction.sent - std::min(direction.arrived, direction.sent);
  direction.last = direction.sent - world_.below(under_way + 1);
  if (world_.chance(30))
    direction.not_before =
        world_.now() + milliseconds(static_cast<std::int64_t>(world_.below(1000)));
}

void SimNetwork::notice(ConnectionId id, int side, Notice when) {
  const auto draw = [this](std::uint64_t below_us) {
    return microseconds(static_cast<std::int64_t>(world_.below(below_us)));
  };
  Duration delay = draw(5000);
  if (when == Notice::kAnyTime)
    delay = draw(1'000'000);
  else if (when == Notice::kByTimeout)
    delay = kSilenceTimeout + draw(500'000);
  const ProcessId process = at(id).ends[side];
  if (!world_.alive(process))
    return;
  world_.deliver_at(world_.now() + delay, members_.at(process).middleman, [=, this] {
    if (std::exchange(at(id).known_down[side], true))
      return;
    world_.trace([&] {
      return world_.name(process) + " notices that connection " +
             std::to_string(static_cast<std::uint32_t>(id)) + " is gone";
    });
    members_.at(process).on_down(id);
  });
}

void SimNetwork::block(ProcessId from, ProcessId to) {
  world_.trace([&] { return "blocked: " + world_.name(from) + " > " + world_.name(to); });
  const std::uint64_t number = ++blockades_;
  blocked_[{from, to}] = number;
  world_.post_at(world_.now() + kSilenceTimeout, [=, this] { check_silence(from, to, number); });
}

void SimNetwork::check_silence(ProcessId from, ProcessId to, std::uint64_t since) {
  const auto blockade = blocked_.find({from, to});
  const ConnectionId id = between(from, to);
  if (blockade == blocked_.end() || blockade->second != since || id == ConnectionId{})
    return;
  // The side that hears nothing closes; the other hears of it if it hears anything.
  const Notice other = blocked(to, from) ? Notice::kByTimeout : Notice::kSoon;
  const bool listener_first = at(id).ends[0] == to;
  break_connection(id, listener_first ? Notice::kSoon : other,
                   listener_first ? other : Notice::kSoon);
}

void SimNetwork::unblock_all() {
  blocked_.clear();
  for (auto& [ends, messages] : std::exchange(parked_, {})) {
    for (Parked& message : messages) {
      const ActorId to = message.to;
      world_.deliver_at(world_.now(), to, [this, message = std::move(message)]() mutable {
        arrive(std::move(message));
      });
    }
  }
}

}  // namespace leat::sim
