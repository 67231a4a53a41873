#include "actors/job_manager_link.hpp"

#include <chrono>
#include <utility>

#include <caf/actor_cast.hpp>

#include "actors/error_text.hpp"
#include "actors/version_check.hpp"

namespace leat::actors {

namespace {

constexpr std::chrono::seconds kConnectTimeout{5};

}  // namespace

void JobManagerLink::connect() {
  ++generation_;
  job_manager_ = nullptr;
  if (const auto* endpoint = std::get_if<Endpoint>(&address_))
    dial(*endpoint);
  else
    say_hello(std::get<job_manager_actor>(address_));
}

void JobManagerLink::dial(const Endpoint& endpoint) {
  const auto generation = generation_;
  self_->request(dialler_, kConnectTimeout, caf::connect_atom::value, endpoint.host, endpoint.port)
      .then(
          [=, this](const caf::strong_actor_ptr& published) {
            if (generation != generation_)
              return;
            if (published)
              say_hello(caf::actor_cast<job_manager_actor>(published));
            else
              listener_.lost(peer_name() + ": nothing of Leat is published there");
          },
          [=, this](const caf::error& error) {
            if (generation == generation_)
              listener_.lost(peer_name() + ": " + error_text(error));
          });
}

void JobManagerLink::say_hello(const job_manager_actor& handle) {
  const auto generation = generation_;
  self_->request(handle, kConnectTimeout, make_hello("TaskManager"))
      .then(
          [=, this](const proto::HelloReply& reply) {
            if (generation != generation_)
              return;
            if (const auto checked = check_hello_reply(reply, peer_name()); !checked)
              listener_.refused(checked.error());
            else
              use(handle);
          },
          [=, this](const caf::error& error) {
            if (generation == generation_)
              listener_.lost(peer_name() + ": " + error_text(error));
          });
}

void JobManagerLink::use(const job_manager_actor& handle) {
  job_manager_ = handle;
  self_->monitor(handle);
  listener_.connected();
}

bool JobManagerLink::down(const caf::down_msg& down) {
  if (!job_manager_ || down.source != job_manager_.address())
    return false;
  job_manager_ = nullptr;
  ++generation_;
  listener_.lost(peer_name() + ": " + error_text(down.reason));
  return true;
}

std::string JobManagerLink::peer_name() const {
  const auto* endpoint = std::get_if<Endpoint>(&address_);
  return endpoint == nullptr ? "the JobManager" : "the JobManager at " + endpoint->text();
}

}  // namespace leat::actors
