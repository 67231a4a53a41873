// Rows on their way to the client: offsets, attempts, credits, and a client that stays away.

#include <chrono>

#include <gtest/gtest.h>

#include "runtime/coordination/result_buffer.hpp"
#include "tests/coordination/job_manager_probe.hpp"

namespace leat::runtime::test {
namespace {

using sim::scripted_job;
using std::chrono::milliseconds;
using std::chrono::seconds;

proto::CollectRows batch_of(std::initializer_list<std::string> rows) {
  proto::CollectRows batch;
  for (const std::string& row : rows)
    batch.add_rows(row);
  return batch;
}

TEST(ResultBuffer, GivesCreditBackOnlyWhileThereIsRoom) {
  ResultBuffer buffer(100);
  buffer.restart(Attempt{1});
  buffer.append(0, batch_of({"a"}));
  EXPECT_EQ(buffer.take_credits({}), (std::map<std::uint32_t, std::uint32_t>{{0, 1}}));
  EXPECT_TRUE(buffer.take_credits({}).empty());
  buffer.append(1, batch_of({std::string(200, 'x')}));
  buffer.append(0, batch_of({"b"}));
  EXPECT_TRUE(buffer.take_credits({}).empty());
  buffer.release(2);
  EXPECT_EQ(buffer.take_credits({}), (std::map<std::uint32_t, std::uint32_t>{{0, 1}, {1, 1}}));
}

TEST(ResultBuffer, CountsEmptyRowsToo) {
  ResultBuffer buffer(100);
  buffer.restart(Attempt{1});
  for (int i = 0; i < 10; ++i)
    buffer.append(0, batch_of({""}));
  EXPECT_GT(buffer.bytes(), 100U);
  buffer.release(10);
  EXPECT_EQ(buffer.bytes(), 0U);
}

TEST(ResultBuffer, BoundsOneAnswerButGivesAtLeastOneRow) {
  ResultBuffer buffer(std::size_t{64} << 20U);
  buffer.restart(Attempt{1});
  buffer.append(0, batch_of({std::string(3 << 20U, 'x'), "second"}));
  proto::ResultBatch first;
  buffer.copy_rows(0, first);
  EXPECT_EQ(first.rows_size(), 1);
  proto::ResultBatch second;
  buffer.copy_rows(1, second);
  EXPECT_EQ(second.rows(0), "second");
}

TEST(ResultBuffer, VoidsItsRowsForANewAttempt) {
  ResultBuffer buffer(100);
  buffer.restart(Attempt{1});
  buffer.append(0, batch_of({"a", "b"}));
  buffer.release(1);
  buffer.restart(Attempt{2});
  EXPECT_EQ(buffer.total(), 0U);
  EXPECT_EQ(buffer.bytes(), 0U);
  EXPECT_TRUE(buffer.take_credits({}).empty()) << "credits of the old attempt";
}

class JobResults : public ::testing::Test {
 protected:
  explicit JobResults(bool attached = true) {
    JobManagerOptions options;
    options.collect_buffer_bytes = 100;
    probe = std::make_unique<JobManagerProbe>(options);
    job.set_attached(attached);
    probe->register_tm(1, 2);
    probe->accept(job);
    probe->deploy_all();
    refs = probe->deployments();
  }
  JobManagerProbe& jm() { return *probe; }

  void rows(const proto::SubtaskRef& ref, std::initializer_list<std::string> rows) {
    auto batch = batch_of(rows);
    *batch.mutable_ref() = ref;
    jm().core().collect_rows(JobManagerProbe::tm(1), batch, jm().now(), jm().out());
  }
  proto::ResultBatch fetched(std::uint32_t attempt, std::uint64_t offset) {
    return jm().reply<proto::ResultBatch>(jm().fetch(job, attempt, offset)).value();
  }

  proto::SubmitJob job = scripted_job(1, 2, /*collect=*/true);
  std::unique_ptr<JobManagerProbe> probe;
  std::vector<proto::SubtaskRef> refs;
};

TEST_F(JobResults, AreFetchedByOffset) {
  rows(refs[0], {"a", "b"});
  rows(refs[1], {"c"});
  const auto batch = fetched(0, 0);
  EXPECT_EQ(batch.attempt(), 1U);
  EXPECT_EQ(batch.offset(), 0U);
  ASSERT_EQ(batch.rows_size(), 3);
  EXPECT_EQ(batch.rows(2), "c");
  EXPECT_FALSE(batch.end());
  EXPECT_EQ(fetched(1, 2).rows(0), "c");
  EXPECT_EQ(fetched(1, 2).rows(0), "c") << "a retry gets the same";
}

TEST_F(JobResults, FetchedRowsAreReleasedByTheNextFetch) {
  rows(refs[0], {"a", "b"});
  EXPECT_EQ(fetched(0, 0).rows_size(), 2);
  EXPECT_EQ(fetched(1, 2).rows_size(), 0);
  EXPECT_TRUE(is_error(fetched(1, 1).error())) << "released before";
  EXPECT_TRUE(is_error(fetched(1, 7).error())) << "never there";
}

TEST_F(JobResults, AFetchWaitsForRows) {
  const RequestId fetch = jm().fetch(job, 0, 0, 10'000);
  EXPECT_FALSE(jm().reply<proto::ResultBatch>(fetch).has_value());
  rows(refs[0], {"a"});
  ASSERT_TRUE(jm().reply<proto::ResultBatch>(fetch).has_value());
  EXPECT_EQ(jm().reply<proto::ResultBatch>(fetch)->rows_size(), 1);
}

TEST_F(JobResults, AFetchIsAnsweredEmptyWhenItsTimeIsUp) {
  const RequestId fetch = jm().fetch(job, 0, 0, 200);
  jm().advance(milliseconds(300));
  ASSERT_TRUE(jm().reply<proto::ResultBatch>(fetch).has_value());
  EXPECT_EQ(jm().reply<proto::ResultBatch>(fetch)->rows_size(), 0);
}

TEST_F(JobResults, ASlowClientHoldsSubtasksBack) {
  rows(refs[0], {std::string(200, 'x')});
  rows(refs[1], {"y"});
  EXPECT_TRUE(jm().sent<proto::CollectCredit>().empty());
  std::ignore = fetched(0, 0);
  std::ignore = fetched(1, 1);
  const auto credits = jm().sent<proto::CollectCredit>();
  ASSERT_EQ(credits.size(), 2U);
  EXPECT_EQ(credits[0].second.ref().subtask(), 0U);
  EXPECT_EQ(credits[0].second.batches(), 1U);
}

TEST_F(JobResults, ANewAttemptVoidsThemAndTellsTheClient) {
  rows(refs[0], {"a"});
  std::ignore = fetched(0, 0);
  const RequestId waiting = jm().fetch(job, 1, 1, 60'000);
  jm().failed(refs[0]);
  jm().release_all();
  jm().persist();
  jm().deploy_all();
  const auto batch = jm().reply<proto::ResultBatch>(waiting);
  ASSERT_TRUE(batch.has_value());
  EXPECT_EQ(batch->attempt(), 2U);
  EXPECT_EQ(batch->offset(), 0U);
  EXPECT_EQ(batch->rows_size(), 0);
  rows(refs[0], {"of the old attempt"});
  rows(jm().deployments()[1], {"new"});
  const auto next = fetched(1, 1);
  EXPECT_EQ(next.attempt(), 2U);
  ASSERT_EQ(next.rows_size(), 1);
  EXPECT_EQ(next.rows(0), "new");
}

TEST_F(JobResults, TheJobEndsOnlyWhenTheClientHasThem) {
  rows(refs[0], {"a"});
  jm().finish_all(false);
  EXPECT_EQ(jm().state(job), proto::JOB_RUNNING);
  EXPECT_FALSE(fetched(0, 0).end());
  const RequestId last = jm().fetch(job, 1, 1, 60'000);
  EXPECT_EQ(jm().state(job), proto::JOB_COMMITTING);
  EXPECT_FALSE(jm().reply<proto::ResultBatch>(last).has_value());
  jm().persist();
  EXPECT_EQ(jm().state(job), proto::JOB_FINISHED);
  ASSERT_TRUE(jm().reply<proto::ResultBatch>(last).has_value());
  EXPECT_TRUE(jm().reply<proto::ResultBatch>(last)->end());
  EXPECT_TRUE(fetched(1, 1).end()) << "asked once more";
}

TEST_F(JobResults, ALostTaskManagerMattersNoMoreOnceAllRowsAreHere) {
  rows(refs[0], {"a"});
  jm().finish_all(false);
  jm().down(1);
  EXPECT_EQ(jm().state(job), proto::JOB_RUNNING);
  EXPECT_EQ(fetched(0, 0).rows(0), "a");
  std::ignore = fetched(1, 1).rows_size();
}

TEST_F(JobResults, AFetchEndsWithACancelledJob) {
  const RequestId waiting = jm().fetch(job, 0, 0, 60'000);
  jm().cancel(job);
  jm().release_all();
  jm().persist();
  ASSERT_TRUE(jm().reply<proto::ResultBatch>(waiting).has_value());
  EXPECT_TRUE(jm().reply<proto::ResultBatch>(waiting)->end());
}

TEST_F(JobResults, AJobIsCancelledWhenItsClientStaysAway) {
  jm().advance(seconds(59));
  EXPECT_EQ(jm().state(job), proto::JOB_RUNNING);  // asking is a sign of life
  jm().advance(seconds(59));
  jm().fetch(job, 0, 0);
  jm().advance(milliseconds(59'900));
  EXPECT_EQ(jm().logged("client_gone"), 0U);
  jm().advance(milliseconds(200));
  EXPECT_EQ(jm().logged("client_gone"), 1U);
  EXPECT_EQ(jm().state(job), proto::JOB_CANCELLING);
  EXPECT_EQ(jm().status(job).failure().kind(), proto::ERROR_CANCELLED);
}

TEST_F(JobResults, AWaitingFetchIsASignOfLife) {
  jm().fetch(job, 0, 0, 60'000);
  jm().advance(seconds(100));
  EXPECT_EQ(jm().logged("client_gone"), 0U);
}

class DetachedResults : public JobResults {
 protected:
  DetachedResults() : JobResults(/*attached=*/false) {}
};

TEST_F(DetachedResults, AreDroppedAndSaidToBe) {
  for (int i = 0; i < 10; ++i)
    rows(refs[0], {std::string(200, 'x')});
  EXPECT_EQ(jm().sent<proto::CollectCredit>().size(), 10U) << "nothing is held back";
  EXPECT_EQ(jm().logged("results_discarded"), 1U);
  jm().advance(seconds(200));
  EXPECT_EQ(jm().state(job), proto::JOB_RUNNING) << "no client is expected";
  jm().finish_all(false);
  jm().persist();
  EXPECT_EQ(jm().state(job), proto::JOB_FINISHED);
}

}  // namespace
}  // namespace leat::runtime::test
