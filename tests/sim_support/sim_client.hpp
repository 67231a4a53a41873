#pragma once

// A client's process: asks the JobManager over the network, and again over a new connection when the
// answer stays away, as the command line does. Requests are idempotent.

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "tests/sim_support/sim_job_manager.hpp"
#include "tests/sim_support/sim_network.hpp"
#include "tests/sim_support/sim_world.hpp"

namespace leat::sim {

class SimClient {
 public:
  SimClient(SimWorld& world, SimNetwork& network, SimJobManager& job_manager, std::string name);

  /// `on_reply` runs once, here. An answer is waited for `patience` before the question is repeated.
  void ask(SimJobManager::Question question, SimJobManager::OnReply on_reply,
           Duration patience = std::chrono::seconds(2));

  /// Steps the world until the answer is there; nothing after five minutes.
  template <class Reply>
  std::optional<Reply> ask_now(SimJobManager::Question question,
                               Duration patience = std::chrono::seconds(2)) {
    auto answer = std::make_shared<std::optional<Reply>>();
    ask(
        std::move(question),
        [answer](const runtime::AnyReply& reply) { *answer = std::get<Reply>(reply); }, patience);
    world_.run_until([&answer] { return answer->has_value(); }, std::chrono::minutes(5));
    return *answer;
  }

 private:
  struct Request;
  void dial(const std::shared_ptr<Request>& request);
  void put(const std::shared_ptr<Request>& request, ConnectionId connection);
  void again(const std::shared_ptr<Request>& request, std::uint64_t attempt);

  SimWorld& world_;
  SimNetwork& network_;
  SimJobManager& job_manager_;
  ProcessId process_;
  ActorId actor_;
};

}  // namespace leat::sim
