#include "cli/job_follower.hpp"

#include <sstream>

#include <gmock/gmock.h>

#include "tests/cli/fake_job_client.hpp"
#include "tests/support/stepped_clock.hpp"

namespace leat::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

proto::JobStatus status(proto::JobState state, std::uint32_t attempt = 1) {
  proto::JobStatus result;
  result.set_state(state);
  result.set_attempt(attempt);
  return result;
}

proto::ResultBatch rows(std::uint32_t attempt, std::uint64_t offset,
                        const std::vector<std::string>& texts, bool end = false) {
  proto::ResultBatch result;
  result.set_attempt(attempt);
  result.set_offset(offset);
  for (const std::string& text : texts)
    result.add_rows(text);
  result.set_end(end);
  return result;
}

class JobFollowerTest : public ::testing::Test {
 protected:
  Result<proto::JobStatus> follow(bool collects) {
    return follower_.follow({JobId(1, 2), collects});
  }

  FakeJobClient client_;
  actors::StopSignal stop_;
  Interruption interruption_{stop_};
  test::SteppedClock clock_;
  std::ostringstream out_;
  std::ostringstream err_;
  ProgressDisplay progress_{err_, false};
  RowOutput rows_{out_, RowOutput::Hold::kNothing};
  JobFollower follower_{client_, interruption_, clock_, progress_, rows_};
};

TEST_F(JobFollowerTest, ReturnsTheLastStatusOfAJobWithoutRows) {
  client_.statuses = {status(proto::JOB_RUNNING), status(proto::JOB_FINISHED)};
  const auto end = follow(false);
  ASSERT_TRUE(end.ok());
  EXPECT_EQ(end->state(), proto::JOB_FINISHED);
  EXPECT_TRUE(client_.fetches.empty());
}

TEST_F(JobFollowerTest, PullsRowsToTheirEndAndAsksFromWhereItStands) {
  client_.statuses = {status(proto::JOB_FINISHED)};
  client_.batches = {rows(1, 0, {"a", "b"}), rows(1, 2, {"c"}), rows(1, 3, {}, true)};
  ASSERT_TRUE(follow(true).ok());
  EXPECT_EQ(out_.str(), "a\nb\nc\n");
  EXPECT_EQ(client_.fetches.back().offset(), 3U);
  EXPECT_EQ(client_.fetches.back().attempt(), 1U);
}

TEST_F(JobFollowerTest, TellsWhyTheJobStartsAgainAndThatPrintedRowsAreVoid) {
  proto::JobStatus restarting = status(proto::JOB_CREATED, 2);
  restarting.set_restarts(1);
  restarting.mutable_failure()->set_kind(proto::ERROR_USER);
  restarting.mutable_failure()->set_message("a line is bad");
  client_.statuses = {restarting, status(proto::JOB_FINISHED, 2)};
  client_.batches = {rows(1, 0, {"old"}), rows(2, 0, {"new"}), rows(2, 1, {}, true)};
  client_.on_watch = [this] { clock_.advance(std::chrono::seconds(1)); };
  ASSERT_TRUE(follow(true).ok());
  EXPECT_THAT(err_.str(), HasSubstr("Attempt 1 failed: a line is bad"));
  EXPECT_THAT(err_.str(), HasSubstr("is started again, as attempt 2."));
  EXPECT_THAT(err_.str(), HasSubstr("rows printed so far are void"));
}

TEST_F(JobFollowerTest, TellsAnAttemptWithoutAFailureAsWhatItIs) {
  proto::JobStatus failed_before = status(proto::JOB_CREATED, 2);
  failed_before.set_restarts(1);
  failed_before.mutable_failure()->set_kind(proto::ERROR_USER);
  failed_before.mutable_failure()->set_message("a line is bad");
  proto::JobStatus rescaled = failed_before;
  rescaled.set_attempt(3);
  rescaled.set_completed_checkpoints(4);
  client_.statuses = {failed_before, rescaled, status(proto::JOB_FINISHED, 3)};
  ASSERT_TRUE(follow(false).ok());
  EXPECT_THAT(err_.str(), HasSubstr("Attempt 1 failed"));
  EXPECT_THAT(err_.str(), Not(HasSubstr("Attempt 2 failed")));
  EXPECT_THAT(err_.str(), HasSubstr("goes on from its newest checkpoint, as attempt 3."));
}

TEST_F(JobFollowerTest, CancelsOnceWhenAskedToStopAndWaitsForTheEnd) {
  client_.statuses = {status(proto::JOB_RUNNING), status(proto::JOB_CANCELLING),
                      status(proto::JOB_CANCELLING), status(proto::JOB_CANCELED)};
  client_.on_watch = [this] { stop_.request(); };
  const auto end = follow(false);
  ASSERT_TRUE(end.ok());
  EXPECT_EQ(end->state(), proto::JOB_CANCELED);
  EXPECT_EQ(client_.cancels, 1);
}

TEST_F(JobFollowerTest, CancelsEvenIfTheInterruptionBrokeACall) {
  client_.statuses = {Error(ErrorKind::kCancelled, "broken off"), status(proto::JOB_CANCELED)};
  client_.on_watch = [this] { stop_.request(); };
  const auto end = follow(false);
  ASSERT_TRUE(end.ok());
  EXPECT_EQ(client_.cancels, 1);
}

TEST_F(JobFollowerTest, DoesNotWaitForRowsOfAJobThatFailed) {
  client_.statuses = {status(proto::JOB_FAILED)};
  client_.batches = {rows(1, 0, {})};
  const auto end = follow(true);
  ASSERT_TRUE(end.ok());
  EXPECT_EQ(end->state(), proto::JOB_FAILED);
}

TEST_F(JobFollowerTest, EndsWhenTheJobManagerIsGone) {
  client_.statuses = {Error(ErrorKind::kUnreachable, "nobody answers")};
  const auto end = follow(false);
  ASSERT_FALSE(end.ok());
  EXPECT_EQ(end.error().kind(), ErrorKind::kUnreachable);
}

TEST_F(JobFollowerTest, EndsWhenThisProcessCannotGoOn) {
  client_.statuses = {status(proto::JOB_RUNNING)};
  stop_.fail(Error(ErrorKind::kInternal, "a supervisor gave up"));
  const auto end = follow(false);
  ASSERT_FALSE(end.ok());
  EXPECT_EQ(end.error().message(), "a supervisor gave up");
}

}  // namespace
}  // namespace leat::cli
