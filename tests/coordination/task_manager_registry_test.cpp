#include "runtime/coordination/task_manager_registry.hpp"

#include <chrono>

#include <gtest/gtest.h>

#include "runtime/coordination/protocol_version.hpp"
#include "tests/coordination/job_manager_probe.hpp"

namespace leat::runtime {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

const Incarnation kOne(1, 1);

proto::RegisterTaskManager registration(const std::string& id = "tm-1", Incarnation who = kOne) {
  proto::RegisterTaskManager message;
  message.set_protocol_version(kProtocolVersion);
  message.set_task_manager_id(id);
  message.set_incarnation(who.hex());
  message.set_slots(2);
  return message;
}

proto::Heartbeat heartbeat(std::uint64_t sequence, std::uint64_t echoed) {
  proto::Heartbeat message;
  message.set_sequence(sequence);
  message.set_echoed_sequence(echoed);
  return message;
}

constexpr Time at(Duration since_start) {
  return Time(since_start);
}

class Registry : public ::testing::Test {
 protected:
  Registry() { registry.add(*registry.check(registration()), at(seconds(0))); }
  TaskManagerRegistry registry{seconds(3)};
};

TEST_F(Registry, RefusesAnotherProtocolVersionInWords) {
  auto message = registration("tm-2", Incarnation(1, 2));
  message.set_protocol_version(kProtocolVersion + 1);
  const auto refused = registry.check(message);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().kind(), ErrorKind::kProtocol);
  EXPECT_EQ(refused.error().message(),
            "TaskManager 'tm-2' speaks protocol version 2, this JobManager protocol version 1, and "
            "they need one in common: update this JobManager, one protocol version at a time");
}

TEST_F(Registry, RefusesAnIdThatAnotherLiveIncarnationHolds) {
  const auto refused = registry.check(registration("tm-1", Incarnation(1, 2)));
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().kind(), ErrorKind::kUnreachable) << "to be tried again";
  registry.remove(kOne);
  EXPECT_TRUE(registry.check(registration("tm-1", Incarnation(1, 2))).ok());
}

TEST_F(Registry, LetsAnIncarnationRegisterAnew) {
  EXPECT_TRUE(registry.check(registration()).ok());
}

TEST_F(Registry, RefusesNonsense) {
  auto message = registration("tm-2", Incarnation(1, 2));
  message.set_slots(0);
  EXPECT_FALSE(registry.check(message).ok());
  message = registration("tm-2", Incarnation(1, 2));
  message.set_incarnation("me");
  EXPECT_FALSE(registry.check(message).ok());
  EXPECT_FALSE(registry.check(registration("", Incarnation(1, 2))).ok());
}

TEST_F(Registry, CallsSilentWhoSendsNothing) {
  EXPECT_TRUE(registry.silent(at(milliseconds(2999))).empty());
  EXPECT_EQ(registry.silent(at(seconds(3))), (std::vector<Incarnation>{kOne}));
  EXPECT_EQ(registry.next_deadline(), at(seconds(3)));
}

TEST_F(Registry, KeepsAliveWhoSendsAndEchoes) {
  for (std::uint64_t beat = 1; beat <= 20; ++beat) {
    const Time now = at(milliseconds(500 * beat));
    EXPECT_TRUE(registry.silent(now).empty());
    EXPECT_TRUE(registry.heartbeat(kOne, heartbeat(beat, beat - 1), now));
  }
}

TEST_F(Registry, CallsSilentWhoHearsNoAnswer) {
  EXPECT_TRUE(registry.heartbeat(kOne, heartbeat(1, 0), at(milliseconds(500))));
  EXPECT_TRUE(registry.heartbeat(kOne, heartbeat(2, 1), at(milliseconds(1000))));
  for (std::uint64_t beat = 3; beat <= 8; ++beat)  // only one direction works
    EXPECT_TRUE(registry.heartbeat(kOne, heartbeat(beat, 1), at(milliseconds(500 * beat))));
  EXPECT_EQ(registry.silent(at(seconds(4))), (std::vector<Incarnation>{kOne}));
}

TEST_F(Registry, DoesNotTakeTheEchoOfAnEarlierRegistrationForLife) {
  EXPECT_TRUE(registry.heartbeat(kOne, heartbeat(100, 99), at(seconds(2))));
  EXPECT_EQ(registry.silent(at(seconds(3))).size(), 1U);
}

TEST_F(Registry, KnowsNoStrangers) {
  EXPECT_FALSE(registry.heartbeat(Incarnation(1, 2), heartbeat(1, 0), at(seconds(1))));
}

TEST_F(Registry, ForgivesWhatItDidNotListenTo) {
  registry.forgive(at(seconds(5)));
  EXPECT_TRUE(registry.silent(at(seconds(7))).empty());
  EXPECT_EQ(registry.silent(at(seconds(8))).size(), 1U);
}

// ---- in the JobManager ----

using test::JobManagerProbe;

TEST(Registration, IsAnsweredWithEpochAndTimes) {
  JobManagerProbe jm({}, 7);
  const auto reply = jm.reply<proto::RegisterReply>(jm.register_tm(1, 2));
  ASSERT_TRUE(reply.has_value());
  EXPECT_EQ(reply->epoch(), 7U);
  EXPECT_EQ(reply->heartbeat_interval_ms(), 500U);
  EXPECT_EQ(reply->heartbeat_timeout_ms(), 3000U);
  EXPECT_EQ(reply->lease_ms(), 10'000U);
  EXPECT_EQ(jm.logged("taskmanager_registered"), 1U);
}

TEST(Registration, OfAnotherVersionIsRefused) {
  JobManagerProbe jm;
  const auto reply = jm.reply<proto::RegisterReply>(jm.register_tm(1, 2, kProtocolVersion + 1));
  EXPECT_EQ(reply->error().kind(), proto::ERROR_PROTOCOL);
  EXPECT_EQ(jm.logged("taskmanager_refused"), 1U);
}

TEST(Registration, AnewLosesWhatTheTaskManagerHeldButNotItsHandle) {
  JobManagerProbe jm;
  jm.register_tm(1, 1);
  const auto job = sim::scripted_job(1, 1);
  jm.accept(job);
  jm.deploy_all();
  jm.register_tm(1, 1);
  EXPECT_TRUE(jm.all<DropTaskManager>().empty());
  EXPECT_EQ(jm.state(job), proto::JOB_RESTARTING);
  jm.persist();
  EXPECT_EQ(jm.state(job), proto::JOB_DEPLOYING);
}

TEST(Registration, IsLostByASilentTaskManager) {
  JobManagerProbe jm;
  jm.register_tm(1, 1);
  jm.silence(1);
  jm.advance(milliseconds(2900));
  EXPECT_TRUE(jm.all<DropTaskManager>().empty());
  jm.advance(milliseconds(100));
  ASSERT_EQ(jm.all<DropTaskManager>().size(), 1U);
  EXPECT_EQ(jm.logged("taskmanager_lost"), 1U);
}

TEST(Registration, IsNotLostWhenTheJobManagerItselfStoodStill) {
  JobManagerProbe jm;
  jm.register_tm(1, 1);
  const Time late = jm.now() + seconds(20);
  jm.core().tick(late, jm.out());
  EXPECT_TRUE(jm.all<DropTaskManager>().empty());
}

TEST(Registration, AHeartbeatOfAStrangerOrAnotherEpochIsToldToRegister) {
  JobManagerProbe jm({}, 7);
  proto::Heartbeat message = heartbeat(4, 0);
  message.set_incarnation(kOne.hex());
  message.set_epoch(7);
  RequestId request = jm.ask();
  jm.core().heartbeat(request, message, jm.now(), jm.out());
  EXPECT_TRUE(is_error(jm.reply<proto::HeartbeatReply>(request)->error()));
  jm.register_tm(1, 1);
  message.set_incarnation(JobManagerProbe::tm(1).hex());
  message.set_epoch(6);
  request = jm.ask();
  jm.core().heartbeat(request, message, jm.now(), jm.out());
  EXPECT_TRUE(is_error(jm.reply<proto::HeartbeatReply>(request)->error()));
  message.set_epoch(7);
  request = jm.ask();
  jm.core().heartbeat(request, message, jm.now(), jm.out());
  EXPECT_FALSE(is_error(jm.reply<proto::HeartbeatReply>(request)->error()));
  EXPECT_EQ(jm.reply<proto::HeartbeatReply>(request)->sequence(), 4U);
}

}  // namespace
}  // namespace leat::runtime
