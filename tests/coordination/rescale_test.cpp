// A running job is given another parallelism, or takes up slots that appear.

#include <chrono>
#include <string>

#include <gmock/gmock.h>

#include "tests/coordination/checkpoint_probe.hpp"

namespace leat::runtime::test {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::HasSubstr;
using testing::SizeIs;

proto::SubmitJob job(std::uint32_t parallelism, const std::string& interval = "100 s") {
  return CheckpointProbe::checkpointed_job(parallelism,
                                           {{"execution.checkpointing.interval", interval}});
}

RequestId rescale(CheckpointProbe& jm, std::uint32_t parallelism) {
  proto::RescaleJob message;
  message.set_job_id(jm.job().job_id());
  message.set_parallelism(parallelism);
  const RequestId request = jm.ask();
  jm.core().rescale(request, message, jm.now(), jm.out());
  return request;
}

/// The checkpoint to go on from is taken, and the old attempt lets go.
void carry_out(CheckpointProbe& jm) {
  jm.take_checkpoint_and_let_go();
  jm.start();
  EXPECT_EQ(jm.state(), proto::JOB_RUNNING);
}

TEST(Rescale, GoesOnFromACheckpointAtAnotherParallelismAndCountsAsNoFailure) {
  CheckpointProbe jm(job(2));
  jm.run();
  const RequestId request = rescale(jm, 1);
  EXPECT_FALSE(jm.reply<proto::RescaleReply>(request).has_value()) << "not durable yet";
  jm.persist_all();
  EXPECT_FALSE(is_error(jm.reply<proto::RescaleReply>(request)->error()));
  carry_out(jm);
  EXPECT_THAT(jm.deployments(), SizeIs(1));
  EXPECT_EQ(jm.deployment(jm.deployments()[0]).restore().checkpoint(), 1U);
  const auto status = jm.status_now();
  EXPECT_EQ(status.attempt(), 2U);
  EXPECT_EQ(status.restarts(), 0U);
  EXPECT_EQ(status.requested_parallelism(), 1U);
  EXPECT_EQ(status.waiting_subtasks(), 0U);
  EXPECT_FALSE(is_error(status.failure()));
}

TEST(Rescale, TheNewParallelismOutlivesTheJobManager) {
  CheckpointProbe first(job(2));
  first.run();
  rescale(first, 1);
  CheckpointProbe next(job(2), 2, first.meta());
  next.recover();
  EXPECT_THAT(next.deployments(), SizeIs(1));
}

TEST(Rescale, MoreThanThereAreSlotsForTakesWhatThereIsAndTheRestWhenItComes) {
  CheckpointProbe jm(job(1));
  jm.run();
  jm.register_tm(2, 1);
  rescale(jm, 3);
  jm.persist_all();
  carry_out(jm);
  EXPECT_THAT(jm.deployments(), SizeIs(2));
  EXPECT_EQ(jm.status_now().waiting_subtasks(), 1U);
  jm.register_tm(3, 1);
  const auto before = jm.triggered();
  jm.advance(milliseconds(900));
  EXPECT_EQ(jm.triggered(), before) << "it may be gone again";
  jm.advance(seconds(10));
  EXPECT_EQ(jm.triggered(), before + 1);
  carry_out(jm);
  EXPECT_THAT(jm.deployments(), SizeIs(3));
}

TEST(Rescale, SlotsThatAppearAreTakenUpCalmly) {
  CheckpointProbe jm(job(3));
  jm.register_tm(1, 1);
  jm.accept(jm.job());
  jm.advance(milliseconds(10));
  jm.start();
  ASSERT_THAT(jm.deployments(), SizeIs(1));
  jm.register_tm(2, 1);
  jm.advance(milliseconds(1100));
  carry_out(jm);
  ASSERT_THAT(jm.deployments(), SizeIs(2));
  jm.register_tm(3, 1);
  const auto before = jm.triggered();
  jm.advance(seconds(8));
  EXPECT_EQ(jm.triggered(), before) << "not so soon after the last one";
  jm.advance(seconds(2));
  EXPECT_EQ(jm.triggered(), before + 1);
}

TEST(Rescale, WithoutCheckpointsARunningJobIsLeftAsItIs) {
  CheckpointProbe jm(job(2, "0"));
  jm.register_tm(1, 1);
  jm.accept(jm.job());
  jm.advance(milliseconds(10));
  jm.start();
  jm.register_tm(2, 1);
  jm.advance(seconds(30));
  EXPECT_EQ(jm.triggered(), 0U);
}

TEST(Rescale, ACheckpointThatFailsIsTriedAgainAfterThePause) {
  CheckpointProbe jm(job(2));
  jm.run();
  rescale(jm, 1);
  jm.persist_all();
  jm.decline(jm.deployments()[0], jm.triggered());
  EXPECT_EQ(jm.state(), proto::JOB_RUNNING);
  const auto before = jm.triggered();
  jm.advance(seconds(9));
  EXPECT_EQ(jm.triggered(), before);
  jm.advance(seconds(2));
  EXPECT_EQ(jm.triggered(), before + 1);
  carry_out(jm);
}

TEST(Rescale, ThatWasAskedForIsTriedAgainWhereAJobTakesUpNoSlotsByItself) {
  for (const auto& [key, value] :
       CheckpointProbe::Config{{"scheduler", "fixed"}, {"execution.checkpointing.interval", "0"}}) {
    auto asked = job(2);
    (*asked.mutable_config())[key] = value;
    CheckpointProbe jm(asked);
    jm.run();
    jm.register_tm(3, 1);
    rescale(jm, 3);
    jm.persist_all();
    jm.decline(jm.deployments()[0], jm.triggered());
    ASSERT_EQ(jm.state(), proto::JOB_RUNNING);
    const auto before = jm.triggered();
    jm.advance(seconds(9));
    EXPECT_EQ(jm.triggered(), before) << key;
    jm.advance(seconds(2));
    EXPECT_EQ(jm.triggered(), before + 1) << key;
    carry_out(jm);
    EXPECT_THAT(jm.deployments(), SizeIs(3));
    const auto done = jm.triggered();
    jm.register_tm(4, 1);
    jm.advance(seconds(30));
    EXPECT_EQ(jm.triggered(), done) << "it has what was asked for";
  }
}

TEST(Rescale, ThatWasAskedForOutlivesAFailureOfTheAttempt) {
  auto fixed = job(2);
  (*fixed.mutable_config())["scheduler"] = "fixed";
  CheckpointProbe jm(fixed);
  jm.run();
  rescale(jm, 4);
  jm.persist_all();
  jm.register_tm(3, 1);
  const auto first = jm.triggered();
  ASSERT_GT(first, 0U);
  jm.failed(jm.deployments()[0]);
  jm.restart();
  ASSERT_THAT(jm.deployments(), SizeIs(3));
  jm.register_tm(4, 1);
  jm.advance(seconds(11));
  EXPECT_GT(jm.triggered(), first);
  carry_out(jm);
  EXPECT_THAT(jm.deployments(), SizeIs(4));
}

TEST(Rescale, OutOfRangeIsRefusedInWords) {
  CheckpointProbe jm(job(1));
  jm.run();
  for (const std::uint32_t parallelism : {0U, 129U}) {
    const auto refused = jm.reply<proto::RescaleReply>(rescale(jm, parallelism));
    ASSERT_TRUE(refused.has_value());
    EXPECT_THAT(refused->error().message(), HasSubstr("from 1 to"));
  }
}

TEST(Rescale, SlotsThatAnotherJobWaitsForAreLeftToIt) {
  CheckpointProbe jm(job(2));
  jm.register_tm(1, 1);
  jm.accept(jm.job());
  jm.advance(milliseconds(10));
  jm.start();
  proto::SubmitJob other = job(1);
  other.set_job_id(JobId(0, 2).hex());
  jm.accept(other);
  jm.register_tm(2, 1);
  EXPECT_EQ(jm.state(other), proto::JOB_DEPLOYING);
  jm.advance(seconds(5));
  EXPECT_EQ(jm.triggered(), 0U);
}

}  // namespace
}  // namespace leat::runtime::test
