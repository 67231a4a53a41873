// The slots of a TaskManager: each deployment ends with exactly one Released, whatever happens.

#include <chrono>

#include <gtest/gtest.h>

#include "tests/coordination/task_manager_probe.hpp"

namespace leat::runtime::test {
namespace {

using std::chrono::seconds;

class TaskManagerSlots : public ::testing::Test {
 protected:
  TaskManagerSlots() { tm.register_here(); }
  TaskManagerProbe tm;
};

TEST_F(TaskManagerSlots, RunASubtaskFromDeploymentToRelease) {
  tm.deploy(tm.ref(0), 0);
  EXPECT_EQ(tm.all<FetchArtefact>().size(), 1U);
  EXPECT_TRUE(tm.all<SpawnSlot>().empty());
  tm.artefact();
  EXPECT_EQ(tm.all<SpawnSlot>().size(), 1U);
  tm.slot_deployed(tm.ref(0));
  EXPECT_TRUE(tm.all<StartSlot>().empty());
  tm.start(tm.ref(0));
  EXPECT_EQ(tm.all<StartSlot>().size(), 1U);
  tm.slot_finished(tm.ref(0));
  tm.release(1);
  EXPECT_EQ(tm.all<StopSlot>().size(), 1U);
  EXPECT_EQ(tm.said(), "deployed/0 finished/0") << "not gone yet";
  tm.slot_gone(tm.ref(0));
  EXPECT_EQ(tm.said(), "deployed/0 finished/0 released/0");
}

TEST_F(TaskManagerSlots, FetchAnObjectOnceForAll) {
  tm.deploy(tm.ref(0), 0);
  tm.deploy(tm.ref(1), 1);
  EXPECT_EQ(tm.all<FetchArtefact>().size(), 1U);
  tm.artefact();
  EXPECT_EQ(tm.all<SpawnSlot>().size(), 2U);
  tm.release(1);
  tm.slot_gone(tm.ref(0));
  tm.deploy(tm.ref(0, 2), 0);
  EXPECT_EQ(tm.all<FetchArtefact>().size(), 1U) << "it is here";
  EXPECT_EQ(tm.all<SpawnSlot>().size(), 3U);
}

TEST_F(TaskManagerSlots, AnObjectThatCannotBeFetchedFailsItsDeployments) {
  tm.deploy(tm.ref(0), 0);
  tm.artefact('a', Error(ErrorKind::kIo, "disk full"));
  EXPECT_EQ(tm.said(), "failed/0");
  EXPECT_EQ(tm.sent<proto::SubtaskEvent>()[0].failed().error().message(),
            "fetching the job object: disk full");
  tm.release(1);
  EXPECT_EQ(tm.said(), "failed/0 released/0");
  EXPECT_TRUE(tm.all<StopSlot>().empty()) << "there never was a slot actor";
  tm.deploy(tm.ref(0, 2), 0);
  EXPECT_EQ(tm.all<FetchArtefact>().size(), 2U) << "tried again";
}

TEST_F(TaskManagerSlots, ReleaseWhileFetchingLeavesNothing) {
  tm.deploy(tm.ref(0), 0);
  tm.release(1);
  EXPECT_EQ(tm.said(), "released/0");
  tm.artefact();
  EXPECT_TRUE(tm.all<SpawnSlot>().empty());
}

TEST_F(TaskManagerSlots, ReleaseWhileSpawningWaitsForTheActorToBeGone) {
  tm.deploy(tm.ref(0), 0);
  tm.artefact();
  tm.release(1);
  tm.slot_deployed(tm.ref(0));
  EXPECT_EQ(tm.said(), "") << "nobody wants to know any more";
  tm.slot_gone(tm.ref(0));
  EXPECT_EQ(tm.said(), "released/0");
}

TEST_F(TaskManagerSlots, ReleaseTakesOlderAttemptsWithItAndLeavesOthers) {
  tm.run(tm.ref(0, 2), 0);
  tm.run(tm.ref(1, 3, /*job=*/2), 1);
  tm.release(1);
  EXPECT_TRUE(tm.all<StopSlot>().empty()) << "a newer attempt is running";
  tm.release(2);
  EXPECT_EQ(tm.all<StopSlot>().size(), 1U);
}

TEST_F(TaskManagerSlots, ASlotThatDiesIsReportedAndFree) {
  tm.run(tm.ref(0), 0);
  tm.slot_gone(tm.ref(0));
  EXPECT_EQ(tm.said(), "deployed/0 failed/0 released/0");
  tm.release(1);
  EXPECT_EQ(tm.said(), "deployed/0 failed/0 released/0") << "exactly one Released";
}

TEST_F(TaskManagerSlots, AFailedSlotIsFreeOnlyWhenItsActorIsGone) {
  tm.run(tm.ref(0), 0);
  tm.slot_failed(tm.ref(0));
  tm.slot_failed(tm.ref(0));
  EXPECT_EQ(tm.said(), "deployed/0 failed/0");
  tm.release(1);
  tm.slot_gone(tm.ref(0));
  EXPECT_EQ(tm.said(), "deployed/0 failed/0 released/0");
}

TEST_F(TaskManagerSlots, ADeploymentIntoATakenSlotWaitsUntilTheOldOneIsGone) {
  tm.run(tm.ref(0, 1), 0);
  tm.deploy(tm.ref(0, 2), 0);
  EXPECT_EQ(tm.all<StopSlot>().size(), 1U);
  EXPECT_EQ(tm.all<SpawnSlot>().size(), 1U);
  tm.slot_gone(tm.ref(0, 1));
  EXPECT_EQ(tm.all<SpawnSlot>().size(), 2U);
  EXPECT_EQ(tm.said(), "deployed/0 released/0");
}

TEST_F(TaskManagerSlots, AWaitingDeploymentCanBeReleased) {
  tm.run(tm.ref(0, 1), 0);
  tm.deploy(tm.ref(0, 2), 0);
  tm.release(2);
  tm.slot_gone(tm.ref(0, 1));
  EXPECT_EQ(tm.all<SpawnSlot>().size(), 1U);
  EXPECT_EQ(tm.said(), "deployed/0 released/0 released/0");
}

TEST_F(TaskManagerSlots, AReleasedAttemptIsNotDeployedAnyMore) {
  tm.release(2);
  tm.deploy(tm.ref(0, 2), 0);
  EXPECT_TRUE(tm.all<FetchArtefact>().empty());
  EXPECT_EQ(tm.said(), "released/0");
  tm.deploy(tm.ref(0, 3), 0);
  EXPECT_EQ(tm.all<FetchArtefact>().size(), 1U);
}

TEST_F(TaskManagerSlots, RepeatedMessagesChangeNothing) {
  tm.deploy(tm.ref(0), 0);
  tm.deploy(tm.ref(0), 0);
  tm.artefact();
  tm.deploy(tm.ref(0), 0);
  EXPECT_EQ(tm.all<SpawnSlot>().size(), 1U);
  tm.slot_deployed(tm.ref(0));
  tm.slot_deployed(tm.ref(0));
  tm.start(tm.ref(0));
  tm.start(tm.ref(0));
  EXPECT_EQ(tm.all<StartSlot>().size(), 1U);
  EXPECT_EQ(tm.said(), "deployed/0");
}

TEST_F(TaskManagerSlots, MessagesOfAnotherEpochChangeNothing) {
  auto old = tm.ref(0);
  old.set_epoch(99);
  tm.deploy(old, 0);
  tm.start(old);
  tm.commit(old);
  EXPECT_TRUE(tm.all<FetchArtefact>().empty());
  EXPECT_TRUE(tm.all<CommitPending>().empty());
  EXPECT_EQ(tm.said(), "");
}

TEST_F(TaskManagerSlots, MessagesBetweenRegistrationsChangeNothing) {
  tm.core().on_connection_lost("broken", tm.now(), tm.out());
  tm.deploy(tm.ref(0), 0);
  EXPECT_TRUE(tm.all<FetchArtefact>().empty());
}

TEST_F(TaskManagerSlots, ASlotThatDoesNotExistIsRefused) {
  tm.deploy(tm.ref(0), 7);
  EXPECT_EQ(tm.said(), "failed/0");
}

TEST_F(TaskManagerSlots, GrantsReachRunningSlotsOnly) {
  proto::SplitGrant grant;
  *grant.mutable_ref() = tm.ref(0);
  tm.core().grant(grant, tm.now(), tm.out());
  EXPECT_TRUE(tm.all<ToSlot>().empty());
  tm.run(tm.ref(0), 0);
  tm.core().grant(grant, tm.now(), tm.out());
  EXPECT_EQ(tm.all<ToSlot>().size(), 1U);
  proto::CollectCredit credit;
  *credit.mutable_ref() = tm.ref(0);
  tm.core().collect_credit(credit, tm.now(), tm.out());
  EXPECT_EQ(tm.all<ToSlot>().size(), 2U);
}

TEST_F(TaskManagerSlots, ForwardWhatTheirSubtasksAskFor) {
  tm.run(tm.ref(0), 0);
  proto::SplitRequest request;
  *request.mutable_ref() = tm.ref(0);
  tm.core().forward(request, tm.out());
  EXPECT_EQ(tm.sent<proto::SplitRequest>().size(), 1U);
  *request.mutable_ref() = tm.ref(5);
  tm.core().forward(request, tm.out());
  EXPECT_EQ(tm.sent<proto::SplitRequest>().size(), 1U);
}

TEST_F(TaskManagerSlots, CommitsNeedNoSlotAndAreAnswered) {
  tm.commit(tm.ref(3));
  tm.commit(tm.ref(3));
  EXPECT_EQ(tm.all<CommitPending>().size(), 1U) << "one under way is enough";
  tm.core().on_committed(tm.ref(3), 0, {}, tm.now(), tm.out());
  EXPECT_EQ(tm.said(), "committed/3");
  tm.commit(tm.ref(3));
  EXPECT_EQ(tm.all<CommitPending>().size(), 2U);
  tm.core().on_committed(tm.ref(3), 0, Error(ErrorKind::kIo, "disk full"), tm.now(), tm.out());
  EXPECT_EQ(tm.said(), "committed/3 committed/3 (failed)");
}

TEST_F(TaskManagerSlots, ANewRegistrationFindsThemFreeOnceTheOldOnesAreGone) {
  tm.run(tm.ref(0), 0);
  tm.core().on_connection_lost("broken", tm.now(), tm.out());
  tm.advance(seconds(1));
  tm.register_here(2);
  tm.deploy(tm.ref(0, 2), 0);
  EXPECT_EQ(tm.all<SpawnSlot>().size(), 1U) << "the zombie is still there";
  auto old = tm.ref(0, 1);
  old.set_epoch(1);
  tm.slot_gone(old);
  EXPECT_EQ(tm.all<SpawnSlot>().size(), 2U);
}

}  // namespace
}  // namespace leat::runtime::test
