#include "actors/shutdown.hpp"

#include <chrono>
#include <cstdlib>
#include <string>
#include <thread>

#include <caf/actor_registry.hpp>
#include <caf/actor_system.hpp>

namespace leat::actors {

namespace {

constexpr std::chrono::seconds kGrace{10};
constexpr std::chrono::milliseconds kPollInterval{2};

}  // namespace

void await_actors_or_exit(caf::actor_system& system, LogSink& log) {
  const auto deadline = std::chrono::steady_clock::now() + kGrace;
  while (system.registry().running() > 0) {
    if (std::chrono::steady_clock::now() > deadline) {
      log.write({LogLevel::kError,
                 "shutdown",
                 "actors_stuck",
                 {{"actors", std::to_string(system.registry().running())},
                  {"reason", "user code does not return"},
                  {"action", "exit"}}});
      std::_Exit(EXIT_FAILURE);
    }
    std::this_thread::sleep_for(kPollInterval);
  }
}

}  // namespace leat::actors
