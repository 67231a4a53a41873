#include "actors/supervisor.hpp"

#include <condition_variable>
#include <mutex>
#include <stdexcept>
#include <vector>

#include <caf/actor_system.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/exit_reason.hpp>
#include <caf/send.hpp>
#include <gtest/gtest.h>

#include "actors/actor_config.hpp"
#include "actors/error_text.hpp"
#include "actors/stop_signal.hpp"
#include "tests/actors/recording_log.hpp"

namespace leat::actors {
namespace {

using test::RecordingLog;

caf::behavior child(caf::event_based_actor* self) {
  self->set_exception_handler([](std::exception_ptr& thrown) { return exception_reason(thrown); });
  return {[](stop_atom) { throw std::runtime_error("out of luck"); },
          [self](start_atom) { self->quit(); }};
}

class SupervisorTest : public ::testing::Test {
 protected:
  SupervisedChild spec(std::uint32_t tolerated) {
    SupervisedChild child_spec{"child/c1",
                               [this](caf::actor_system& system) {
                                 auto started = system.spawn(child);
                                 const std::lock_guard lock(mutex_);
                                 started_.push_back(started);
                                 changed_.notify_all();
                                 return started;
                               },
                               [this](const Error& error) { stop_.fail(error); }, log_};
    child_spec.tolerated = tolerated;
    child_spec.backoff.initial = std::chrono::milliseconds(1);
    child_spec.backoff.max = std::chrono::milliseconds(2);
    return child_spec;
  }

  /// The nth child started, from 1; null if there is none within half a minute.
  caf::actor await_child(std::size_t nth) {
    std::unique_lock lock(mutex_);
    const bool came =
        changed_.wait_for(lock, std::chrono::seconds(30), [&] { return started_.size() >= nth; });
    return came ? started_[nth - 1] : caf::actor{};
  }

  ~SupervisorTest() override {
    started_.clear();
    caf::anon_send_exit(supervisor_, caf::exit_reason::user_shutdown);
  }

  RecordingLog log_;
  StopSignal stop_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<caf::actor> started_;
  LeatActorConfig config_{Networking::kOff};
  caf::actor_system system_{config_};
  supervisor_actor supervisor_;
};

TEST_F(SupervisorTest, RestartsAChildThatFailsAndSaysWhy) {
  supervisor_ = spawn_supervisor(system_, spec(3));
  caf::anon_send(await_child(1), stop_atom::value);
  const caf::actor second = await_child(2);
  ASSERT_TRUE(second);
  const LogEvent event = log_.await("child_failed");
  EXPECT_EQ(LogLevel::kWarn, event.level);
  EXPECT_EQ("supervisor", event.component);
  EXPECT_EQ("child/c1", RecordingLog::field(event, "child"));
  EXPECT_EQ("out of luck", RecordingLog::field(event, "reason"));
  EXPECT_EQ("restart", RecordingLog::field(event, "action"));
  EXPECT_EQ("2/4", RecordingLog::field(event, "attempt"));
  EXPECT_EQ("0", RecordingLog::field(event, "backoff_ms"));
}

TEST_F(SupervisorTest, TellsTheProcessToEndAfterOneFailureTooMany) {
  supervisor_ = spawn_supervisor(system_, spec(1));
  caf::anon_send(await_child(1), stop_atom::value);
  caf::anon_send(await_child(2), stop_atom::value);
  ASSERT_TRUE(stop_.wait_for(std::chrono::seconds(30)));
  ASSERT_TRUE(stop_.failure());
  EXPECT_EQ("child/c1 failed: out of luck", stop_.failure()->message());
  EXPECT_EQ("end_process", RecordingLog::field(log_.await("child_failed", 2), "action"));
}

TEST_F(SupervisorTest, LeavesAChildAloneThatEndsInOrder) {
  supervisor_ = spawn_supervisor(system_, spec(3));
  caf::anon_send(await_child(1), start_atom::value);
  started_.clear();
  // It has nothing left to supervise.
  system_.await_all_actors_done();
  EXPECT_TRUE(started_.empty());
  EXPECT_FALSE(stop_.stopped());
}

TEST_F(SupervisorTest, EndsItsChildWhenItIsToldToEnd) {
  supervisor_ = spawn_supervisor(system_, spec(3));
  ASSERT_TRUE(await_child(1));
  started_.clear();
  caf::anon_send_exit(supervisor_, caf::exit_reason::user_shutdown);
  system_.await_all_actors_done();
  EXPECT_FALSE(stop_.stopped());
}

}  // namespace
}  // namespace leat::actors
