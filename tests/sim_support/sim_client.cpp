#include "tests/sim_support/sim_client.hpp"

#include <chrono>

namespace leat::sim {

namespace {
constexpr Duration kPause = std::chrono::milliseconds(200);  // before a question is repeated
}  // namespace

struct SimClient::Request {
  SimJobManager::Question question;
  SimJobManager::OnReply on_reply;
  Duration patience;
  std::uint64_t attempt = 0;
  bool answered = false;
};

SimClient::SimClient(SimWorld& world, SimNetwork& network, SimJobManager& job_manager,
                     std::string name)
    : world_(world),
      network_(network),
      job_manager_(job_manager),
      process_(world.add_process(std::move(name))),
      actor_(world.add_actor(process_)) {
  network_.join(process_, [](ConnectionId) {});
}

void SimClient::ask(SimJobManager::Question question, SimJobManager::OnReply on_reply,
                    Duration patience) {
  dial(std::make_shared<Request>(Request{std::move(question), std::move(on_reply), patience}));
}

void SimClient::dial(const std::shared_ptr<Request>& request) {
  const std::uint64_t attempt = ++request->attempt;
  network_.connect(process_, actor_, SimJobManager::kAddress, [=, this](auto connection) {
    if (attempt != request->attempt)
      return;
    if (connection)
      put(request, *connection);
    else
      again(request, attempt);
  });
}

void SimClient::put(const std::shared_ptr<Request>& request, ConnectionId connection) {
  const std::uint64_t attempt = request->attempt;
  world_.deliver_at(world_.now() + request->patience, actor_,
                    [=, this] { again(request, attempt); });
  if (network_.peer(connection, process_) != job_manager_.process())
    return;
  network_.send(connection, actor_, job_manager_.actor(), [=, this] {
    job_manager_.ask(connection, actor_, request->question, [request](const auto& reply) {
      if (!std::exchange(request->answered, true))
        request->on_reply(reply);
    });
  });
}

void SimClient::again(const std::shared_ptr<Request>& request, std::uint64_t attempt) {
  if (request->answered || attempt != request->attempt)
    return;
  ++request->attempt;
  world_.deliver_at(world_.now() + kPause, actor_, [=, this] { dial(request); });
}

}  // namespace leat::sim
