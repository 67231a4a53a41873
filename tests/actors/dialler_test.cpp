// Dialling holds up nobody but who wants to reach a host that does not answer.

#include "actors/dialler.hpp"

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <thread>

#include <caf/event_based_actor.hpp>
#include <gtest/gtest.h>

#include "actors/error_text.hpp"
#include "actors/job_client.hpp"
#include "actors/probe.hpp"
#include "tests/actors/swallowing_listener.hpp"
#include "tests/actors/test_node.hpp"

namespace leat::actors {
namespace {

using Clock = std::chrono::steady_clock;

std::optional<Result<Endpoint>> await(const Probe& probe) {
  const auto until = Clock::now() + std::chrono::seconds(20);
  auto outcome = probe.outcome();
  while (!outcome && Clock::now() < until) {
    std::this_thread::yield();
    outcome = probe.outcome();
  }
  return outcome;
}

/// A node on which something is published.
class Listening {
 public:
  Listening()
      : actor_(node_.system.spawn(
            [](caf::event_based_actor*) -> caf::behavior { return {[](stop_atom) {}}; })) {
    if (const auto port = node_.system.middleman().publish(actor_, 0, "127.0.0.1"))
      endpoint_.port = *port;
  }
  ~Listening() { caf::anon_send_exit(actor_, caf::exit_reason::user_shutdown); }
  [[nodiscard]] const Endpoint& endpoint() const { return endpoint_; }

 private:
  test::TestNode node_;
  caf::actor actor_;
  Endpoint endpoint_;
};

TEST(Probe, GivesTheAddressThatAnswers) {
  const Listening there;
  const auto outcome = await(Probe({"localhost", there.endpoint().port}));
  ASSERT_TRUE(outcome && outcome->ok());
  EXPECT_EQ((*outcome)->text(), there.endpoint().text());
}

TEST(Probe, TellsARefusalAtOnce) {
  Endpoint closed;
  {
    const Listening gone;
    closed = gone.endpoint();
  }
  const auto started = Clock::now();
  const auto outcome = await(Probe(closed));
  ASSERT_TRUE(outcome && !outcome->ok());
  EXPECT_EQ(outcome->error().message(), "the connection was refused");
  EXPECT_LT(Clock::now() - started, kProbeTimeout);
}

TEST(Probe, GivesUpOnAHostThatSwallowsPackets) {
  const test::SwallowingListener hole;
  ASSERT_TRUE(hole.swallows());
  const auto outcome = await(Probe(hole.endpoint(), std::chrono::milliseconds(100)));
  ASSERT_TRUE(outcome && !outcome->ok());
  EXPECT_TRUE(outcome->error().message().starts_with("no answer")) << outcome->error().message();
}

// CAF's middleman would still be at the first when the second has long been given up.
TEST(Dialler, ReachesOthersAndEndsWhileAHostSwallowsPackets) {
  const test::SwallowingListener hole;
  ASSERT_TRUE(hole.swallows());
  const Listening there;
  const auto started = Clock::now();
  auto here = std::make_unique<test::TestNode>();
  {
    const caf::scoped_actor self(here->system);
    const auto dialler = spawn_dialler(here->system);
    const auto dial = [&](const Endpoint& endpoint) {
      return self->request(dialler, std::chrono::seconds(10), caf::connect_atom::value,
                           endpoint.host, endpoint.port);
    };
    [[maybe_unused]] const auto swallowed = dial(hole.endpoint());
    bool reached = false;
    dial(there.endpoint())
        .receive([&](const caf::strong_actor_ptr& published) { reached = published != nullptr; },
                 [](const caf::error& error) { ADD_FAILURE() << error_text(error); });
    EXPECT_TRUE(reached);
    caf::anon_send_exit(dialler, caf::exit_reason::user_shutdown);
  }
  here.reset();
  EXPECT_LT(Clock::now() - started, kProbeTimeout);
}

TEST(Dialler, TellsWhyAHostCannotBeReached) {
  Endpoint closed;
  {
    const Listening gone;
    closed = gone.endpoint();
  }
  test::TestNode here;
  const caf::scoped_actor self(here.system);
  const auto dialler = spawn_dialler(here.system);
  std::string reason;
  self->request(dialler, std::chrono::seconds(10), caf::connect_atom::value, closed.host,
                closed.port)
      .receive([](const caf::strong_actor_ptr&) {},
               [&](const caf::error& error) { reason = error_text(error); });
  EXPECT_EQ(reason, "the connection was refused");
  caf::anon_send_exit(dialler, caf::exit_reason::user_shutdown);
}

TEST(JobClient, CanBeCancelledWhileItsJobManagerSwallowsPackets) {
  const test::SwallowingListener hole;
  ASSERT_TRUE(hole.swallows());
  const auto started = Clock::now();
  JobClientOptions options;
  options.cancelled = [] { return true; };
  auto client = JobClient::create(hole.endpoint(), options);
  const auto outcome = client->connect();
  client.reset();
  ASSERT_FALSE(outcome.ok());
  EXPECT_EQ(outcome.error().kind(), ErrorKind::kCancelled);
  EXPECT_LT(Clock::now() - started, kProbeTimeout);
}

}  // namespace
}  // namespace leat::actors
