// An actor system ends in bounded time although its actors are stopped in the middle of heavy traffic.
// CAF's own end hung in it: see docs/connections.md, "The end of a process".

#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <functional>
#include <future>
#include <memory>
#include <thread>
#include <vector>

#include <caf/typed_event_based_actor.hpp>
#include <gtest/gtest.h>

#include "actors/own_thread.hpp"
#include "actors/protocol.hpp"
#include "tests/actors/test_node.hpp"

namespace leat::actors {
namespace {

constexpr int kRounds = 30;
constexpr int kPairs = 4;
constexpr std::uint64_t kBuffersBeforeTheEnd = 50;
constexpr std::chrono::seconds kDeadline{20};
const DeploymentId kDeployment{JobId(1, 2), Attempt{1}};
constexpr runtime::ChannelId kChannel{0, 0, 1};

/// Grants a credit for each buffer, for ever; sets `busy` once there is traffic.
slot_actor::behavior_type receiver(slot_actor::pointer self,
                                   std::shared_ptr<std::promise<void>> busy) {
  return {[self, busy](const DataMessage& message) {
            self->send(caf::actor_cast<slot_actor>(self->current_sender()),
                       CreditMessage{kDeployment, kChannel, 1});
            if (message.sequence == kBuffersBeforeTheEnd)
              busy->set_value();
          },
          [](const CreditMessage&) {}};
}

/// Sends a buffer for each credit, for ever; the first ones come from itself.
slot_actor::behavior_type sender(slot_actor::pointer self, const slot_actor& to) {
  self->send(slot_actor(self), CreditMessage{kDeployment, kChannel, runtime::kInitialCredits});
  return {[](const DataMessage&) {},
          [self, to, next = std::uint64_t{0}](const CreditMessage& credit) mutable {
            for (std::uint32_t i = 0; i < credit.buffers; ++i) {
              auto buffer = std::make_shared<runtime::Buffer>();
              buffer->bytes = ByteBlock(runtime::kBufferBytes);
              self->send(to, DataMessage{kDeployment, kChannel, next++, std::move(buffer)});
            }
          }};
}

/// Two systems with traffic between them, ended in the middle of it. `before_the_end` is told the
/// actor that sends.
void run_round(const std::function<void(const caf::actor&)>& before_the_end) {
  test::TestNode there;
  test::TestNode here;
  std::vector<caf::actor> actors;
  for (int pair = 0; pair < kPairs; ++pair) {
    auto busy = std::make_shared<std::promise<void>>();
    auto traffic = busy->get_future();
    auto target = caf::actor_cast<caf::actor>(spawn_on_own_thread(there.system, receiver, busy));
    const auto port = there.system.middleman().publish(target, 0, "127.0.0.1");
    ASSERT_TRUE(port);
    auto remote = caf::actor_cast<slot_actor>(here.connect({"127.0.0.1", *port}));
    ASSERT_TRUE(remote);
    auto source = caf::actor_cast<caf::actor>(spawn_on_own_thread(here.system, sender, remote));
    EXPECT_EQ(std::future_status::ready, traffic.wait_for(kDeadline));
    before_the_end(source);
    actors.insert(actors.end(), {source, target});
  }
  for (const caf::actor& actor : actors)
    caf::anon_send_exit(actor, caf::exit_reason::user_shutdown);
}

/// All of a round on one thread: a system waits for threads that have looked at it.
void expect_end_in_time(const std::function<void(const caf::actor&)>& before_the_end) {
  std::promise<void> ended;
  auto outcome = ended.get_future();
  std::thread thread([&] {
    run_round(before_the_end);
    ended.set_value();
  });
  if (outcome.wait_for(kDeadline) != std::future_status::ready) {
    ADD_FAILURE() << "an actor system does not end";
    std::_Exit(EXIT_FAILURE);  // the thread cannot be joined
  }
  thread.join();
}

// The connection watches each actor that a peer knows of, and CAF counts an actor out before it tells
// those who watch it. What is told late must not keep the actor, and with it its thread, for ever.
TEST(StopInTraffic, EndsAlthoughActorsAreSlowToTellTheirEnd) {
  for (int round = 1; round <= kRounds; ++round) {
    SCOPED_TRACE(round);
    expect_end_in_time([](const caf::actor& source) {
      // Attached last and therefore called first.
      source->attach_functor([] {
        std::promise<void> never;
        never.get_future().wait_for(std::chrono::milliseconds(20));
      });
    });
  }
}

}  // namespace
}  // namespace leat::actors
