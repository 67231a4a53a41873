#include "actors/shutdown.hpp"

#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <thread>

#include <caf/actor_registry.hpp>
#include <caf/actor_system.hpp>
#include <caf/node_id.hpp>
#include <caf/scoped_actor.hpp>

#include "actors/node.hpp"
#include "actors/own_thread.hpp"

namespace leat::actors {

namespace {

constexpr std::chrono::seconds kGrace{10};
constexpr std::chrono::milliseconds kPollInterval{2};

bool await_actors(caf::actor_system& system) {
  const auto deadline = std::chrono::steady_clock::now() + kGrace;
  while (system.registry().running() > 0 || own_thread_actors(system) > 0) {
    if (std::chrono::steady_clock::now() > deadline)
      return false;
    std::this_thread::sleep_for(kPollInterval);
  }
  return true;
}

// A question that CAF's middleman and its broker answer after all they were told before.
bool await_network(caf::actor_system& system) {
  const auto middleman = middleman_of(system);
  if (!middleman)
    return true;
  bool answered = false;
  const caf::scoped_actor self(system);
  self->request(middleman, kGrace, caf::get_atom::value, system.node())
      .receive([&](const caf::node_id&, const std::string&, std::uint16_t) { answered = true; },
               [](const caf::error&) {});
  return answered;
}

[[noreturn]] void exit_stuck(LogSink& log, LogEvent event) {
  event.fields.emplace_back("action", "exit");
  log.write(event);
  std::_Exit(EXIT_FAILURE);
}

}  // namespace

void await_actors_or_exit(caf::actor_system& system, LogSink& log) {
  if (!await_actors(system))
    exit_stuck(log, {LogLevel::kError,
                     "shutdown",
                     "actors_stuck",
                     {{"actors", std::to_string(system.registry().running())},
                      {"reason", "user code does not return"}}});
  if (!await_network(system))
    exit_stuck(log, {LogLevel::kError,
                     "shutdown",
                     "network_stuck",
                     {{"reason", "a connection is being made and does not come about"}}});
}

}  // namespace leat::actors
