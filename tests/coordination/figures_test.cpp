// What JobManager and TaskManager tell of themselves, for metrics and probes.

#include <chrono>
#include <string>

#include <gtest/gtest.h>

#include "tests/coordination/checkpoint_probe.hpp"
#include "tests/coordination/task_manager_probe.hpp"

namespace leat::runtime::test {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

JobManagerFigures figures(CheckpointProbe& jm) {
  return jm.core().figures(jm.now());
}

/// What a TaskManager's next heartbeat says of one subtask.
void report(CheckpointProbe& jm, const proto::SubtaskRef& ref, std::uint64_t sequence,
            const RecordCounts& counts) {
  proto::Heartbeat message;
  message.set_incarnation(jm.deployed_to(ref).hex());
  message.set_epoch(1);
  message.set_sequence(sequence);
  message.set_echoed_sequence(sequence - 1);
  proto::SubtaskMetrics& metrics = *message.add_metrics();
  metrics.set_job_id(ref.job_id());
  metrics.set_attempt(ref.attempt());
  metrics.set_subtask(ref.subtask());
  metrics.set_records_in(counts.records_read);
  metrics.set_records_out(counts.records_written);
  metrics.set_bytes_sent(counts.bytes_exchanged);
  jm.core().heartbeat(jm.ask(), message, jm.now(), jm.out());
}

class JobManagerFiguresTest : public ::testing::Test {
 protected:
  CheckpointProbe jm_{CheckpointProbe::checkpointed_job(2)};
};

TEST_F(JobManagerFiguresTest, CountSlotsAndTaskManagersAsTheyComeAndGo) {
  jm_.register_tm(1, 3);
  jm_.register_tm(2, 1);
  jm_.accept(jm_.job());
  EXPECT_EQ(figures(jm_).task_managers, 2U);
  EXPECT_EQ(figures(jm_).slots, 4U);
  EXPECT_EQ(figures(jm_).slots_free, 2U);
  EXPECT_EQ(figures(jm_).counters.task_managers_registered, 2U);
  jm_.down(2);
  EXPECT_EQ(figures(jm_).task_managers, 1U);
  EXPECT_EQ(figures(jm_).slots, 3U);
  EXPECT_EQ(figures(jm_).counters.task_managers_lost, 1U);
}

TEST_F(JobManagerFiguresTest, ListEachStateAndEachJobThatHasNotEnded) {
  EXPECT_EQ(figures(jm_).jobs_by_state.size(), 10U);
  jm_.run();
  EXPECT_EQ(figures(jm_).jobs_by_state.at("RUNNING"), 1U);
  ASSERT_EQ(figures(jm_).jobs.size(), 1U);
  EXPECT_EQ(figures(jm_).jobs[0].id, jm_.job().job_id());
  EXPECT_EQ(figures(jm_).jobs[0].state, "RUNNING");
  EXPECT_EQ(figures(jm_).jobs[0].running_subtasks, 2U);
  jm_.cancel(jm_.job());
  jm_.release_all();
  jm_.persist_all();
  EXPECT_EQ(figures(jm_).jobs_by_state.at("RUNNING"), 0U);
  EXPECT_EQ(figures(jm_).jobs_by_state.at("CANCELED"), 1U);
  EXPECT_TRUE(figures(jm_).jobs.empty());
}

TEST_F(JobManagerFiguresTest, CountRecordsOverAttemptsAndNeverBackwards) {
  jm_.run();
  report(jm_, jm_.deployments()[0], 1, {100, 50, 900});
  report(jm_, jm_.deployments()[1], 1, {10, 5, 90});
  report(jm_, jm_.deployments()[1], 2, {9, 4, 80});
  EXPECT_EQ(figures(jm_).jobs[0].records.records_read, 110U);
  EXPECT_EQ(figures(jm_).jobs[0].records.bytes_exchanged, 990U);
  jm_.down(1);
  jm_.register_tm(3, 1);
  jm_.restart();
  EXPECT_EQ(figures(jm_).jobs[0].attempt, 2U);
  EXPECT_EQ(figures(jm_).jobs[0].restarts, 1U);
  EXPECT_EQ(figures(jm_).counters.job_restarts, 1U);
  report(jm_, jm_.deployments()[0], 3, {7, 6, 5});
  EXPECT_EQ(figures(jm_).jobs[0].records.records_read, 117U);
  EXPECT_EQ(figures(jm_).jobs[0].records.records_written, 61U);
  EXPECT_EQ(figures(jm_).counters.records.records_read, 117U);
  EXPECT_EQ(figures(jm_).counters.records.bytes_exchanged, 995U);
}

TEST_F(JobManagerFiguresTest, KeepWhatEndedJobsHaveCounted) {
  jm_.run();
  report(jm_, jm_.deployments()[0], 1, {100, 50, 900});
  jm_.cancel(jm_.job());
  jm_.release_all();
  jm_.persist_all();
  EXPECT_EQ(figures(jm_).counters.records.records_read, 100U);
}

TEST_F(JobManagerFiguresTest, TellOfCheckpoints) {
  jm_.run();
  EXPECT_FALSE(figures(jm_).jobs[0].last_checkpoint);
  const auto id = jm_.complete();
  ASSERT_TRUE(figures(jm_).jobs[0].last_checkpoint);
  EXPECT_EQ(figures(jm_).jobs[0].last_checkpoint->id, id);
  EXPECT_EQ(figures(jm_).jobs[0].checkpoints_completed, 1U);
  EXPECT_EQ(figures(jm_).counters.checkpoints_completed, 1U);
  jm_.decline(jm_.deployments()[0], jm_.trigger());
  EXPECT_EQ(figures(jm_).jobs[0].checkpoints_failed, 1U);
  EXPECT_EQ(figures(jm_).counters.checkpoints_failed, 1U);
  EXPECT_EQ(figures(jm_).jobs[0].last_checkpoint->id, id) << "a failed one took its place";
}

TEST_F(JobManagerFiguresTest, SayWhyTheVolumeTookNoMetadataUntilItDoes) {
  jm_.run();
  EXPECT_EQ(figures(jm_).write_refusal, "");
  jm_.cancel(jm_.job());
  jm_.persist_fails();
  EXPECT_EQ(figures(jm_).write_refusal, "no space left");
  jm_.advance(seconds(1));
  EXPECT_EQ(figures(jm_).write_refusal, "no space left") << "it is repeated, not forgotten";
  jm_.persist_all();
  EXPECT_EQ(figures(jm_).write_refusal, "");
}

TEST_F(JobManagerFiguresTest, SayWhyTheVolumeTookNoChunksForAMinute) {
  jm_.run();
  const auto id = jm_.trigger();
  jm_.chunk(jm_.deployments()[0], id, 0);
  jm_.store_fails();
  EXPECT_EQ(figures(jm_).write_refusal, "disk full");
  EXPECT_EQ(jm_.core().figures(jm_.now() + minutes(2)).write_refusal, "")
      << "nobody may ever try again";
}

TEST(TaskManagerFiguresTest, SayWhyItIsNotRegistered) {
  TaskManagerProbe tm;
  EXPECT_FALSE(tm.core().figures().registered);
  EXPECT_EQ(tm.core().figures().why_not, "it has not been reached yet");
  tm.core().on_connection_lost("connection refused", tm.now(), tm.out());
  EXPECT_EQ(tm.core().figures().why_not, "connection refused");
  EXPECT_EQ(tm.core().figures().job_manager_losses, 1U);
  tm.advance(seconds(1));
  tm.register_here(7);
  EXPECT_TRUE(tm.core().figures().registered);
  EXPECT_EQ(tm.core().figures().why_not, "");
  EXPECT_EQ(tm.core().figures().epoch, 7U);
  EXPECT_EQ(tm.core().figures().registrations, 1U);
  tm.core().on_connection_lost("the connection broke", tm.now(), tm.out());
  EXPECT_FALSE(tm.core().figures().registered);
  EXPECT_EQ(tm.core().figures().why_not, "the connection broke");
}

TEST(TaskManagerFiguresTest, CountSlotsAndSubtasks) {
  TaskManagerProbe tm;
  tm.register_here();
  EXPECT_EQ(tm.core().figures().slots_free, 2U);
  tm.run(tm.ref(0), 0);
  EXPECT_EQ(tm.core().figures().slots_free, 1U);
  EXPECT_EQ(tm.core().figures().subtasks_deployed, 1U);
  proto::SubtaskMetrics metrics;
  metrics.set_job_id(tm.ref(0).job_id());
  metrics.set_attempt(1);
  metrics.set_records_in(12);
  metrics.set_bytes_sent(34);
  tm.core().on_slot_metrics(metrics);
  ASSERT_EQ(tm.core().figures().subtasks.size(), 1U);
  EXPECT_EQ(tm.core().figures().subtasks[0].records_read, 12U);
  EXPECT_EQ(tm.core().figures().subtasks[0].bytes_sent, 34U);
  tm.slot_failed(tm.ref(0));
  tm.slot_gone(tm.ref(0));
  EXPECT_EQ(tm.core().figures().subtasks_failed, 1U);
  EXPECT_EQ(tm.core().figures().slots_free, 2U);
  EXPECT_TRUE(tm.core().figures().subtasks.empty());
}

}  // namespace
}  // namespace leat::runtime::test
