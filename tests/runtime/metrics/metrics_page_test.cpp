#include "runtime/metrics/metrics_page.hpp"

#include <set>
#include <sstream>
#include <string>

#include <gtest/gtest.h>

#include "runtime/metrics/metric.hpp"

namespace leat::runtime {
namespace {

const ProcessFigures kProcess{"jobmanager", "1.2.3", 12.5, 4096, 17, 1024};
const SupervisionFigures kSupervision{"job_manager", true, 0, ""};
const VolumeState kVolume{{1000, 400}, true};

JobManagerFigures job_manager_figures() {
  JobManagerFigures figures;
  figures.epoch = 3;
  figures.task_managers = 2;
  figures.slots = 8;
  figures.slots_free = 2;
  figures.jobs_by_state = {{"FINISHED", 4}, {"RUNNING", 2}};
  figures.counters = {5, 3, 6, 7, 11, 1, 12345, {1000, 900, 4000}};
  figures.jobs.resize(2);
  figures.jobs[0] = {"aa",
                     "count",
                     "RUNNING",
                     2,
                     1,
                     4,
                     0,
                     {100, 90, 800},
                     11,
                     1,
                     CheckpointFigures{11, 1250, 5000, 40}};
  figures.jobs[1] = {"bb", "wait", "CREATED", 1, 0, 0, 6, {}, 0, 0, std::nullopt};
  return figures;
}

TaskManagerFigures task_manager_figures() {
  TaskManagerFigures figures;
  figures.registered = true;
  figures.epoch = 3;
  figures.slots = 2;
  figures.slots_free = 1;
  figures.registrations = 2;
  figures.job_manager_losses = 1;
  figures.leases_expired = 0;
  figures.subtasks_deployed = 5;
  figures.subtasks_failed = 1;
  figures.subtasks = {{"aa", 2, 3, 100, 90, 800}};
  return figures;
}

std::string samples(const std::string& page) {
  std::istringstream lines(page);
  std::string samples;
  for (std::string line; std::getline(lines, line);)
    samples += line.starts_with("#") ? "" : line + "\n";
  return samples;
}

TEST(MetricsPage, OfAJobManagerTellsOfItsClusterAndOfEachJob) {
  const auto figures = job_manager_figures();
  EXPECT_EQ(samples(job_manager_metrics(kProcess, kSupervision, kVolume, &figures)),
            R"(leat_build_info{role="jobmanager",version="1.2.3"} 1
leat_process_uptime_seconds 12.5
leat_process_resident_memory_bytes 4096
leat_process_open_descriptors 17
leat_process_max_descriptors 1024
leat_supervised_up{child="job_manager"} 1
leat_supervised_failures_total{child="job_manager"} 0
leat_jobmanager_epoch 3
leat_jobmanager_taskmanagers 2
leat_jobmanager_taskmanagers_registered_total 5
leat_jobmanager_taskmanagers_lost_total 3
leat_jobmanager_taskmanagers_left_total 6
leat_jobmanager_slots{state="free"} 2
leat_jobmanager_slots{state="taken"} 6
leat_jobmanager_jobs{state="FINISHED"} 4
leat_jobmanager_jobs{state="RUNNING"} 2
leat_jobmanager_job_restarts_total 7
leat_jobmanager_records_read_total 1000
leat_jobmanager_records_written_total 900
leat_jobmanager_exchanged_bytes_total 4000
leat_jobmanager_checkpoints_completed_total 11
leat_jobmanager_checkpoints_failed_total 1
leat_jobmanager_checkpoint_sent_bytes_total 12345
leat_jobmanager_volume_writable 1
leat_jobmanager_volume_size_bytes 1000
leat_jobmanager_volume_available_bytes 400
leat_job_state{job="aa",name="count",state="RUNNING"} 1
leat_job_state{job="bb",name="wait",state="CREATED"} 1
leat_job_attempt{job="aa",name="count"} 2
leat_job_attempt{job="bb",name="wait"} 1
leat_job_restarts_total{job="aa",name="count"} 1
leat_job_restarts_total{job="bb",name="wait"} 0
leat_job_subtasks{job="aa",name="count",state="running"} 4
leat_job_subtasks{job="aa",name="count",state="waiting"} 0
leat_job_subtasks{job="bb",name="wait",state="running"} 0
leat_job_subtasks{job="bb",name="wait",state="waiting"} 6
leat_job_records_read_total{job="aa",name="count"} 100
leat_job_records_read_total{job="bb",name="wait"} 0
leat_job_records_written_total{job="aa",name="count"} 90
leat_job_records_written_total{job="bb",name="wait"} 0
leat_job_exchanged_bytes_total{job="aa",name="count"} 800
leat_job_exchanged_bytes_total{job="bb",name="wait"} 0
leat_job_checkpoints_completed_total{job="aa",name="count"} 11
leat_job_checkpoints_completed_total{job="bb",name="wait"} 0
leat_job_checkpoints_failed_total{job="aa",name="count"} 1
leat_job_checkpoints_failed_total{job="bb",name="wait"} 0
leat_job_last_checkpoint_id{job="aa",name="count"} 11
leat_job_last_checkpoint_duration_seconds{job="aa",name="count"} 1.25
leat_job_last_checkpoint_state_bytes{job="aa",name="count"} 5000
leat_job_last_checkpoint_sent_bytes{job="aa",name="count"} 40
)");
}

TEST(MetricsPage, OfATaskManagerTellsOfItsSlots) {
  const auto figures = task_manager_figures();
  EXPECT_EQ(samples(task_manager_metrics({"taskmanager", "1.2.3", 1, 2, 3, 4},
                                         {"task_manager/tm-1", true, 2, "why"}, &figures)),
            R"(leat_build_info{role="taskmanager",version="1.2.3"} 1
leat_process_uptime_seconds 1
leat_process_resident_memory_bytes 2
leat_process_open_descriptors 3
leat_process_max_descriptors 4
leat_supervised_up{child="task_manager/tm-1"} 1
leat_supervised_failures_total{child="task_manager/tm-1"} 2
leat_taskmanager_registered 1
leat_taskmanager_epoch 3
leat_taskmanager_registrations_total 2
leat_taskmanager_jobmanager_lost_total 1
leat_taskmanager_leases_expired_total 0
leat_taskmanager_slots{state="free"} 1
leat_taskmanager_slots{state="taken"} 1
leat_taskmanager_subtasks_deployed_total 5
leat_taskmanager_subtasks_failed_total 1
leat_subtask_records_read_total{job="aa",attempt="2",subtask="3"} 100
leat_subtask_records_written_total{job="aa",attempt="2",subtask="3"} 90
leat_subtask_sent_bytes_total{job="aa",attempt="2",subtask="3"} 800
)");
}

TEST(MetricsPage, TellsOfTheProcessAloneWhileItsActorDoesNotAnswer) {
  const std::string page =
      job_manager_metrics(kProcess, {"job_manager", false, 1, "out of luck"}, kVolume, nullptr);
  EXPECT_NE(page.find("leat_supervised_up{child=\"job_manager\"} 0\n"), std::string::npos);
  EXPECT_NE(page.find("leat_jobmanager_volume_writable 1\n"), std::string::npos);
  EXPECT_EQ(page.find("leat_jobmanager_slots"), std::string::npos);
  EXPECT_EQ(task_manager_metrics(kProcess, kSupervision, nullptr).find("leat_taskmanager"),
            std::string::npos);
}

TEST(MetricsPage, BetweenThemThePagesShowEachMetricOfTheTableAsOneBlock) {
  const auto job_manager = job_manager_figures();
  const auto task_manager = task_manager_figures();
  std::set<std::string> shown;
  for (const std::string& page :
       {job_manager_metrics(kProcess, kSupervision, kVolume, &job_manager),
        task_manager_metrics(kProcess, kSupervision, &task_manager)}) {
    std::set<std::string> on_page;
    std::istringstream lines(page);
    for (std::string line; std::getline(lines, line);) {
      if (!line.starts_with("# TYPE "))
        continue;
      const std::string name = line.substr(7, line.find(' ', 7) - 7);
      EXPECT_TRUE(on_page.insert(name).second) << name << " begins twice";
    }
    shown.merge(on_page);
  }
  for (const Metric& metric : metric_table())
    EXPECT_TRUE(shown.contains(std::string(metric.name))) << metric.name;
  EXPECT_EQ(shown.size(), metric_table().size());
}

}  // namespace
}  // namespace leat::runtime
