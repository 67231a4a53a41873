// What a cluster does when one of its parts dies in the middle of a job: the job starts again on what
// is left, and its output is that of a run without the failure.

#include <algorithm>
#include <chrono>
#include <string>
#include <vector>

#include <caf/exit_reason.hpp>
#include <caf/send.hpp>
#include <gtest/gtest.h>

#include "tests/actors/job_runner.hpp"
#include "tests/actors/network_cluster.hpp"
#include "tests/actors/test_node.hpp"
#include "tests/support/temp_dir.hpp"

namespace leat::actors {
namespace {

const std::string kSequence = LEAT_JOBS_DIR "/sequence.so";
constexpr int kCount = 20000;

std::vector<std::string> all_numbers() {
  std::vector<std::string> numbers;
  for (int number = 0; number < kCount; ++number)
    numbers.push_back(std::to_string(number));
  std::sort(numbers.begin(), numbers.end());
  return numbers;
}

class FailureTest : public ::testing::Test {
 protected:
  FailureTest() : cluster_(dir_.file("data"), 2, 2) {}

  /// A job of two seconds on two subtasks, one on each TaskManager, that has read something.
  JobId start_job() {
    const auto job =
        test::submit_job(cluster_.client(), {kSequence,
                                             {"--count", std::to_string(kCount), "--keys", "7",
                                              "--rate", "10000", "--output", dir_.file("out")},
                                             2});
    EXPECT_TRUE(job.ok()) << (job.ok() ? "" : job.error().message());
    const auto status = test::await_status(cluster_.client(), *job,
                                           [](const auto& now) { return now.records_in() > 0; });
    EXPECT_TRUE(status.ok()) << (status.ok() ? "" : status.error().message());
    EXPECT_EQ(2U, status->running_subtasks());
    return *job;
  }

  void expect_right_result_after_a_restart(const JobId& job) {
    const auto status = test::await_end(cluster_.client(), job);
    ASSERT_TRUE(status.ok()) << status.error().message();
    EXPECT_EQ(proto::JOB_FINISHED, status->state()) << status->ShortDebugString();
    EXPECT_EQ(2U, status->attempt()) << status->ShortDebugString();
    EXPECT_EQ(all_numbers(), test::output_lines(dir_.file("out/numbers")));
    EXPECT_EQ(7U, test::output_lines(dir_.file("out/sums")).size());
  }

  test::TempDir dir_;
  test::NetworkCluster cluster_;
  test::TestNode node_;
};

TEST_F(FailureTest, AJobGoesOnWithTheSlotsThatAreLeftWhenATaskManagerEnds) {
  const JobId job = start_job();
  EXPECT_TRUE(cluster_.task_manager(0).stop().ok());
  expect_right_result_after_a_restart(job);
}

TEST_F(FailureTest, ASlotThatDiesIsReportedAndItsJobStartsAgain) {
  const JobId job = start_job();
  const auto hub = caf::actor_cast<task_manager_actor>(
      node_.connect(test::listening_at(cluster_.task_manager(0))));
  ASSERT_TRUE(hub);
  proto::ResolveSubtask question;
  question.mutable_ref()->set_epoch(1);
  question.mutable_ref()->set_job_id(job.hex());
  question.mutable_ref()->set_attempt(1);
  caf::strong_actor_ptr slot;
  for (std::uint32_t subtask = 0; subtask < 2 && !slot; ++subtask) {
    question.mutable_ref()->set_subtask(subtask);
    const caf::scoped_actor self(node_.system);
    self->request(hub, std::chrono::seconds(10), question)
        .receive([&](const caf::strong_actor_ptr& found) { slot = found; },
                 [](const caf::error&) {});
  }
  ASSERT_TRUE(slot);
  caf::anon_send_exit(caf::actor_cast<caf::actor>(slot), caf::exit_reason::kill);
  const auto event = cluster_.task_manager(0).log().await("child_failed");
  EXPECT_EQ("supervisor", event.component);
  EXPECT_EQ("free_slot", test::RecordingLog::field(event, "action"));
  expect_right_result_after_a_restart(job);
}

TEST_F(FailureTest, ATaskManagerActorThatDiesIsReplacedAtItsPortAndRegistersAnew) {
  const JobId job = start_job();
  auto& process = cluster_.task_manager(0);
  const Endpoint address = test::listening_at(process);
  caf::anon_send_exit(caf::actor_cast<caf::actor>(node_.connect(address)), caf::exit_reason::kill);
  const auto failed = process.log().await("child_failed");
  EXPECT_EQ("restart", test::RecordingLog::field(failed, "action"));
  EXPECT_EQ("2/10", test::RecordingLog::field(failed, "attempt"));
  EXPECT_EQ(address.text(),
            test::RecordingLog::field(process.log().await("listening", 2), "address"));
  EXPECT_EQ("registered", process.log().await("registered", 2).event);
  expect_right_result_after_a_restart(job);
}

}  // namespace
}  // namespace leat::actors
