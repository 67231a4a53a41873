// Rows of collect sinks with checkpoints: the client gets each once, whoever dies.

#include <chrono>
#include <string>
#include <vector>

#include <gmock/gmock.h>

#include "runtime/coordination/result_buffer.hpp"
#include "tests/coordination/checkpoint_probe.hpp"

namespace leat::runtime::test {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::IsEmpty;

proto::SubmitJob job() {
  return CheckpointProbe::checkpointed_job(1, {}, /*collect=*/true);
}

void rows(CheckpointProbe& jm, const std::vector<std::string>& rows,
          std::uint64_t before_barrier = 0) {
  proto::CollectRows message;
  *message.mutable_ref() = jm.deployments()[0];
  for (const std::string& row : rows)
    message.add_rows(row);
  message.set_before_barrier(before_barrier);
  jm.core().collect_rows(jm.deployed_to(jm.deployments()[0]), message, jm.now(), jm.out());
}

std::vector<std::string> fetch(CheckpointProbe& jm, std::uint64_t offset) {
  const auto batch = jm.reply<proto::ResultBatch>(jm.fetch(jm.job(), UINT32_MAX, offset)).value();
  EXPECT_FALSE(is_error(batch.error())) << batch.error().message();
  EXPECT_EQ(batch.attempt(), UINT32_MAX);
  EXPECT_EQ(batch.offset(), offset);
  return {batch.rows().begin(), batch.rows().end()};
}

TEST(CheckpointedResults, ARowIsTheClientsOnceACheckpointCoversIt) {
  CheckpointProbe jm(job());
  jm.run();
  rows(jm, {"a"});
  EXPECT_THAT(fetch(jm, 0), IsEmpty());
  const auto id = jm.trigger();
  rows(jm, {"b"}, id);
  rows(jm, {"c"});
  jm.ack_all(id);
  EXPECT_THAT(fetch(jm, 0), IsEmpty()) << "the manifest is not durable";
  jm.persist_all();
  EXPECT_THAT(fetch(jm, 0), ElementsAre("a", "b"));
  EXPECT_THAT(fetch(jm, 2), IsEmpty());
}

TEST(CheckpointedResults, RowsOfACheckpointThatFailedComeWithTheNext) {
  CheckpointProbe jm(job());
  jm.run();
  auto id = jm.trigger();
  rows(jm, {"a"}, id);
  jm.decline(jm.deployments()[0], id);
  id = jm.trigger();
  rows(jm, {"b"}, id);
  jm.ack_all(id);
  jm.persist_all();
  EXPECT_THAT(fetch(jm, 0), ElementsAre("a", "b"));
}

TEST(CheckpointedResults, OffsetsGoOnOverAttemptsAndUncoveredRowsAreForgotten) {
  CheckpointProbe jm(job());
  jm.run();
  auto id = jm.trigger();
  rows(jm, {"a", "b"}, id);
  rows(jm, {"lost"});
  jm.ack_all(id);
  jm.persist_all();
  EXPECT_THAT(fetch(jm, 1), ElementsAre("b"));
  jm.failed(jm.deployments()[0]);
  jm.restart();
  id = jm.trigger();
  rows(jm, {"c"}, id);
  jm.ack_all(id);
  jm.persist_all();
  EXPECT_THAT(fetch(jm, 1), ElementsAre("b", "c"));
  EXPECT_THAT(fetch(jm, 2), ElementsAre("c"));
}

TEST(CheckpointedResults, UnfetchedRowsOutliveTheJobManager) {
  CheckpointProbe first(job());
  first.run();
  auto id = first.trigger();
  rows(first, {"a", "b"}, id);
  first.ack_all(id);
  first.persist_all();
  EXPECT_THAT(fetch(first, 1), ElementsAre("b"));
  id = first.trigger();
  rows(first, {"c"}, id);
  first.ack_all(id);

  CheckpointProbe next(job(), 2, first.meta());
  EXPECT_THAT(fetch(next, 1), ElementsAre("b", "c"));
  next.recover();
  id = next.trigger();
  rows(next, {"d"}, id);
  next.ack_all(id);
  next.persist_all();
  EXPECT_THAT(fetch(next, 3), ElementsAre("d"));
}

TEST(CheckpointedResults, RowsBehindTheLastCheckpointComeWithTheCommitPoint) {
  CheckpointProbe jm(job());
  jm.run();
  rows(jm, {"a"});
  jm.finish_all(false);
  EXPECT_EQ(jm.state(), proto::JOB_COMMITTING);
  EXPECT_THAT(fetch(jm, 0), IsEmpty());
  const Stored committed = jm.meta();
  jm.persist_all();
  EXPECT_EQ(jm.state(), proto::JOB_COMMITTING) << "the client has not got all";
  EXPECT_THAT(fetch(jm, 0), ElementsAre("a"));
  jm.fetch(jm.job(), UINT32_MAX, 1);
  jm.persist_all();
  EXPECT_EQ(jm.state(), proto::JOB_FINISHED);
  const auto end = jm.reply<proto::ResultBatch>(jm.fetch(jm.job(), UINT32_MAX, 1)).value();
  EXPECT_TRUE(end.end());
  EXPECT_EQ(end.attempt(), UINT32_MAX);

  CheckpointProbe next(job(), 2, committed);
  next.register_tm(1, 1);
  EXPECT_EQ(next.state(), proto::JOB_COMMITTING);
  EXPECT_THAT(fetch(next, 0), ElementsAre("a"));
}

/// Without checkpoints by time, of which one has been taken for a rescale.
class RescaledResults : public ::testing::Test {
 protected:
  RescaledResults() {
    first.run();
    rows(first, {"a", "b"});
    first.register_tm(2, 1);
    rescale(first, 2);
  }
  void rescale(CheckpointProbe& jm, std::uint32_t parallelism) const {
    proto::RescaleJob rescale;
    rescale.set_job_id(plain.job_id());
    rescale.set_parallelism(parallelism);
    jm.core().rescale(jm.ask(), rescale, jm.now(), jm.out());
    jm.persist_all();
    jm.take_checkpoint_and_let_go();
  }
  static proto::ResultBatch get(CheckpointProbe& jm, std::uint64_t offset) {
    return jm.reply<proto::ResultBatch>(jm.fetch(jm.job(), 1, offset)).value_or(missing_batch());
  }
  static proto::ResultBatch missing_batch() {
    proto::ResultBatch missing;
    missing.set_attempt(4711);
    return missing;
  }

  const proto::SubmitJob plain = CheckpointProbe::checkpointed_job(
      1, {{"execution.checkpointing.interval", "0"}}, /*collect=*/true);
  CheckpointProbe first{plain};
};

TEST_F(RescaledResults, AreNotVoidForAnotherJobManager) {
  CheckpointProbe next(plain, 2, first.meta());
  EXPECT_THAT(get(next, 1).rows(), ElementsAre("b")) << "which was not fetched";
  next.register_tm(2, 1);
  next.recover();
  ASSERT_EQ(next.state(), proto::JOB_RUNNING);
  rows(next, {"c"});
  const auto batch = get(next, 2);
  EXPECT_EQ(batch.attempt(), 1U);
  EXPECT_THAT(batch.rows(), ElementsAre("c"));
}

TEST_F(RescaledResults, GoOnBehindWhatTheClientGotAfterTheCheckpoint) {
  first.start();
  rows(first, {"c", "d"});
  EXPECT_THAT(get(first, 2).rows(), ElementsAre("c", "d"));
  CheckpointProbe next(plain, 2, first.meta());
  next.register_tm(2, 1);
  next.recover();
  rows(next, {"d", "c"});
  EXPECT_THAT(get(next, 4).rows(), ElementsAre("d", "c")) << "as they may come in another order";
  EXPECT_THAT(get(next, 6).rows(), IsEmpty());
}

TEST_F(RescaledResults, OfTheNextCheckpointAreNotTakenForWhatTheClientGotBefore) {
  first.start();
  rows(first, {"c", "d"});
  EXPECT_THAT(get(first, 2).rows(), ElementsAre("c", "d"));
  CheckpointProbe next(plain, 2, first.meta());
  next.register_tm(2, 2);
  next.recover();
  rows(next, {"e", "f"});  // while the client is away
  rescale(next, 1);
  CheckpointProbe last(plain, 3, next.meta());
  last.register_tm(2, 1);
  last.recover();
  EXPECT_THAT(get(last, 4).rows(), ElementsAre("e", "f"));
  rows(last, {"c", "d"});
  EXPECT_THAT(get(last, 6).rows(), ElementsAre("c", "d"));
}

TEST_F(RescaledResults, HaveEndedForAClientThatAsksAnotherJobManager) {
  first.start();
  first.fetch(plain, 1, 2);
  first.finish_all(false);
  first.persist_all();
  ASSERT_EQ(first.state(), proto::JOB_FINISHED);
  ASSERT_EQ(first.status_now().attempt(), 2U);
  CheckpointProbe next(plain, 2, first.meta());
  const auto batch = get(next, 2);
  EXPECT_TRUE(batch.end());
  EXPECT_FALSE(is_error(batch.error())) << batch.error().message();
}

TEST(CheckpointedResults, AJobWhoseClientIsGoneEndsWithoutIt) {
  CheckpointProbe jm(job());
  jm.run();
  rows(jm, {"a"});
  jm.finish_all(false);
  jm.persist_all();
  jm.advance(seconds(61));
  jm.persist_all();
  EXPECT_EQ(jm.state(), proto::JOB_FINISHED);
}

TEST(CheckpointedResults, TooManyUncoveredRowsAskForACheckpointAndItsRowsAlwaysFindRoom) {
  CheckpointProbe jm(CheckpointProbe::checkpointed_job(
      1, {{"execution.checkpointing.interval", "1000 s"}}, /*collect=*/true));
  jm.run();
  const std::string large(std::size_t{1} << 20U, 'x');
  for (int i = 0; i < 7; ++i)
    rows(jm, {large});
  EXPECT_EQ(jm.triggered(), 0U);
  const auto credits = jm.sent<proto::CollectCredit>().size();
  EXPECT_EQ(credits, 7U);
  rows(jm, {large});
  EXPECT_EQ(jm.triggered(), 1U);
  EXPECT_EQ(jm.sent<proto::CollectCredit>().size(), credits + 1) << "its barrier waits behind rows";
  rows(jm, {large}, 1);
  EXPECT_EQ(jm.sent<proto::CollectCredit>().size(), credits + 1) << "these follow the barrier";
  jm.ack_all(1);
  jm.persist_all();
  EXPECT_EQ(jm.triggered(), 1U);
  EXPECT_EQ(fetch(jm, 0).size(), 1U);
  jm.fetch(jm.job(), UINT32_MAX, 3);
  EXPECT_EQ(jm.sent<proto::CollectCredit>().size(), credits + 2);
}

TEST(ResultBuffer, HoldsRowsUntilTheyAreCovered) {
  ResultBuffer buffer(100);
  buffer.hold_rows(5);
  proto::CollectRows batch;
  batch.add_rows("a");
  batch.set_before_barrier(3);
  buffer.append(0, batch);
  EXPECT_TRUE(buffer.sealed(0, 3));
  EXPECT_FALSE(buffer.sealed(1, 3));
  EXPECT_EQ(buffer.total(), 5U);
  buffer.cover(2);
  EXPECT_EQ(buffer.total(), 5U);
  google::protobuf::RepeatedPtrField<std::string> saved;
  buffer.save(3, saved);
  EXPECT_EQ(saved.size(), 1);
  buffer.cover(3);
  EXPECT_EQ(buffer.total(), 6U);
  buffer.release(6);
  EXPECT_EQ(buffer.bytes(), 0U);
}

}  // namespace
}  // namespace leat::runtime::test
