// A TaskManager and its JobManager: connection, registration, heartbeats, lease.

#include <chrono>

#include <gtest/gtest.h>

#include "runtime/coordination/error_info.hpp"
#include "runtime/coordination/lease.hpp"
#include "runtime/coordination/protocol_version.hpp"
#include "tests/coordination/task_manager_probe.hpp"

namespace leat::runtime::test {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

TEST(Lease, RunsFromWhenTheHeartbeatWasSent) {
  Lease lease;
  EXPECT_FALSE(lease.valid(Time(seconds(0))));
  lease.begin(Time(seconds(1)), seconds(10));
  EXPECT_EQ(lease.end(), Time(seconds(11)));
  lease.heartbeat_sent(1, Time(seconds(2)));
  lease.heartbeat_sent(2, Time(seconds(3)));
  lease.heartbeat_answered(1);
  EXPECT_EQ(lease.end(), Time(seconds(12)));
  lease.heartbeat_answered(2);
  EXPECT_EQ(lease.end(), Time(seconds(13)));
  lease.heartbeat_answered(1);
  lease.heartbeat_answered(99);
  EXPECT_EQ(lease.end(), Time(seconds(13)));
  EXPECT_FALSE(lease.valid(Time(seconds(13))));
}

TEST(Lease, IsNotExtendedByAnAnswerToAnEarlierRegistrationsHeartbeat) {
  Lease lease;
  lease.begin(Time(seconds(1)), seconds(10));
  lease.heartbeat_sent(1, Time(seconds(9)));
  lease.begin(Time(seconds(2)), seconds(10));
  lease.heartbeat_answered(1);
  EXPECT_EQ(lease.end(), Time(seconds(12)));
}

TEST(TaskManagerLink, ConnectsRegistersAndSendsHeartbeats) {
  TaskManagerProbe tm;
  EXPECT_EQ(tm.all<ConnectToJobManager>().size(), 1U);
  tm.core().on_connected(tm.now(), tm.out());
  ASSERT_EQ(tm.sent<proto::RegisterTaskManager>().size(), 1U);
  const auto message = tm.sent<proto::RegisterTaskManager>()[0];
  EXPECT_EQ(message.protocol_version(), kProtocolVersion);
  EXPECT_EQ(message.task_manager_id(), "tm-1");
  EXPECT_EQ(message.slots(), 2U);
  tm.registered(5);
  ASSERT_EQ(tm.sent<proto::Heartbeat>().size(), 1U) << "the first one at once";
  EXPECT_EQ(tm.sent<proto::Heartbeat>()[0].epoch(), 5U);
  tm.advance_answered(seconds(2));
  const auto heartbeats = tm.sent<proto::Heartbeat>();
  ASSERT_EQ(heartbeats.size(), 5U);
  EXPECT_EQ(heartbeats[4].sequence(), 5U);
  EXPECT_EQ(heartbeats[4].echoed_sequence(), 4U);
}

TEST(TaskManagerLink, DialsAgainLaterEachTimeButWithinASecond) {
  TaskManagerProbe tm;
  std::size_t dialled = 1;
  const auto dials_within = [&](milliseconds time) {
    tm.advance(time);
    return tm.all<ConnectToJobManager>().size() != dialled;
  };
  for (int failure = 0; failure < 10; ++failure) {
    tm.core().on_connection_lost("connection refused", tm.now(), tm.out());
    EXPECT_FALSE(dials_within(milliseconds(failure < 5 ? 50 << failure : 700))) << failure;
    EXPECT_TRUE(dials_within(milliseconds(300))) << failure;
    ++dialled;
  }
}

TEST(TaskManagerLink, SaysOnceWhyItsJobManagerCannotBeReached) {
  TaskManagerProbe tm;
  const auto fail = [&](const std::string& reason) {
    for (int failure = 0; failure < 5; ++failure) {
      tm.core().on_connection_lost(reason, tm.now(), tm.out());
      tm.advance(milliseconds(6250));
    }
    return tm.logged("jobmanager_lost");
  };
  EXPECT_EQ(fail("no such host"), 1U);
  EXPECT_EQ(fail("connection refused"), 2U);
  EXPECT_EQ(fail("no such host"), 3U);
  tm.register_here();
  EXPECT_EQ(fail("no such host"), 4U);
}

TEST(TaskManagerLink, GivesUpWhenItsVersionIsRefused) {
  TaskManagerProbe tm;
  tm.core().on_connected(tm.now(), tm.out());
  proto::RegisterReply reply;
  *reply.mutable_error() = to_error_info(Error(ErrorKind::kProtocol, "another version"));
  tm.core().on_registered(reply, tm.now(), tm.out());
  ASSERT_EQ(tm.all<EndTaskManager>().size(), 1U);
  EXPECT_EQ(tm.all<EndTaskManager>()[0].error.message(), "another version");
  tm.advance(seconds(100));
  EXPECT_EQ(tm.sent<proto::RegisterTaskManager>().size(), 1U);
}

TEST(TaskManagerLink, TriesAgainWhenItsPredecessorIsNotYetKnownToBeDead) {
  TaskManagerProbe tm;
  tm.core().on_connected(tm.now(), tm.out());
  proto::RegisterReply reply;
  *reply.mutable_error() = to_error_info(Error(ErrorKind::kUnreachable, "id is taken"));
  tm.core().on_registered(reply, tm.now(), tm.out());
  tm.advance(seconds(1));
  EXPECT_EQ(tm.sent<proto::RegisterTaskManager>().size(), 2U);
  EXPECT_EQ(tm.all<ConnectToJobManager>().size(), 1U);
}

TEST(TaskManagerLink, RegistersAgainWhenNobodyAnswersTheRegistration) {
  TaskManagerProbe tm;
  tm.core().on_connected(tm.now(), tm.out());
  tm.advance(seconds(6));
  EXPECT_EQ(tm.sent<proto::RegisterTaskManager>().size(), 2U);
}

TEST(TaskManagerLink, TakesASilentJobManagerForLost) {
  TaskManagerProbe tm;
  tm.register_here();
  tm.advance_answered(seconds(5));
  tm.advance(milliseconds(2999));
  EXPECT_EQ(tm.logged("jobmanager_lost"), 0U);
  tm.advance(seconds(1));
  EXPECT_EQ(tm.logged("jobmanager_lost"), 1U);
  EXPECT_EQ(tm.all<ConnectToJobManager>().size(), 2U);
}

TEST(TaskManagerLink, RegistersAgainWhenItIsNotKnownAnyMore) {
  TaskManagerProbe tm;
  tm.register_here();
  proto::HeartbeatReply reply;
  reply.set_epoch(1);
  reply.set_sequence(1);
  *reply.mutable_error() = to_error_info(Error(ErrorKind::kProtocol, "register again"));
  tm.core().on_heartbeat_reply(reply, tm.now(), tm.out());
  EXPECT_EQ(tm.sent<proto::RegisterTaskManager>().size(), 2U);
}

TEST(TaskManagerLink, RegistersAgainWithANewJobManager) {
  TaskManagerProbe tm;
  tm.register_here(1);
  proto::HeartbeatReply reply;
  reply.set_epoch(2);
  reply.set_sequence(1);
  tm.core().on_heartbeat_reply(reply, tm.now(), tm.out());
  EXPECT_EQ(tm.sent<proto::RegisterTaskManager>().size(), 2U);
}

TEST(TaskManagerLink, NeverUsesAHeartbeatNumberTwice) {
  TaskManagerProbe tm;
  tm.register_here();
  tm.advance_answered(seconds(1));
  const auto last = tm.sent<proto::Heartbeat>().back().sequence();
  tm.core().on_connection_lost("broken", tm.now(), tm.out());
  tm.advance(seconds(1));
  tm.register_here();
  EXPECT_EQ(tm.sent<proto::Heartbeat>().back().sequence(), last + 1);
}

TEST(TaskManagerLink, StopsItsSlotsWhenItsLeaseEnds) {
  TaskManagerProbe tm;
  tm.register_here();
  tm.run(tm.ref(0), 0);
  tm.core().on_connection_lost("broken", tm.now(), tm.out());
  tm.advance(milliseconds(9999));
  EXPECT_TRUE(tm.core().lease_valid(tm.now()));
  EXPECT_TRUE(tm.all<StopSlot>().empty()) << "a short interruption may heal";
  tm.advance(milliseconds(1));
  EXPECT_FALSE(tm.core().lease_valid(tm.now()));
  EXPECT_EQ(tm.all<StopSlot>().size(), 1U);
  EXPECT_EQ(tm.logged("lease_expired"), 1U);
  EXPECT_EQ(tm.said(), "deployed/0 failed/0");
}

TEST(TaskManagerLink, EmptiesItsSlotsWhenItRegistersAgain) {
  TaskManagerProbe tm;
  tm.register_here();
  tm.run(tm.ref(0), 0);
  tm.core().on_connection_lost("broken", tm.now(), tm.out());
  tm.advance(seconds(1));
  EXPECT_TRUE(tm.all<StopSlot>().empty());
  tm.register_here();
  EXPECT_EQ(tm.all<StopSlot>().size(), 1U);
}

TEST(TaskManagerLink, ReportsMetricsOfRunningSlots) {
  TaskManagerProbe tm;
  tm.register_here();
  tm.run(tm.ref(0), 0);
  proto::SubtaskMetrics metrics;
  metrics.set_job_id(tm.ref(0).job_id());
  metrics.set_attempt(1);
  metrics.set_subtask(0);
  metrics.set_records_in(42);
  tm.core().on_slot_metrics(metrics);
  metrics.set_attempt(9);
  metrics.set_records_in(1);
  tm.core().on_slot_metrics(metrics);  // of nobody here
  tm.advance_answered(milliseconds(500));
  const auto heartbeat = tm.sent<proto::Heartbeat>().back();
  ASSERT_EQ(heartbeat.metrics_size(), 1);
  EXPECT_EQ(heartbeat.metrics(0).records_in(), 42U);
}

}  // namespace
}  // namespace leat::runtime::test
