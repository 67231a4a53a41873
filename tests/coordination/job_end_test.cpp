// Jobs with checkpoints that are cancelled or have failed: what becomes of their output and checkpoints.

#include <chrono>

#include <gmock/gmock.h>

#include "tests/coordination/checkpoint_probe.hpp"

namespace leat::runtime::test {
namespace {

using std::chrono::seconds;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

proto::SubmitJob job(std::uint32_t parallelism, CheckpointProbe::Config config = {}) {
  return CheckpointProbe::checkpointed_job(parallelism, std::move(config));
}

TEST(JobEnd, CommitsThatAreDueDoNotWaitForSlotsToLetGo) {
  for (const bool cancels : {false, true}) {
    CheckpointProbe jm(job(2, {{"restart-strategy.type", "none"}}));
    jm.run();
    const auto id = jm.trigger();
    jm.ack_all(id, CheckpointProbe::with_output("a"));
    jm.persist();
    ASSERT_THAT(jm.outputs_sent(id), SizeIs(2));
    if (cancels)
      jm.cancel(jm.job());
    jm.down(1);
    jm.advance(seconds(1));
    EXPECT_EQ(jm.state(), cancels ? proto::JOB_CANCELLING : proto::JOB_FAILING);
    EXPECT_THAT(jm.outputs_sent(id), SizeIs(3));
  }
}

TEST(JobEnd, AJobThatIsCancelledBeforeItGoesOnFinishesTheOutputOfItsCheckpoint) {
  CheckpointProbe first(job(1));
  first.run();
  const auto id = first.trigger();
  first.ack_all(id, CheckpointProbe::with_output("a"));
  CheckpointProbe next(job(1), 2, first.meta());
  next.cancel(next.job());
  next.persist_all();
  EXPECT_THAT(next.all<CleanOutputs>(), IsEmpty()) << "half of the output may be visible";
  next.register_tm(1, 1);
  EXPECT_THAT(next.outputs_sent(id), ElementsAre("a"));
  next.commit_all(id);
  next.persist_all();
  EXPECT_EQ(next.state(), proto::JOB_CANCELED);
  EXPECT_THAT(next.all<CleanOutputs>(), SizeIs(1));
}

TEST(JobEnd, AJobFoundAsItIsCancelledWaitsAWhileForATaskManagerThatCommits) {
  CheckpointProbe first(job(1));
  first.run();
  first.ack_all(first.trigger(), CheckpointProbe::with_output("a"));
  first.persist();
  first.cancel(first.job());
  for (const bool comes : {true, false}) {
    CheckpointProbe next(job(1), 2, first.meta());
    EXPECT_EQ(next.state(), proto::JOB_CANCELLING);
    EXPECT_THAT(next.all<CleanOutputs>(), IsEmpty());
    if (comes) {
      next.register_tm(1, 1);
      next.commit_all(1);
    } else {
      next.advance(seconds(11));
    }
    next.persist_all();
    EXPECT_EQ(next.state(), proto::JOB_CANCELED);
    EXPECT_EQ(next.outputs_sent(1).size(), comes ? 1U : 0U);
  }
}

TEST(JobEnd, AFailedJobKeepsItsCheckpoints) {
  CheckpointProbe jm(job(1, {{"restart-strategy.type", "none"}}));
  jm.run();
  jm.complete();
  jm.failed(jm.deployments()[0]);
  jm.release_all();
  jm.persist_all();
  EXPECT_EQ(jm.state(), proto::JOB_FAILED);
  EXPECT_THAT(jm.manifests(), SizeIs(1));
}

}  // namespace
}  // namespace leat::runtime::test
