// A TaskManager that was told to leave: what it says, and when it ends.

#include <chrono>

#include <gtest/gtest.h>

#include "tests/coordination/task_manager_probe.hpp"

namespace leat::runtime::test {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

bool done(const TaskManagerProbe& tm) {
  return !tm.all<LeaveDone>().empty();
}

void may_leave(TaskManagerProbe& tm) {
  proto::HeartbeatReply reply;
  reply.set_epoch(1);
  reply.set_sequence(tm.sent<proto::Heartbeat>().back().sequence());
  reply.set_may_leave(true);
  tm.core().on_heartbeat_reply(reply, tm.now(), tm.out());
}

TEST(TaskManagerLeave, IsSaidAtOnceAndWithEachHeartbeatUntilTheJobManagerAllowsIt) {
  TaskManagerProbe tm;
  tm.register_here();
  tm.advance_answered(seconds(1));
  const auto before = tm.sent<proto::Heartbeat>().size();
  EXPECT_FALSE(tm.sent<proto::Heartbeat>().back().leaving());
  tm.core().leave(tm.now(), tm.out());
  EXPECT_EQ(tm.sent<proto::Heartbeat>().size(), before + 1);
  EXPECT_EQ(tm.logged("leaving"), 1U);
  tm.answer_heartbeat();
  tm.advance_answered(seconds(2));
  for (std::size_t i = before; i < tm.sent<proto::Heartbeat>().size(); ++i)
    EXPECT_TRUE(tm.sent<proto::Heartbeat>()[i].leaving());
  EXPECT_FALSE(done(tm));
  may_leave(tm);
  EXPECT_EQ(tm.all<LeaveDone>().size(), 1U);
  EXPECT_EQ(tm.logged("left"), 1U);
  const auto sent = tm.sent<proto::Heartbeat>().size();
  tm.advance(seconds(60));
  EXPECT_EQ(tm.sent<proto::Heartbeat>().size(), sent) << "it has been forgotten";
  EXPECT_EQ(tm.all<ConnectToJobManager>().size(), 1U);
  EXPECT_EQ(tm.all<LeaveDone>().size(), 1U);
}

TEST(TaskManagerLeave, IsDoneAtOnceWithoutAJobManager) {
  TaskManagerProbe tm;
  tm.core().leave(tm.now(), tm.out());
  EXPECT_TRUE(done(tm));
  TaskManagerProbe waiting;
  waiting.core().on_connection_lost("connection refused", waiting.now(), waiting.out());
  waiting.core().leave(waiting.now(), waiting.out());
  EXPECT_TRUE(done(waiting));
  waiting.advance(seconds(60));
  EXPECT_EQ(waiting.all<ConnectToJobManager>().size(), 1U);
}

TEST(TaskManagerLeave, RunsWhatItHoldsOnUntilTheJobManagerReleasesIt) {
  TaskManagerProbe tm;
  tm.register_here();
  tm.run(tm.ref(0), 0);
  tm.core().leave(tm.now(), tm.out());
  tm.answer_heartbeat();
  EXPECT_TRUE(tm.all<StopSlot>().empty());
  tm.release(1);
  const auto before = tm.sent<proto::Heartbeat>().size();
  tm.slot_gone(tm.ref(0));
  EXPECT_EQ(tm.sent<proto::Heartbeat>().size(), before + 1) << "the answer is waited for";
  EXPECT_EQ(tm.said(), "deployed/0 released/0");
  EXPECT_FALSE(done(tm));
  may_leave(tm);
  EXPECT_TRUE(done(tm));
}

TEST(TaskManagerLeave, WaitsForTheLastSlotAndTheLastCommitBeforeItAsks) {
  TaskManagerProbe tm;
  tm.register_here();
  tm.run(tm.ref(0), 0);
  tm.run(tm.ref(1), 1);
  tm.core().leave(tm.now(), tm.out());
  const auto before = tm.sent<proto::Heartbeat>().size();
  tm.commit(tm.ref(0));
  tm.release(1);
  tm.slot_gone(tm.ref(0));
  tm.slot_gone(tm.ref(1));
  EXPECT_EQ(tm.sent<proto::Heartbeat>().size(), before);
  tm.core().on_committed(tm.ref(0), 0, {}, tm.now(), tm.out());
  EXPECT_EQ(tm.sent<proto::Heartbeat>().size(), before + 1);
}

TEST(TaskManagerLeave, AConnectionThatBreaksEndsIt) {
  TaskManagerProbe tm;
  tm.register_here();
  tm.run(tm.ref(0), 0);
  tm.core().leave(tm.now(), tm.out());
  tm.core().on_connection_lost("broken", tm.now(), tm.out());
  EXPECT_EQ(tm.all<StopSlot>().size(), 1U) << "nobody will ask for it: a registration is empty";
  EXPECT_FALSE(done(tm));
  tm.slot_gone(tm.ref(0));
  EXPECT_TRUE(done(tm));
  tm.advance(seconds(60));
  EXPECT_EQ(tm.all<ConnectToJobManager>().size(), 1U);
}

TEST(TaskManagerLeave, WithoutAConnectionItEndsWhenItsSlotsAreEmptyAndItsCommitsDone) {
  TaskManagerProbe tm;
  tm.register_here();
  tm.run(tm.ref(0), 0);
  tm.commit(tm.ref(1));
  tm.core().on_connection_lost("broken", tm.now(), tm.out());
  tm.core().leave(tm.now(), tm.out());
  tm.slot_gone(tm.ref(0));
  EXPECT_FALSE(done(tm));
  tm.core().on_committed(tm.ref(1), 0, {}, tm.now(), tm.out());
  EXPECT_TRUE(done(tm));
}

TEST(TaskManagerLeave, ARegistrationUnderWayIsAnsweredFirst) {
  TaskManagerProbe tm;
  tm.core().on_connected(tm.now(), tm.out());
  tm.core().leave(tm.now(), tm.out());
  EXPECT_FALSE(done(tm));
  tm.registered();
  ASSERT_EQ(tm.sent<proto::Heartbeat>().size(), 1U);
  EXPECT_TRUE(tm.sent<proto::Heartbeat>()[0].leaving());
  may_leave(tm);
  EXPECT_TRUE(done(tm));
}

TEST(TaskManagerLeave, ARegistrationThatIsRefusedOrNotAnsweredEndsIt) {
  TaskManagerProbe refused;
  refused.core().on_connected(refused.now(), refused.out());
  refused.core().leave(refused.now(), refused.out());
  proto::RegisterReply reply;
  *reply.mutable_error() = to_error_info(Error(ErrorKind::kUnreachable, "id is taken"));
  refused.core().on_registered(reply, refused.now(), refused.out());
  EXPECT_TRUE(done(refused));

  TaskManagerProbe unanswered;
  unanswered.core().on_connected(unanswered.now(), unanswered.out());
  unanswered.core().leave(unanswered.now(), unanswered.out());
  unanswered.advance(seconds(6));
  EXPECT_TRUE(done(unanswered));
  EXPECT_EQ(unanswered.sent<proto::RegisterTaskManager>().size(), 1U);
}

TEST(TaskManagerLeave, ANewJobManagerIsNotRegisteredWith) {
  TaskManagerProbe tm;
  tm.register_here(1);
  tm.run(tm.ref(0), 0);
  tm.core().leave(tm.now(), tm.out());
  proto::HeartbeatReply reply;
  reply.set_epoch(2);
  reply.set_sequence(1);
  tm.core().on_heartbeat_reply(reply, tm.now(), tm.out());
  EXPECT_EQ(tm.sent<proto::RegisterTaskManager>().size(), 1U);
  tm.slot_gone(tm.ref(0));
  EXPECT_TRUE(done(tm));
}

TEST(TaskManagerLeave, ASlotThatHasFinishedIsStoppedWithoutAWord) {
  TaskManagerProbe tm;
  tm.register_here();
  tm.run(tm.ref(0), 0);
  tm.slot_finished(tm.ref(0));
  tm.core().leave(tm.now(), tm.out());
  may_leave(tm);
  EXPECT_EQ(tm.all<StopSlot>().size(), 1U);
  EXPECT_FALSE(done(tm));
  tm.slot_gone(tm.ref(0));
  EXPECT_TRUE(done(tm));
  EXPECT_EQ(tm.said(), "deployed/0 finished/0 released/0");
}

TEST(TaskManagerLeave, AnAnswerToAnEarlierHeartbeatDoesNotEndIt) {
  TaskManagerProbe tm;
  tm.register_here();
  tm.core().leave(tm.now(), tm.out());
  tm.answer_heartbeat();
  EXPECT_FALSE(done(tm));
}

}  // namespace
}  // namespace leat::runtime::test
