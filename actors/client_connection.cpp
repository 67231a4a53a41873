#include "actors/client_connection.hpp"

#include <algorithm>
#include <thread>
#include <utility>
#include <variant>

#include <caf/actor_cast.hpp>
#include <caf/exit_reason.hpp>
#include <caf/send.hpp>

#include "actors/dialler.hpp"
#include "actors/tls_identity.hpp"
#include "actors/version_check.hpp"

namespace leat::actors {

namespace {

constexpr std::chrono::seconds kConnectTimeout{5};
constexpr std::chrono::milliseconds kLongestPause{1000};
/// How soon a client notices that it is cancelled.
constexpr std::chrono::milliseconds kCancelInterval{50};

}  // namespace

ClientConnection::ClientConnection(caf::actor_system& system, JobManagerAddress address,
                                   JobClientOptions options)
    : system_(system), address_(std::move(address)), options_(std::move(options)) {}

ClientConnection::~ClientConnection() {
  caf::anon_send_exit(dialler_, caf::exit_reason::user_shutdown);
}

ClientConnection::Patience ClientConnection::start() const {
  return {std::chrono::steady_clock::now() + options_.give_up_after};
}

Result<void> ClientConnection::connect() {
  Patience patience = start();
  for (;;) {
    auto outcome = connect_once();
    if (outcome)
      return outcome;
    if (auto ended = pause_before_next_try(outcome.error(), patience))
      return *ended;
  }
}

std::optional<Error> ClientConnection::pause_before_next_try(const Error& error,
                                                             Patience& patience) {
  using Clock = std::chrono::steady_clock;
  if (error.kind() != ErrorKind::kUnreachable || Clock::now() >= patience.until)
    return error;
  if (options_.on_retry)
    options_.on_retry(error.message() + "; trying again");
  const auto until = std::min(patience.until, Clock::now() + patience.pause);
  patience.pause = std::min(patience.pause * 2, kLongestPause);
  while (Clock::now() < until) {
    if (cancelled())
      return cancelled_error();
    std::this_thread::sleep_for(std::min<Clock::duration>(until - Clock::now(), kCancelInterval));
  }
  return std::nullopt;
}

Result<void> ClientConnection::connect_once() {
  if (job_manager_)
    return {};
  Result<job_manager_actor> dialled = unreachable("");
  if (const auto* endpoint = std::get_if<Endpoint>(&address_))
    dialled = dial(*endpoint);
  else
    dialled = std::get<job_manager_actor>(address_);
  if (!dialled)
    return dialled.error();
  auto reply =
      blocking_ask<proto::HelloReply>(system_, *dialled, kConnectTimeout, make_hello("client"));
  if (!reply)
    return unreachable(reply.error().message());
  auto checked = check_hello_reply(*reply, peer_name());
  if (checked)
    job_manager_ = *dialled;
  return checked;
}

Result<job_manager_actor> ClientConnection::dial(const Endpoint& endpoint) {
  if (options_.link.tls)
    options_.link.tls->look();  // what it would log the connection's failure will say
  if (!dialler_)
    dialler_ = spawn_dialler(system_);
  auto outcome = start_asking<caf::strong_actor_ptr>(
      system_, dialler_, kConnectTimeout, caf::connect_atom::value, endpoint.host, endpoint.port);
  while (outcome.wait_for(kCancelInterval) != std::future_status::ready)
    if (cancelled())
      return cancelled_error();
  const auto published = outcome.get();
  if (!published)
    return unreachable(published.error().message());
  if (!*published)
    return unreachable("nothing of Leat is published there");
  return caf::actor_cast<job_manager_actor>(*published);
}

Error ClientConnection::cancelled_error() const {
  return Error(ErrorKind::kCancelled, "cancelled while looking for " + peer_name());
}

Error ClientConnection::unreachable(const std::string& reason) const {
  return Error(ErrorKind::kUnreachable,
               peer_name() + " cannot be reached: " + reason + ". Start it, or name another one");
}

std::string ClientConnection::peer_name() const {
  const auto* endpoint = std::get_if<Endpoint>(&address_);
  return endpoint == nullptr ? "the JobManager" : "the JobManager at " + endpoint->text();
}

}  // namespace leat::actors
