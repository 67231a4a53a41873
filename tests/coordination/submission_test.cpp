// How jobs come in: order of the steps, refusals, repetition.

#include <gtest/gtest.h>

#include "runtime/coordination/submission_check.hpp"
#include "tests/coordination/job_manager_probe.hpp"

namespace leat::runtime::test {
namespace {

using sim::scripted_job;

Error refusal(const proto::SubmitJob& job, const JobManagerOptions& options = {}) {
  const auto checked = check_submission(job, options);
  EXPECT_FALSE(checked.ok());
  return checked.error();
}

TEST(SubmissionCheck, TakesTheGivenParallelismElseTheJobsDefaultElseTheClusters) {
  JobManagerOptions options;
  options.default_parallelism = 5;
  auto job = scripted_job(1, 3);
  EXPECT_EQ(check_submission(job, options)->parallelism, 3U);
  job.set_parallelism(0);
  EXPECT_EQ(check_submission(job, options)->parallelism, 5U);
  (*job.mutable_config())["parallelism.default"] = "7";
  EXPECT_EQ(check_submission(job, options)->parallelism, 7U);
}

TEST(SubmissionCheck, RefusesAParallelismAboveTheMaximumAndSaysWhatToDo) {
  const Error error = refusal(scripted_job(1, 129));
  EXPECT_EQ(error.kind(), ErrorKind::kUsage);
  EXPECT_EQ(error.message(),
            "parallelism 129 is above the job's maximum parallelism 128: give a lower -p or a "
            "higher --max-parallelism");
}

TEST(SubmissionCheck, RefusesADefaultOfZero) {
  auto job = scripted_job(1, 0);
  (*job.mutable_config())["parallelism.default"] = "0";
  EXPECT_NE(refusal(job).message().find("parallelism.default = '0'"), std::string::npos);
}

TEST(SubmissionCheck, RefusesAPlanThatDoesNotHoldTogether) {
  auto job = scripted_job(1, 1);
  job.mutable_plan()->mutable_sources(0)->set_stage(9);
  EXPECT_EQ(refusal(job).kind(), ErrorKind::kUsage);
  job = scripted_job(1, 1);
  job.mutable_plan()->clear_sources();
  EXPECT_NE(refusal(job).message().find("no source"), std::string::npos);
  job = scripted_job(1, 1);
  job.mutable_plan()->set_max_parallelism(0);
  EXPECT_NE(refusal(job).message().find("maximum parallelism 0"), std::string::npos);
}

TEST(SubmissionCheck, RefusesIdsThatAreNone) {
  auto job = scripted_job(1, 1);
  job.set_job_id("job-1");
  EXPECT_EQ(refusal(job).kind(), ErrorKind::kUsage);
  job = scripted_job(1, 1);
  job.set_artefact_sha256("abc");
  EXPECT_EQ(refusal(job).kind(), ErrorKind::kUsage);
}

TEST(Submission, IsAnsweredOnlyAfterItIsPreparedAndStored) {
  JobManagerProbe jm;
  const auto job = scripted_job(1, 2);
  const RequestId request = jm.submit(job);
  EXPECT_TRUE(jm.all<Persist>().empty());
  jm.prepare();
  EXPECT_FALSE(jm.reply<proto::SubmitReply>(request).has_value());
  jm.persist();
  ASSERT_TRUE(jm.reply<proto::SubmitReply>(request).has_value());
  EXPECT_FALSE(is_error(jm.reply<proto::SubmitReply>(request)->error()));
  EXPECT_EQ(jm.state(job), proto::JOB_CREATED);
}

TEST(Submission, RefusedByItsInputsLeavesNothing) {
  JobManagerProbe jm;
  const auto job = scripted_job(1, 2);
  const RequestId request = jm.submit(job);
  jm.prepare_fails(Error(ErrorKind::kInput, "there is no file '/missing'"));
  const auto reply = jm.reply<proto::SubmitReply>(request);
  ASSERT_TRUE(reply.has_value());
  EXPECT_EQ(reply->error().kind(), proto::ERROR_INPUT);
  EXPECT_EQ(reply->error().message(), "there is no file '/missing'");
  EXPECT_TRUE(jm.all<Persist>().empty());
  EXPECT_TRUE(jm.last<CleanOutputs>().ended);
  EXPECT_TRUE(is_error(jm.status(job).error()));
}

TEST(Submission, RefusedByTheStoreLeavesNothing) {
  JobManagerProbe jm;
  const auto job = scripted_job(1, 2);
  const RequestId request = jm.submit(job);
  jm.prepare();
  jm.persist_fails();
  EXPECT_EQ(jm.reply<proto::SubmitReply>(request)->error().kind(), proto::ERROR_IO);
  EXPECT_TRUE(jm.last<CleanOutputs>().ended);
  EXPECT_TRUE(jm.store().empty());
  EXPECT_TRUE(is_error(jm.status(job).error()));
}

TEST(Submission, WhoseWriteWasRefusedIsDeletedUntilThatSucceeds) {
  JobManagerProbe jm;
  const auto job = scripted_job(1, 2);
  jm.submit(job);
  jm.prepare();
  jm.persist_fails();
  jm.persist_fails();  // its deletion, too
  const auto again = jm.reply<proto::SubmitReply>(jm.submit(job));
  ASSERT_TRUE(again.has_value());
  EXPECT_NE(again->error().message().find("later"), std::string::npos);
  const auto tried = jm.all<Persist>().size();
  jm.advance(std::chrono::seconds(1));
  ASSERT_EQ(jm.all<Persist>().size(), tried + 1);
  for (const auto& [key, value] : jm.last<Persist>().writes)
    EXPECT_EQ(value, "") << key;
  jm.persist();
  jm.advance(std::chrono::minutes(2));
  EXPECT_EQ(jm.all<Persist>().size(), tried + 1);
  const RequestId accepted = jm.submit(job);
  jm.prepare();
  jm.persist();
  EXPECT_FALSE(is_error(jm.reply<proto::SubmitReply>(accepted)->error()));
}

TEST(Submission, RepeatedIsAnsweredAlikeAndDoneOnce) {
  JobManagerProbe jm;
  const auto job = scripted_job(1, 2);
  const RequestId first = jm.submit(job);
  const RequestId second = jm.submit(job);
  jm.prepare();
  const RequestId third = jm.submit(job);
  jm.persist();
  const RequestId fourth = jm.submit(job);
  for (const RequestId request : {first, second, third, fourth}) {
    ASSERT_TRUE(jm.reply<proto::SubmitReply>(request).has_value());
    EXPECT_FALSE(is_error(jm.reply<proto::SubmitReply>(request)->error()));
  }
  EXPECT_EQ(jm.all<PrepareJob>().size(), 1U);
  EXPECT_EQ(jm.all<Persist>().size(), 1U);
}

TEST(Submission, OfAnotherJobUnderATakenIdIsRefused) {
  JobManagerProbe jm;
  auto job = scripted_job(1, 2);
  jm.submit(job);
  auto other = job;
  other.set_plan_sha256(std::string(64, 'c'));
  EXPECT_TRUE(is_error(jm.reply<proto::SubmitReply>(jm.submit(other))->error()));
  jm.prepare();
  jm.persist();
  EXPECT_TRUE(is_error(jm.reply<proto::SubmitReply>(jm.submit(other))->error()));
}

TEST(Submission, CancelledWhileItIsPreparedNeverBecomesAJob) {
  JobManagerProbe jm;
  const auto job = scripted_job(1, 2);
  const RequestId submitted = jm.submit(job);
  const RequestId cancelled = jm.cancel(job);
  jm.prepare();
  EXPECT_EQ(jm.reply<proto::SubmitReply>(submitted)->error().kind(), proto::ERROR_CANCELLED);
  EXPECT_FALSE(is_error(jm.reply<proto::CancelReply>(cancelled)->error()));
  EXPECT_TRUE(jm.store().empty());
}

TEST(Submission, CancelledWhileItIsStoredIsAcceptedAndCancelled) {
  JobManagerProbe jm;
  const auto job = scripted_job(1, 2);
  const RequestId submitted = jm.submit(job);
  jm.prepare();
  const RequestId cancelled = jm.cancel(job);
  jm.persist();
  EXPECT_FALSE(is_error(jm.reply<proto::SubmitReply>(submitted)->error()));
  jm.persist();
  EXPECT_FALSE(is_error(jm.reply<proto::CancelReply>(cancelled)->error()));
  EXPECT_EQ(jm.state(job), proto::JOB_CANCELED);
}

}  // namespace
}  // namespace leat::runtime::test
