#include "runtime/connectors/output_commit.hpp"

#include <gmock/gmock.h>

#include "runtime/connectors/part_names.hpp"
#include "tests/support/memory_file_system.hpp"

namespace leat::runtime {
namespace {

using test::FileOperation;
using test::MemoryFileSystem;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

const JobId kJob(0x0123456789abcdef, 0xfedcba9876543210);
const JobId kOtherJob(0x0123456789abcdef, 1);

proto::Plan plan_writing(const std::vector<std::string>& directories) {
  proto::Plan plan;
  for (const auto& directory : directories) {
    auto& sink = *plan.add_sinks();
    sink.set_uid("sink" + std::to_string(plan.sinks_size()));
    sink.set_kind("text_directory");
    sink.set_path(directory);
  }
  return plan;
}

proto::Committable committable(const std::string& pending, const std::string& visible) {
  proto::FileCommit commit;
  commit.set_pending_path(pending);
  commit.set_final_path(visible);
  proto::Committable made;
  made.set_kind("text_directory");
  made.set_handle(commit.SerializeAsString());
  return made;
}

std::string pending(const JobId& job, std::uint32_t attempt, std::uint32_t subtask = 0) {
  return pending_part_name({job, "sink", subtask, Attempt{attempt}}, 0);
}

void expect_refused(MemoryFileSystem& files, const proto::Plan& plan, const std::string& words) {
  const auto prepared = prepare_job(files, plan, kJob, 2);
  ASSERT_FALSE(prepared.ok());
  EXPECT_EQ(prepared.error().kind(), ErrorKind::kInput);
  EXPECT_THAT(prepared.error().message(), HasSubstr(words));
}

TEST(PartNames, HoldNothingUnsafeWhateverTheUid) {
  const auto name = pending_part_name({kJob, "../../etc/\n\0 x-1", 3, Attempt{7}}, 0);
  EXPECT_EQ(name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_-.", 0),
            std::string::npos);
  EXPECT_TRUE(name.starts_with(".part-" + kJob.hex()));
  EXPECT_EQ(name.find('.', 1), std::string::npos);
  EXPECT_LT(pending_part_name({kJob, std::string(1000, 'u'), 3, Attempt{7}}, 0).size(), 255U);
}

TEST(PartNames, TellTheirAttempt) {
  EXPECT_EQ(attempt_of_pending_part(pending(kJob, 12), kJob), Attempt{12});
  EXPECT_EQ(attempt_of_pending_part(
                pending_part_name({kJob, "a-1-2-3", 4, Attempt{5}}, std::uint64_t{6} << 40U), kJob),
            Attempt{5});
  EXPECT_EQ(attempt_of_pending_part(pending(kOtherJob, 12), kJob), std::nullopt);
  for (const std::string name : {"part-0-0", ".part-", ".part-0-0-0-0", ""})
    EXPECT_EQ(attempt_of_pending_part(name, kJob), std::nullopt) << name;
  const std::string prefix = ".part-" + kJob.hex();
  for (const std::string tail : {"", "-", "-u-1-2", "-u-1-x-3", "-u-1-99999999999-3", "-u-1--3"})
    EXPECT_EQ(attempt_of_pending_part(prefix + tail, kJob), std::nullopt) << tail;
}

TEST(PrepareJob, CreatesMissingDirectoriesAndANonceInEach) {
  MemoryFileSystem files;
  const auto prepared = prepare_job(files, plan_writing({"out/numbers", "out/sums"}), kJob, 2);
  ASSERT_TRUE(prepared.ok()) << prepared.error().message();
  EXPECT_THAT(prepared->output_nonces, SizeIs(2));
  for (const auto& nonce : prepared->output_nonces)
    EXPECT_TRUE(*files.exists(nonce)) << nonce;
  EXPECT_EQ(files.names("out"), "numbers sums");
}

TEST(PrepareJob, RefusesADirectoryThatIsNotEmpty) {
  MemoryFileSystem files;
  files.add_file("out/part-0-0", "earlier");
  expect_refused(files, plan_writing({"out"}), "'out' cannot be used: it is not empty");
  EXPECT_EQ(files.names("out"), "part-0-0");
}

TEST(PrepareJob, HiddenLeftoversOfOtherJobsDoNotCountAndStay) {
  MemoryFileSystem files;
  files.add_file("out/" + pending(kOtherJob, 1), "theirs");
  EXPECT_TRUE(prepare_job(files, plan_writing({"out"}), kJob, 2).ok());
  clean_outputs(files, plan_writing({"out"}), kJob, Attempt{9}, true);
  EXPECT_EQ(files.names("out"), pending(kOtherJob, 1));
}

TEST(PrepareJob, RefusesAFileInPlaceOfTheDirectory) {
  MemoryFileSystem files;
  files.add_file("out", "");
  expect_refused(files, plan_writing({"out"}), "Not a directory");
}

TEST(PrepareJob, RefusesADirectoryThatCannotBeWritten) {
  MemoryFileSystem files;
  files.add_directory("out");
  files.fail(FileOperation::kCreate, "out", "Permission denied");
  expect_refused(files, plan_writing({"out"}), "Permission denied");
}

TEST(PrepareJob, RefusesStorageThatCannotRenameBeforeTheJobRuns) {
  MemoryFileSystem files;
  files.fail(FileOperation::kRename, "out", "Invalid argument");
  expect_refused(files, plan_writing({"out"}), "Invalid argument");
  EXPECT_EQ(files.names("out"), "");
}

TEST(PrepareJob, RefusesAFullDiskBeforeTheJobRuns) {
  MemoryFileSystem files;
  files.set_space(3);
  expect_refused(files, plan_writing({"out"}), "No space left on device");
}

TEST(PrepareJob, RefusesTwoSinksInOneDirectory) {
  MemoryFileSystem files;
  expect_refused(files, plan_writing({"a/out", "a/./out/"}), "two sinks");
}

TEST(PrepareJob, RefusesTwoSinksThatALinkBringsTogether) {
  MemoryFileSystem files;
  files.add_directory("out");
  files.add_symlink("alias", "out");
  expect_refused(files, plan_writing({"out", "alias"}), "two sinks");
  EXPECT_EQ(files.names("out"), "");
}

TEST(PrepareJob, RefusesASinkWithinAnother) {
  MemoryFileSystem files;
  expect_refused(files, plan_writing({"out", "out/sums"}), "lies within 'out'");
  expect_refused(files, plan_writing({"out/sums", "out"}), "lies within 'out'");
  EXPECT_TRUE(prepare_job(files, plan_writing({"out", "out-sums"}), kJob, 2).ok());
}

TEST(PrepareJob, ALaterFailureTakesTheNoncesBack) {
  MemoryFileSystem files;
  files.add_file("second/x", "");
  expect_refused(files, plan_writing({"first", "second"}), "not empty");
  EXPECT_EQ(files.names("first"), "");
}

TEST(PrepareJob, MayBeRepeatedByASecondJobManager) {
  MemoryFileSystem files;
  const auto plan = plan_writing({"out"});
  const auto first = prepare_job(files, plan, kJob, 2);
  const auto second = prepare_job(files, plan, kJob, 2);
  ASSERT_TRUE(second.ok()) << second.error().message();
  EXPECT_EQ(first->output_nonces, second->output_nonces);
}

TEST(PrepareJob, MayBeRepeatedAfterACrashAtAnyStep) {
  const auto plan = plan_writing({"out/a", "out/b"});
  for (std::uint64_t steps = 1;; ++steps) {
    MemoryFileSystem files;
    files.power_off_after(steps);
    const bool finished = prepare_job(files, plan, kJob, 2).ok();
    files.crash();
    const auto again = prepare_job(files, plan, kJob, 2);
    ASSERT_TRUE(again.ok()) << again.error().message();
    clean_outputs(files, plan, kJob, Attempt{1}, true);
    EXPECT_EQ(files.names("out/a") + files.names("out/b"), "");
    if (finished)
      break;
  }
}

TEST(PrepareJob, AMissingInputIsRefusedBeforeOutputIsTouched) {
  MemoryFileSystem files;
  auto plan = plan_writing({"out"});
  auto& source = *plan.add_sources();
  source.set_kind("text_files");
  proto::TextFilesConfig config;
  config.add_paths("none");
  source.set_config(config.SerializeAsString());
  expect_refused(files, plan, "'none'");
  EXPECT_FALSE(*files.exists("out"));
}

TEST(PrepareJob, OtherSinksNeedNoDirectory) {
  MemoryFileSystem files;
  proto::Plan plan;
  plan.add_sinks()->set_kind("collect");
  plan.add_sinks()->set_kind("print");
  const auto prepared = prepare_job(files, plan, kJob, 2);
  ASSERT_TRUE(prepared.ok());
  EXPECT_THAT(prepared->output_nonces, IsEmpty());
}

TEST(CommitOutput, MakesTheFileVisibleOnceHoweverOftenItIsAsked) {
  MemoryFileSystem files;
  files.add_file("out/.part-x", "text");
  for (int i = 0; i < 3; ++i)
    EXPECT_TRUE(commit_output(files, committable("out/.part-x", "out/part-0-0")).ok());
  EXPECT_EQ(files.names("out"), "part-0-0");
  EXPECT_EQ(files.bytes("out/part-0-0"), "text");
}

TEST(CommitOutput, IsCompletedAfterACrashAtAnyStep) {
  for (std::uint64_t steps = 0; steps < 4; ++steps) {
    MemoryFileSystem files;
    files.add_file("out/.part-x", "text");
    files.power_off_after(steps);
    const bool said_done = commit_output(files, committable("out/.part-x", "out/part-0-0")).ok();
    files.crash();
    if (said_done) {
      EXPECT_EQ(files.bytes("out/part-0-0"), "text");
    }
    EXPECT_TRUE(commit_output(files, committable("out/.part-x", "out/part-0-0")).ok());
    EXPECT_EQ(files.bytes("out/part-0-0"), "text");
  }
}

TEST(CommitOutput, OutputThatIsGoneIsALoudError) {
  MemoryFileSystem files;
  const auto outcome = commit_output(files, committable("out/.part-x", "out/part-0-0"));
  ASSERT_FALSE(outcome.ok());
  EXPECT_THAT(outcome.error().message(), HasSubstr("lost"));
  EXPECT_THAT(outcome.error().message(), HasSubstr("'out/part-0-0'"));
}

TEST(CommitOutput, NeverReplacesAnothersFile) {
  MemoryFileSystem files;
  files.add_file("out/.part-x", "ours");
  files.add_file("out/part-0-0", "theirs");
  const auto outcome = commit_output(files, committable("out/.part-x", "out/part-0-0"));
  ASSERT_FALSE(outcome.ok());
  EXPECT_THAT(outcome.error().message(), HasSubstr("File exists"));
  EXPECT_EQ(files.bytes("out/part-0-0"), "theirs");
  EXPECT_EQ(files.bytes("out/.part-x"), "ours");
}

TEST(CommitOutput, RefusesAHandleThatDoesNotDecode) {
  MemoryFileSystem files;
  auto handle = committable("a", "b");
  handle.set_handle("\xff\xff");
  EXPECT_FALSE(commit_output(files, handle).ok());
  handle = committable("a", "b");
  handle.set_kind("kafka");
  EXPECT_FALSE(commit_output(files, handle).ok());
}

TEST(CleanOutputs, RemovesAttemptsUpToTheOneNamedAndNoOther) {
  MemoryFileSystem files;
  const auto plan = plan_writing({"out"});
  ASSERT_TRUE(prepare_job(files, plan, kJob, 2).ok());
  files.add_file("out/" + pending(kJob, 1), "");
  files.add_file("out/" + pending(kJob, 2, 1), "");
  files.add_file("out/" + pending(kJob, 3), "");
  files.add_file("out/part-0-0", "committed");
  clean_outputs(files, plan, kJob, Attempt{2}, false);
  EXPECT_EQ(files.names("out"), nonce_name(kJob, "sink1") + " " + pending(kJob, 3) + " part-0-0");
  clean_outputs(files, plan, kJob, Attempt{3}, true);
  EXPECT_EQ(files.names("out"), "part-0-0");
}

TEST(CleanOutputs, GoesOnWhereADirectoryIsGone) {
  MemoryFileSystem files;
  files.add_file("b/" + pending(kJob, 1), "");
  clean_outputs(files, plan_writing({"a", "b"}), kJob, Attempt{1}, true);
  EXPECT_EQ(files.names("b"), "");
}

TEST(CheckNonces, AMissingNonceSaysThatStorageIsNotShared) {
  MemoryFileSystem job_manager;
  MemoryFileSystem worker;
  const auto prepared = prepare_job(job_manager, plan_writing({"out"}), kJob, 2);
  ASSERT_TRUE(prepared.ok());
  EXPECT_TRUE(check_nonces(job_manager, prepared->output_nonces).ok());
  const auto checked = check_nonces(worker, prepared->output_nonces);
  ASSERT_FALSE(checked.ok());
  EXPECT_EQ(checked.error().kind(), ErrorKind::kInput);
  EXPECT_THAT(checked.error().message(), HasSubstr("'out'"));
  EXPECT_THAT(checked.error().message(), HasSubstr("share"));
}

}  // namespace
}  // namespace leat::runtime
