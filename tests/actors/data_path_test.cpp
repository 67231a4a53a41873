// Buffers between two slots of two processes: the messages, the connection, the credits.

#include <chrono>
#include <cstdint>
#include <cstring>
#include <future>
#include <memory>

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <gtest/gtest.h>

#include "actors/own_thread.hpp"
#include "actors/protocol.hpp"
#include "tests/actors/test_node.hpp"

namespace leat::actors {
namespace {

constexpr std::uint64_t kBuffers = (std::uint64_t{1} << 30U) / runtime::kBufferBytes;
const DeploymentId kDeployment{JobId(1, 2), Attempt{1}};
constexpr runtime::ChannelId kChannel{0, 0, 1};

struct Received {
  std::uint64_t buffers = 0;
  std::uint64_t out_of_order = 0;
  std::uint64_t damaged = 0;
};

struct ReceiverState {
  ReceiverState() = default;
  Received received;
  caf::strong_actor_ptr sender;
};

/// Checks sequence and content; grants a credit for each buffer.
slot_actor::behavior_type receiver(slot_actor::stateful_pointer<ReceiverState> self,
                                   std::shared_ptr<std::promise<Received>> done) {
  return {[self, done](const DataMessage& message) {
            auto& received = self->state.received;
            received.out_of_order += message.sequence != received.buffers;
            std::uint64_t stamp = 0;
            const auto& bytes = message.buffer->bytes;
            if (bytes.size() == runtime::kBufferBytes)
              std::memcpy(&stamp, bytes.data() + runtime::kBufferBytes - sizeof(stamp),
                          sizeof(stamp));
            received.damaged += stamp != message.sequence;
            self->send(caf::actor_cast<slot_actor>(self->current_sender()),
                       CreditMessage{kDeployment, kChannel, 1});
            if (++received.buffers == kBuffers)
              done->set_value(received);
          },
          [](const CreditMessage&) {}};
}

struct SenderState {
  SenderState() = default;
  std::uint64_t next = 0;
};

/// Sends within the credits it is granted; the first ones come from itself.
slot_actor::behavior_type sender(slot_actor::stateful_pointer<SenderState> self, slot_actor to) {
  self->send(slot_actor(self), CreditMessage{kDeployment, kChannel, runtime::kInitialCredits});
  return {[](const DataMessage&) {},
          [self, to](const CreditMessage& credit) {
            auto& next = self->state.next;
            for (std::uint32_t i = 0; i < credit.buffers && next < kBuffers; ++i, ++next) {
              auto buffer = std::make_shared<runtime::Buffer>();
              buffer->bytes = ByteBlock(runtime::kBufferBytes);
              std::memset(buffer->bytes.data(), 'x', runtime::kBufferBytes);
              std::memcpy(buffer->bytes.data() + runtime::kBufferBytes - sizeof(next), &next,
                          sizeof(next));
              self->send(to, DataMessage{kDeployment, kChannel, next, std::move(buffer)});
            }
          }};
}

TEST(DataPath, AGigabyteOfBuffersArrivesWholeAndInOrder) {
  test::TestNode there;
  test::TestNode here;
  auto done = std::make_shared<std::promise<Received>>();
  auto outcome = done->get_future();
  auto target = caf::actor_cast<caf::actor>(spawn_on_own_thread(there.system, receiver, done));
  const auto port = there.system.middleman().publish(target, 0, "127.0.0.1");
  ASSERT_TRUE(port);
  auto remote = caf::actor_cast<slot_actor>(here.connect({"127.0.0.1", *port}));
  ASSERT_TRUE(remote);
  auto source = caf::actor_cast<caf::actor>(spawn_on_own_thread(here.system, sender, remote));
  ASSERT_EQ(std::future_status::ready, outcome.wait_for(std::chrono::seconds(50)));
  const Received received = outcome.get();
  EXPECT_EQ(kBuffers, received.buffers);
  EXPECT_EQ(0U, received.out_of_order);
  EXPECT_EQ(0U, received.damaged);
  caf::anon_send_exit(source, caf::exit_reason::user_shutdown);
  caf::anon_send_exit(target, caf::exit_reason::user_shutdown);
}

}  // namespace
}  // namespace leat::actors
