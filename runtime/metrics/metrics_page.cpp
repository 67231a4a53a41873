#include "runtime/metrics/metrics_page.hpp"

#include <cstdint>

#include "runtime/metrics/prometheus_text.hpp"

namespace leat::runtime {

namespace {

double seconds(std::uint64_t milliseconds) {
  return static_cast<double>(milliseconds) / 1000;
}

std::uint64_t flag(bool value) {
  return value ? 1 : 0;
}

void add_process(const ProcessFigures& process, const SupervisionFigures& supervision,
                 PrometheusText& page) {
  page.add("leat_build_info", {{"role", process.role}, {"version", process.version}},
           std::uint64_t{1});
  page.add("leat_process_uptime_seconds", {}, process.uptime_seconds);
  page.add("leat_process_resident_memory_bytes", {}, process.resident_bytes);
  page.add("leat_process_open_descriptors", {}, process.open_descriptors);
  page.add("leat_process_max_descriptors", {}, process.most_descriptors);
  page.add("leat_supervised_up", {{"child", supervision.child}}, flag(supervision.up));
  page.add("leat_supervised_failures_total", {{"child", supervision.child}}, supervision.failures);
}

void add_slots(std::string_view metric, std::uint64_t slots, std::uint64_t free,
               PrometheusText& page) {
  page.add(metric, {{"state", "free"}}, free);
  page.add(metric, {{"state", "taken"}}, slots - free);
}

void add_cluster(const JobManagerFigures& figures, PrometheusText& page) {
  const JobManagerCounters& counters = figures.counters;
  page.add("leat_jobmanager_epoch", {}, figures.epoch);
  page.add("leat_jobmanager_taskmanagers", {}, figures.task_managers);
  page.add("leat_jobmanager_taskmanagers_registered_total", {}, counters.task_managers_registered);
  page.add("leat_jobmanager_taskmanagers_lost_total", {}, counters.task_managers_lost);
  page.add("leat_jobmanager_taskmanagers_left_total", {}, counters.task_managers_left);
  add_slots("leat_jobmanager_slots", figures.slots, figures.slots_free, page);
  for (const auto& [state, jobs] : figures.jobs_by_state)
    page.add("leat_jobmanager_jobs", {{"state", state}}, jobs);
  page.add("leat_jobmanager_job_restarts_total", {}, counters.job_restarts);
  page.add("leat_jobmanager_records_read_total", {}, counters.records.records_read);
  page.add("leat_jobmanager_records_written_total", {}, counters.records.records_written);
  page.add("leat_jobmanager_exchanged_bytes_total", {}, counters.records.bytes_exchanged);
  page.add("leat_jobmanager_checkpoints_completed_total", {}, counters.checkpoints_completed);
  page.add("leat_jobmanager_checkpoints_failed_total", {}, counters.checkpoints_failed);
  page.add("leat_jobmanager_checkpoint_sent_bytes_total", {}, counters.checkpoint_bytes_sent);
}

void add_volume(const VolumeState& volume, PrometheusText& page) {
  page.add("leat_jobmanager_volume_writable", {}, flag(volume.writable));
  page.add("leat_jobmanager_volume_size_bytes", {}, volume.figures.size_bytes);
  page.add("leat_jobmanager_volume_available_bytes", {}, volume.figures.available_bytes);
}

/// One metric of all jobs: its samples must stand together.
template <class Value>
void add_of_jobs(std::string_view metric, const std::vector<JobFigures>& jobs, Value value,
                 PrometheusText& page) {
  for (const JobFigures& job : jobs)
    page.add(metric, {{"job", job.id}, {"name", job.name}}, value(job));
}

template <class Value>
void add_of_checkpoints(std::string_view metric, const std::vector<JobFigures>& jobs, Value value,
                        PrometheusText& page) {
  for (const JobFigures& job : jobs) {
    if (job.last_checkpoint)
      page.add(metric, {{"job", job.id}, {"name", job.name}}, value(*job.last_checkpoint));
  }
}

void add_progress(const std::vector<JobFigures>& jobs, PrometheusText& page) {
  const auto add = [&](std::string_view metric, auto value) {
    add_of_jobs(metric, jobs, value, page);
  };
  for (const JobFigures& job : jobs)
    page.add("leat_job_state", {{"job", job.id}, {"name", job.name}, {"state", job.state}},
             std::uint64_t{1});
  add("leat_job_attempt", [](const auto& job) { return std::uint64_t{job.attempt}; });
  add("leat_job_restarts_total", [](const auto& job) { return std::uint64_t{job.restarts}; });
  for (const JobFigures& job : jobs) {
    const auto add_subtasks = [&](std::string_view state, std::uint64_t subtasks) {
      page.add("leat_job_subtasks", {{"job", job.id}, {"name", job.name}, {"state", state}},
               subtasks);
    };
    add_subtasks("running", job.running_subtasks);
    add_subtasks("waiting", job.waiting_subtasks);
  }
  add("leat_job_records_read_total", [](const auto& job) { return job.records.records_read; });
  add("leat_job_records_written_total",
      [](const auto& job) { return job.records.records_written; });
  add("leat_job_exchanged_bytes_total",
      [](const auto& job) { return job.records.bytes_exchanged; });
}

void add_checkpoints(const std::vector<JobFigures>& jobs, PrometheusText& page) {
  add_of_jobs(
      "leat_job_checkpoints_completed_total", jobs,
      [](const auto& job) { return job.checkpoints_completed; }, page);
  add_of_jobs(
      "leat_job_checkpoints_failed_total", jobs,
      [](const auto& job) { return job.checkpoints_failed; }, page);
  const auto add_last = [&](std::string_view metric, auto value) {
    add_of_checkpoints(metric, jobs, value, page);
  };
  add_last("leat_job_last_checkpoint_id", [](const auto& last) { return last.id; });
  add_last("leat_job_last_checkpoint_duration_seconds",
           [](const auto& last) { return seconds(last.duration_ms); });
  add_last("leat_job_last_checkpoint_state_bytes",
           [](const auto& last) { return last.state_bytes; });
  add_last("leat_job_last_checkpoint_sent_bytes", [](const auto& last) { return last.sent_bytes; });
}

template <class Value>
void add_of_subtasks(std::string_view metric, const std::vector<SubtaskFigures>& subtasks,
                     Value value, PrometheusText& page) {
  for (const SubtaskFigures& one : subtasks)
    page.add(metric,
             {{"job", one.job},
              {"attempt", std::to_string(one.attempt)},
              {"subtask", std::to_string(one.subtask)}},
             value(one));
}

}  // namespace

std::string job_manager_metrics(const ProcessFigures& process,
                                const SupervisionFigures& supervision, const VolumeState& volume,
                                const JobManagerFigures* figures) {
  PrometheusText page;
  add_process(process, supervision, page);
  if (figures != nullptr)
    add_cluster(*figures, page);
  add_volume(volume, page);
  if (figures != nullptr) {
    add_progress(figures->jobs, page);
    add_checkpoints(figures->jobs, page);
  }
  return page.text();
}

std::string task_manager_metrics(const ProcessFigures& process,
                                 const SupervisionFigures& supervision,
                                 const TaskManagerFigures* figures) {
  PrometheusText page;
  add_process(process, supervision, page);
  if (figures == nullptr)
    return page.text();
  page.add("leat_taskmanager_registered", {}, flag(figures->registered));
  page.add("leat_taskmanager_epoch", {}, figures->epoch);
  page.add("leat_taskmanager_registrations_total", {}, figures->registrations);
  page.add("leat_taskmanager_jobmanager_lost_total", {}, figures->job_manager_losses);
  page.add("leat_taskmanager_leases_expired_total", {}, figures->leases_expired);
  add_slots("leat_taskmanager_slots", figures->slots, figures->slots_free, page);
  page.add("leat_taskmanager_subtasks_deployed_total", {}, figures->subtasks_deployed);
  page.add("leat_taskmanager_subtasks_failed_total", {}, figures->subtasks_failed);
  add_of_subtasks(
      "leat_subtask_records_read_total", figures->subtasks,
      [](const auto& one) { return one.records_read; }, page);
  add_of_subtasks(
      "leat_subtask_records_written_total", figures->subtasks,
      [](const auto& one) { return one.records_written; }, page);
  add_of_subtasks(
      "leat_subtask_sent_bytes_total", figures->subtasks,
      [](const auto& one) { return one.bytes_sent; }, page);
  return page.text();
}

}  // namespace leat::runtime
