// Metrics and probes of real processes, while a job runs and one of them is killed.

#include <csignal>
#include <map>
#include <sstream>

#include <gmock/gmock.h>

#include "tests/integration/checkpoints.hpp"
#include "tests/integration/eventually.hpp"
#include "tests/support/http_client.hpp"

namespace leat::test {
namespace {

std::uint16_t http_port(Process& process) {
  return static_cast<std::uint16_t>(
      std::stoi(process.wait_for(Stream::kErr, R"(event=http_listening address=\S+:(\d+))")));
}

std::string metrics(std::uint16_t port) {
  const HttpAnswer answer = http_get(port, "/metrics");
  EXPECT_EQ(answer.status, 200);
  return answer.body;
}

/// Samples of counters, by name and labels.
std::map<std::string, double> counters(const std::string& page) {
  std::map<std::string, double> found;
  std::istringstream lines(page);
  for (std::string line; std::getline(lines, line);) {
    const auto end = line.rfind(' ');
    const std::string sample = line.substr(0, end);
    if (!line.starts_with("#") && sample.substr(0, sample.find('{')).ends_with("_total"))
      found[sample] = std::stod(line.substr(end + 1));
  }
  return found;
}

void expect_no_fall(const std::string& before, const std::string& after) {
  const auto now = counters(after);
  EXPECT_FALSE(now.empty());
  for (const auto& [sample, value] : counters(before)) {
    const auto found = now.find(sample);
    if (found != now.end()) {
      EXPECT_GE(found->second, value) << sample;
    }
  }
}

TEST(Metrics, CountWhatAJobDoesAndTheLossOfATaskManager) {
  CheckpointedSequence sequence;
  sequence.count = 40'000;
  Cluster cluster({"http.port=0"});
  const std::uint16_t port = http_port(cluster.job_manager());
  cluster.add_task_managers(3, 1);
  Process client(cluster.client("run", sequence.words()));
  const std::string id = job_id(client);
  wait_for_checkpoints(cluster, id, 2);
  const std::string labels = "{job=\"" + id + "\",name=\"sequence\"}";
  std::string before;
  ASSERT_TRUE(eventually([&] {
    before = metrics(port);
    return metric_value(before, "leat_job_records_read_total" + labels) > 0 &&
           metric_value(before, "leat_job_exchanged_bytes_total" + labels) > 0;
  }));
  EXPECT_GE(metric_value(before, "leat_job_checkpoints_completed_total" + labels), 2);
  EXPECT_GE(metric_value(before, "leat_job_last_checkpoint_id" + labels), 2);
  EXPECT_GT(metric_value(before, "leat_job_last_checkpoint_state_bytes" + labels), 0);
  EXPECT_EQ(metric_value(before, "leat_jobmanager_taskmanagers"), 3);
  EXPECT_EQ(metric_value(before, "leat_jobmanager_slots{state=\"taken\"}"), 2);
  EXPECT_EQ(metric_value(before, "leat_jobmanager_taskmanagers_lost_total"), 0);
  EXPECT_EQ(metric_value(before, "leat_jobmanager_jobs{state=\"RUNNING\"}"), 1);

  // Of three with one slot each two work; the loss of two hits at least one of these.
  cluster.kill_task_manager(0);
  cluster.kill_task_manager(1);
  std::string after;
  ASSERT_TRUE(eventually([&] {
    after = metrics(port);
    return metric_value(after, "leat_jobmanager_taskmanagers_lost_total") == 2 &&
           metric_value(after, "leat_job_restarts_total" + labels) >= 1;
  })) << after;
  EXPECT_EQ(metric_value(after, "leat_jobmanager_taskmanagers"), 1);
  EXPECT_GE(metric_value(after, "leat_jobmanager_job_restarts_total"), 1);
  expect_no_fall(before, after);

  cluster.add_task_managers(1, 1);
  EXPECT_EQ(client.wait(), 0) << client.err();
  const std::string end = metrics(port);
  expect_no_fall(after, end);
  EXPECT_EQ(metric_value(end, "leat_jobmanager_jobs{state=\"FINISHED\"}"), 1);
  EXPECT_EQ(metric_value(end, "leat_job_attempt" + labels), -1) << "it has ended";
  EXPECT_GT(metric_value(end, "leat_jobmanager_records_read_total"),
            metric_value(after, "leat_jobmanager_records_read_total"));
  sequence.expect_exact();
}

TEST(Metrics, ProbesOfATaskManagerFollowItsJobManager) {
  Cluster cluster;
  Process worker(leat({"taskmanager", "--jobmanager", cluster.address(), "-D", "http.port=0"}));
  const std::uint16_t port = http_port(worker);
  EXPECT_TRUE(eventually([&] { return http_get(port, "/readyz").status == 200; }));
  cluster.job_manager().signal(SIGKILL);
  EXPECT_TRUE(eventually([&] { return http_get(port, "/readyz").status == 503; }));
  EXPECT_THAT(http_get(port, "/readyz").body,
              ::testing::HasSubstr("not registered with the JobManager at " + cluster.address()));
  EXPECT_EQ(http_get(port, "/healthz").status, 200);
  cluster.await_crash_and_restart_job_manager();
  EXPECT_TRUE(eventually([&] { return http_get(port, "/readyz").status == 200; }));
}

TEST(Metrics, ProbesOfATaskManagerTellThatItLeaves) {
  const TempDir directory;
  const std::string input = directory.write("input", "a line\n");
  Cluster cluster;
  Process worker(leat({"taskmanager", "--jobmanager", cluster.address(), "-D", "http.port=0"}));
  const std::uint16_t port = http_port(worker);
  // Its one subtask never ends, so neither does the leaving.
  const Process client(cluster.client("run", {test_job("stuck"), "--input", input}));
  cluster.job_manager().wait_for(Stream::kErr, "event=job_state [^\n]* to=RUNNING");
  EXPECT_EQ(http_get(port, "/readyz").status, 200);
  worker.signal(SIGTERM);
  worker.wait_for(Stream::kErr, "event=leaving");
  const HttpAnswer unready = http_get(port, "/readyz");
  EXPECT_EQ(unready.status, 503);
  EXPECT_THAT(unready.body, ::testing::HasSubstr("it leaves"));
  EXPECT_EQ(http_get(port, "/healthz").status, 200);
  EXPECT_EQ(metric_value(metrics(port), "leat_taskmanager_registered"), 0);
  EXPECT_EQ(metric_value(metrics(port), "leat_taskmanager_slots{state=\"free\"}"), 0);
}

TEST(Metrics, CountTaskManagersThatLeftApartFromLostOnes) {
  Cluster cluster({"http.port=0"});
  const std::uint16_t port = http_port(cluster.job_manager());
  cluster.add_task_managers(2, 1);
  cluster.task_manager(0).signal(SIGTERM);
  EXPECT_EQ(cluster.task_manager(0).wait(), 0);
  cluster.job_manager().wait_for(Stream::kErr, "event=taskmanager_left");
  const std::string page = metrics(port);
  EXPECT_EQ(metric_value(page, "leat_jobmanager_taskmanagers_left_total"), 1);
  EXPECT_EQ(metric_value(page, "leat_jobmanager_taskmanagers_lost_total"), 0);
  EXPECT_EQ(metric_value(page, "leat_jobmanager_taskmanagers"), 1);
}

}  // namespace
}  // namespace leat::test
