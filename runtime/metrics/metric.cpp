#include "runtime/metrics/metric.hpp"

#include <algorithm>
#include <iterator>

#include "runtime/base/check.hpp"

namespace leat::runtime {

namespace {

constexpr MetricType kCounter = MetricType::kCounter;
constexpr MetricType kGauge = MetricType::kGauge;

constexpr Metric kMetrics[] = {
    {"leat_build_info", kGauge, "role, version", "Always 1: what runs here."},
    {"leat_process_uptime_seconds", kGauge, "", "Since the process started."},
    {"leat_process_resident_memory_bytes", kGauge, "", "Memory of the process in use."},
    {"leat_process_open_descriptors", kGauge, "", "Open files and sockets of the process."},
    {"leat_process_max_descriptors", kGauge, "", "As many of them as the process may have."},
    {"leat_supervised_up", kGauge, "child",
     "1 while the supervised actor lives, 0 between a failure and its restart."},
    {"leat_supervised_failures_total", kCounter, "child",
     "Failures of the supervised actor, after each of which it was started again."},

    {"leat_jobmanager_epoch", kGauge, "",
     "One more with each start of a JobManager on its volume."},
    {"leat_jobmanager_taskmanagers", kGauge, "", "TaskManagers that are registered."},
    {"leat_jobmanager_taskmanagers_registered_total", kCounter, "",
     "Registrations of TaskManagers since the JobManager started."},
    {"leat_jobmanager_taskmanagers_lost_total", kCounter, "",
     "TaskManagers lost since then: a broken connection, silence, or a new registration."},
    {"leat_jobmanager_taskmanagers_left_total", kCounter, "",
     "TaskManagers that left in order since then."},
    {"leat_jobmanager_slots", kGauge, "state", "Slots that are free, and that are taken."},
    {"leat_jobmanager_jobs", kGauge, "state",
     "Jobs in each state; ended ones as long as the JobManager remembers them."},
    {"leat_jobmanager_job_restarts_total", kCounter, "",
     "Restarts of jobs after failures since the JobManager started."},
    {"leat_jobmanager_records_read_total", kCounter, "",
     "Records that sources of all jobs read since then; those read again count again."},
    {"leat_jobmanager_records_written_total", kCounter, "",
     "Records that sinks of all jobs wrote since then; those written again count again."},
    {"leat_jobmanager_exchanged_bytes_total", kCounter, "",
     "Bytes that subtasks of all jobs sent to each other since then."},
    {"leat_jobmanager_checkpoints_completed_total", kCounter, "",
     "Checkpoints and savepoints of all jobs completed since then."},
    {"leat_jobmanager_checkpoints_failed_total", kCounter, "",
     "Checkpoints and savepoints of all jobs that failed since then."},
    {"leat_jobmanager_checkpoint_sent_bytes_total", kCounter, "",
     "Bytes of state sent to the JobManager for those completed."},
    {"leat_jobmanager_volume_writable", kGauge, "",
     "1 if the volume of the JobManager takes writes; /readyz says why not."},
    {"leat_jobmanager_volume_size_bytes", kGauge, "", "Size of that volume."},
    {"leat_jobmanager_volume_available_bytes", kGauge, "", "Room left on it."},

    {"leat_job_state", kGauge, "job, name, state", "Always 1: the state a job is in."},
    {"leat_job_attempt", kGauge, "job, name", "Number of the attempt that runs, or ran last."},
    {"leat_job_restarts_total", kCounter, "job, name",
     "Restarts of the job after failures, over restarts of the JobManager too."},
    {"leat_job_subtasks", kGauge, "job, name, state",
     "Subtasks that are running, and that wait for slots."},
    {"leat_job_records_read_total", kCounter, "job, name",
     "Records that its sources read; those read again after a failure count again."},
    {"leat_job_records_written_total", kCounter, "job, name",
     "Records that its sinks wrote; those written again after a failure count again."},
    {"leat_job_exchanged_bytes_total", kCounter, "job, name",
     "Bytes that its subtasks sent to each other."},
    {"leat_job_checkpoints_completed_total", kCounter, "job, name",
     "Checkpoints and savepoints completed since the JobManager started."},
    {"leat_job_checkpoints_failed_total", kCounter, "job, name",
     "Checkpoints and savepoints that failed since then."},
    {"leat_job_last_checkpoint_id", kGauge, "job, name", "Number of the newest complete one."},
    {"leat_job_last_checkpoint_duration_seconds", kGauge, "job, name",
     "From its trigger until it was durable."},
    {"leat_job_last_checkpoint_state_bytes", kGauge, "job, name", "All that it refers to."},
    {"leat_job_last_checkpoint_sent_bytes", kGauge, "job, name", "Of that, what was sent for it."},

    {"leat_taskmanager_registered", kGauge, "", "1 while it is registered with a JobManager."},
    {"leat_taskmanager_epoch", kGauge, "", "Epoch of the JobManager it registered with last."},
    {"leat_taskmanager_registrations_total", kCounter, "",
     "Registrations since the TaskManager's actor started."},
    {"leat_taskmanager_jobmanager_lost_total", kCounter, "",
     "Connections to the JobManager lost or not made since then."},
    {"leat_taskmanager_leases_expired_total", kCounter, "",
     "Times that its slots ended since then because the JobManager did not answer."},
    {"leat_taskmanager_slots", kGauge, "state", "Slots that are free, and that are taken."},
    {"leat_taskmanager_subtasks_deployed_total", kCounter, "", "Subtasks it was given since then."},
    {"leat_taskmanager_subtasks_failed_total", kCounter, "",
     "Of them, those that failed, for whatever reason."},

    {"leat_subtask_records_read_total", kCounter, "job, attempt, subtask",
     "Records that the sources of a subtask read in this attempt."},
    {"leat_subtask_records_written_total", kCounter, "job, attempt, subtask",
     "Records that its sinks wrote."},
    {"leat_subtask_sent_bytes_total", kCounter, "job, attempt, subtask",
     "Bytes that it sent to other subtasks."},
};

}  // namespace

std::string_view type_name(MetricType type) {
  return type == MetricType::kCounter ? "counter" : "gauge";
}

std::span<const Metric> metric_table() {
  return kMetrics;
}

const Metric& metric(std::string_view name) {
  const auto* found = std::find_if(std::begin(kMetrics), std::end(kMetrics),
                                   [name](const Metric& one) { return one.name == name; });
  LEAT_CHECK(found != std::end(kMetrics));
  return *found;
}

}  // namespace leat::runtime
