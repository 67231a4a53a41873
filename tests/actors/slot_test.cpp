#include "actors/slot.hpp"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include <caf/actor_system.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/exit_reason.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/send.hpp>
#include <gtest/gtest.h>

#include "actors/actor_config.hpp"
#include "actors/boot_clock.hpp"
#include "runtime/base/posix_file_system.hpp"
#include "tests/support/graph_of.hpp"
#include "tests/support/memory_connectors.hpp"

namespace leat::actors {
namespace {

using namespace std::chrono_literals;

/// What a slot tells its TaskManager, and that it is gone.
struct Reports {
  std::mutex mutex;
  std::condition_variable changed;
  std::vector<proto::SubtaskEvent> events;
  std::vector<proto::SplitRequest> split_requests;
  bool gone = false;

  void note(const std::function<void()>& change) {
    const std::lock_guard lock(mutex);
    change();
    changed.notify_all();
  }
  template <class Reached>
  bool await(Reached reached) {
    std::unique_lock lock(mutex);
    return changed.wait_for(lock, 30s, reached);
  }
};

/// In the place of the TaskManager.
caf::behavior owner(caf::event_based_actor* self, Reports* reports) {
  self->set_down_handler(
      [reports](caf::down_msg&) { reports->note([reports] { reports->gone = true; }); });
  return {[reports](const proto::SubtaskEvent& event) {
            reports->note([&] { reports->events.push_back(event); });
          },
          [reports](const proto::SplitRequest& request) {
            reports->note([&] { reports->split_requests.push_back(request); });
          },
          [](const proto::SubtaskMetrics&) {},
          [self](start_atom, const caf::strong_actor_ptr& slot) { self->monitor(slot); }};
}

caf::behavior silent_peer(caf::event_based_actor*) {
  return {[](const DataMessage&) {}, [](const CreditMessage&) {}};
}

class SlotTest : public ::testing::Test {
 protected:
  SlotTest() {
    owner_ = system_.spawn(owner, &reports_);
    lease_->set_end(Time::max());
    proto::SubtaskRef ref;
    ref.set_job_id(deployment_.job.hex());
    ref.set_attempt(2);
    slot_ = spawn_slot(system_, {ref, deployment_, 2, 128, graph_, lease_, nullptr,
                                 caf::actor_cast<local_task_manager_actor>(owner_), files_});
    caf::anon_send(owner_, start_atom::value, caf::actor_cast<caf::strong_actor_ptr>(slot_));
    peer_ = system_.spawn(silent_peer);
  }
  ~SlotTest() override {
    for (const auto& actor : {owner_, caf::actor_cast<caf::actor>(slot_), peer_})
      caf::anon_send_exit(actor, caf::exit_reason::user_shutdown);
  }

  void start() {
    caf::anon_send(slot_, start_atom::value,
                   SlotPeers{{slot_actor{}, caf::actor_cast<slot_actor>(peer_)}});
    ASSERT_TRUE(await_event([](const auto& event) { return event.has_running(); }));
  }
  bool await_event(const std::function<bool(const proto::SubtaskEvent&)>& wanted) {
    return reports_.await(
        [&] { return std::any_of(reports_.events.begin(), reports_.events.end(), wanted); });
  }
  /// A message that makes a task fail, if it is meant for it.
  void send_poison(const DeploymentId& deployment) {
    auto buffer = std::make_shared<runtime::Buffer>();
    buffer->kind = runtime::BufferKind::kEndOfInput;
    caf::anon_send(slot_, DataMessage{deployment, {99, 1, 0}, 0, buffer});
  }
  std::optional<proto::SubtaskEvent::Failed> await_failure() {
    std::optional<proto::SubtaskEvent::Failed> failure;
    std::ignore = await_event([&](const auto& event) {
      if (event.has_failed())
        failure = event.failed();
      return event.has_failed();
    });
    return failure;
  }

  const DeploymentId deployment_{JobId(1, 2), Attempt{2}};
  Reports reports_;
  PosixFileSystem files_;
  std::shared_ptr<SharedLease> lease_ = std::make_shared<SharedLease>();
  std::shared_ptr<const runtime::JobGraph> graph_ = test::graph_of([](Environment& env) {
    env.source(test::vector_source<std::uint64_t>({1, 2, 3}))
        .key_by([](std::uint64_t number) { return number; })
        .count()
        .sink(test::memory_sink<std::pair<std::uint64_t, std::uint64_t>>(
            std::make_shared<test::MemoryRows<std::pair<std::uint64_t, std::uint64_t>>>()));
  });
  LeatActorConfig config_{Networking::kOff};
  caf::actor_system system_{config_};
  caf::actor owner_;
  caf::actor peer_;
  local_slot_actor slot_;
};

TEST_F(SlotTest, ReportsThatItIsDeployedAndRunsOnlyWhenItIsStarted) {
  ASSERT_TRUE(await_event([](const auto& event) { return event.has_deployed(); }));
  EXPECT_TRUE(reports_.split_requests.empty());
  start();
  EXPECT_TRUE(reports_.await([&] { return !reports_.split_requests.empty(); }));
}

TEST_F(SlotTest, FailsWhenItsTaskRefusesABuffer) {
  start();
  send_poison(deployment_);
  const auto failure = await_failure();
  ASSERT_TRUE(failure);
  EXPECT_EQ(proto::ERROR_PROTOCOL, failure->error().kind());
}

TEST_F(SlotTest, DropsBuffersOfAnotherAttemptOrJob) {
  start();
  send_poison({deployment_.job, Attempt{1}});
  send_poison({deployment_.job, Attempt{3}});
  send_poison({JobId(1, 3), Attempt{2}});
  caf::anon_send(slot_, stop_atom::value);
  ASSERT_TRUE(reports_.await([&] { return reports_.gone; }));
  for (const auto& event : reports_.events)
    EXPECT_FALSE(event.has_failed()) << event.ShortDebugString();
}

TEST_F(SlotTest, NamesThePeerWhoseConnectionIsLost) {
  start();
  caf::anon_send_exit(peer_, caf::exit_reason::kill);
  const auto failure = await_failure();
  ASSERT_TRUE(failure);
  EXPECT_EQ(proto::ERROR_UNREACHABLE, failure->error().kind());
  ASSERT_EQ(1, failure->unreachable_peers_size());
  EXPECT_EQ(1U, failure->unreachable_peers(0));
}

TEST_F(SlotTest, NamesThePeerWhoseConnectionIsLostWhenItHasFinishedItself) {
  start();
  proto::SplitGrant grant;
  grant.mutable_ref()->set_job_id(deployment_.job.hex());
  grant.mutable_ref()->set_attempt(2);
  grant.set_no_more(true);
  caf::anon_send(slot_, grant);
  auto end = std::make_shared<runtime::Buffer>();
  end->kind = runtime::BufferKind::kEndOfInput;
  caf::anon_send(slot_, DataMessage{deployment_, {0, 1, 0}, 0, end});
  ASSERT_TRUE(await_event([](const auto& event) { return event.has_finished(); }));
  caf::anon_send_exit(peer_, caf::exit_reason::kill);
  const auto failure = await_failure();
  ASSERT_TRUE(failure) << "what it sent last may be lost";
  ASSERT_EQ(1, failure->unreachable_peers_size());
  EXPECT_EQ(1U, failure->unreachable_peers(0));
}

TEST_F(SlotTest, AcceptsThatAPeerEndsInOrder) {
  start();
  caf::anon_send_exit(peer_, caf::exit_reason::user_shutdown);
  const caf::scoped_actor self(system_);
  self->wait_for(peer_);
  caf::anon_send(slot_, stop_atom::value);
  ASSERT_TRUE(reports_.await([&] { return reports_.gone; }));
  for (const auto& event : reports_.events)
    EXPECT_FALSE(event.has_failed()) << event.ShortDebugString();
}

TEST_F(SlotTest, RunsNoTurnBeyondItsLease) {
  lease_->set_end(BootClock().now());
  start();
  const auto failure = await_failure();
  ASSERT_TRUE(failure);
  EXPECT_EQ(proto::ERROR_UNREACHABLE, failure->error().kind());
  EXPECT_TRUE(reports_.split_requests.empty());
}

TEST_F(SlotTest, EndsWithItsTaskManager) {
  start();
  caf::anon_send_exit(owner_, caf::exit_reason::kill);
  const caf::scoped_actor self(system_);
  self->wait_for(slot_);
}

}  // namespace
}  // namespace leat::actors
