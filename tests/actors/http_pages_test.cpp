// The HTTP port of JobManager and TaskManager: health, readiness, metrics.

#include "actors/http_pages.hpp"

#include <chrono>
#include <filesystem>
#include <fstream>
#include <functional>
#include <string>
#include <thread>

#include <caf/actor_cast.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/send.hpp>
#include <gtest/gtest.h>

#include "actors/error_text.hpp"
#include "actors/process_figures.hpp"
#include "actors/supervisor.hpp"
#include "runtime/metrics/metric.hpp"
#include "tests/actors/network_cluster.hpp"
#include "tests/actors/test_node.hpp"
#include "tests/support/http_client.hpp"
#include "tests/support/temp_dir.hpp"

namespace leat::actors {
namespace {

using test::http_get;
using test::metric_value;
using test::RecordingLog;

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

/// Asks until it holds, half a minute at most.
bool eventually(const std::function<bool()>& condition) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  while (!condition()) {
    if (std::chrono::steady_clock::now() > deadline)
      return false;
    std::this_thread::yield();
  }
  return true;
}

/// Where a process answers HTTP, as its log says.
std::uint16_t http_port(test::ProcessThread& process) {
  const std::string address = RecordingLog::field(process.log().await("http_listening"), "address");
  return static_cast<std::uint16_t>(std::stoi(address.substr(address.rfind(':') + 1)));
}

class HttpPagesTest : public ::testing::Test {
 protected:
  JobManagerProcessOptions job_manager_options() {
    JobManagerProcessOptions options;
    options.listen.port = 0;
    options.data_dir = dir_.file("data");
    options.http = Endpoint{"127.0.0.1", 0};
    return options;
  }
  static TaskManagerProcessOptions task_manager_options(const Endpoint& job_manager) {
    TaskManagerProcessOptions options;
    options.job_manager = job_manager;
    options.slots = 3;
    options.http = Endpoint{"127.0.0.1", 0};
    return options;
  }

  test::TempDir dir_;
};

TEST_F(HttpPagesTest, AJobManagerIsHealthyReadyAndTellsOfItsCluster) {
  const auto process = test::start_job_manager(job_manager_options());
  const auto address = test::listening_at(*process);
  const auto port = http_port(*process);
  EXPECT_EQ(http_get(port, "/healthz").body, "ok\n");
  EXPECT_TRUE(eventually([&] { return http_get(port, "/readyz").status == 200; }));
  EXPECT_EQ(http_get(port, "/readyz").body, "ok\n");
  const auto metrics = http_get(port, "/metrics");
  EXPECT_EQ(metrics.status, 200);
  EXPECT_TRUE(contains(metrics.head, "Content-Type: text/plain; version=0.0.4")) << metrics.head;
  EXPECT_EQ(metric_value(metrics.body, "leat_jobmanager_epoch"), 1);
  EXPECT_EQ(metric_value(metrics.body, "leat_jobmanager_slots{state=\"free\"}"), 0);
  EXPECT_EQ(metric_value(metrics.body, "leat_supervised_up{child=\"job_manager\"}"), 1);
  EXPECT_EQ(metric_value(metrics.body, "leat_jobmanager_volume_writable"), 1);
  for (const char* some : {"leat_process_resident_memory_bytes", "leat_process_open_descriptors",
                           "leat_process_max_descriptors", "leat_process_uptime_seconds",
                           "leat_jobmanager_volume_size_bytes"})
    EXPECT_GT(metric_value(metrics.body, some), 0) << some;
  const auto worker = test::start_task_manager(task_manager_options(address));
  worker->log().await("registered");
  EXPECT_EQ(metric_value(http_get(port, "/metrics").body, "leat_jobmanager_slots{state=\"free\"}"),
            3);
}

TEST_F(HttpPagesTest, ATaskManagerIsReadyOnceRegisteredAndSaysWhyItIsNot) {
  Endpoint job_manager;
  {
    const auto early = test::start_job_manager(job_manager_options());
    job_manager = test::listening_at(*early);
  }
  const auto process = test::start_task_manager(task_manager_options(job_manager));
  const auto port = http_port(*process);
  process->log().await("jobmanager_lost");
  const auto waiting = http_get(port, "/readyz");
  EXPECT_EQ(waiting.status, 503);
  const std::string beginning =
      "not registered with the JobManager at " + job_manager.text() + ": ";
  EXPECT_TRUE(waiting.body.starts_with(beginning)) << waiting.body;
  EXPECT_FALSE(contains(waiting.body.substr(beginning.size()), job_manager.text())) << waiting.body;
  EXPECT_EQ(http_get(port, "/healthz").status, 200) << "it lives, and waits";
  EXPECT_EQ(metric_value(http_get(port, "/metrics").body, "leat_taskmanager_registered"), 0);

  auto options = job_manager_options();
  options.listen = job_manager;
  const auto late = test::start_job_manager(options);
  process->log().await("registered");
  EXPECT_EQ(http_get(port, "/readyz").status, 200);
  const auto metrics = http_get(port, "/metrics").body;
  EXPECT_EQ(metric_value(metrics, "leat_taskmanager_registered"), 1);
  EXPECT_EQ(metric_value(metrics, "leat_taskmanager_epoch"), 2);
  EXPECT_EQ(metric_value(metrics, "leat_taskmanager_slots{state=\"free\"}"), 3);
  EXPECT_GE(metric_value(metrics, "leat_taskmanager_jobmanager_lost_total"), 1);
}

TEST_F(HttpPagesTest, ATaskManagerActorThatDiesIsCounted) {
  const auto job_manager = test::start_job_manager(job_manager_options());
  const auto process =
      test::start_task_manager(task_manager_options(test::listening_at(*job_manager)));
  process->log().await("registered");
  {
    test::TestNode node;
    caf::anon_send_exit(caf::actor_cast<caf::actor>(node.connect(test::listening_at(*process))),
                        caf::exit_reason::kill);
    process->log().await("registered", 2);
  }
  const auto port = http_port(*process);
  EXPECT_EQ(http_get(port, "/readyz").status, 200);
  const std::string child = "{child=\"task_manager/" +
                            RecordingLog::field(process->log().await("registered"), "taskmanager") +
                            "\"}";
  const auto metrics = http_get(port, "/metrics").body;
  EXPECT_EQ(metric_value(metrics, "leat_supervised_failures_total" + child), 1);
  EXPECT_EQ(metric_value(metrics, "leat_supervised_up" + child), 1);
  EXPECT_GE(metric_value(http_get(http_port(*job_manager), "/metrics").body,
                         "leat_jobmanager_taskmanagers_lost_total"),
            1);
}

TEST_F(HttpPagesTest, APortInUseEndsTheProcessBeforeAnythingElse) {
  const auto first = test::start_job_manager(job_manager_options());
  auto options = job_manager_options();
  options.data_dir = dir_.file("other");
  options.http->port = http_port(*first);
  const auto outcome = test::start_job_manager(options)->join();
  ASSERT_FALSE(outcome.ok());
  EXPECT_TRUE(contains(outcome.error().message(), options.http->text()))
      << outcome.error().message();
  EXPECT_FALSE(std::filesystem::exists(options.data_dir));

  auto worker = task_manager_options(test::listening_at(*first));
  worker.http = options.http;
  const auto ended = test::start_task_manager(worker)->join();
  ASSERT_FALSE(ended.ok());
  EXPECT_TRUE(contains(ended.error().message(), options.http->text())) << ended.error().message();
}

TEST_F(HttpPagesTest, AProcessEndsInOrderWhileItIsAsked) {
  const auto process = test::start_job_manager(job_manager_options());
  const auto port = http_port(*process);
  const test::HttpSocket silent(port);
  std::thread asking([port] {
    while (http_get(port, "/metrics").status != 0) {
    }
  });
  EXPECT_TRUE(eventually([&] { return http_get(port, "/readyz").status == 200; }));
  EXPECT_TRUE(process->stop().ok());
  asking.join();
}

TEST_F(HttpPagesTest, AVolumeThatIsGoneIsNamed) {
  EXPECT_TRUE(check_volume(dir_.path()).ok());
  const auto gone = check_volume(dir_.file("absent"));
  ASSERT_FALSE(gone.ok());
  EXPECT_TRUE(contains(gone.error().message(), dir_.file("absent"))) << gone.error().message();
}

// ---- a supervised actor that does not answer ----

caf::behavior failing_child(caf::event_based_actor* self) {
  self->set_exception_handler([](std::exception_ptr& thrown) { return exception_reason(thrown); });
  self->send(self, start_atom::value);
  return {[](start_atom) { throw std::runtime_error("out of luck"); }};
}

caf::behavior mute_child(caf::event_based_actor* self) {
  self->set_default_handler(caf::skip);
  return {[](start_atom) {}};
}

class SupervisedPagesTest : public ::testing::Test {
 protected:
  using Child = caf::behavior (*)(caf::event_based_actor*);

  HttpPages pages_of(Child child) {
    SupervisedChild spec{"task_manager/tm-1",
                         [child](caf::actor_system& system) { return system.spawn(child); },
                         [](const Error&) {}, log_};
    spec.backoff.first_at_once = false;
    spec.backoff.initial = spec.backoff.max = std::chrono::hours(1);
    supervisor_ = spawn_supervisor(system_, spec);
    return task_manager_pages(system_, supervisor_, {"127.0.0.1", 1});
  }
  ~SupervisedPagesTest() override {
    caf::anon_send_exit(supervisor_, caf::exit_reason::user_shutdown);
  }

  RecordingLog log_;
  LeatActorConfig config_{Networking::kOff};
  caf::actor_system system_{config_};
  supervisor_actor supervisor_;
};

TEST_F(SupervisedPagesTest, AnActorBetweenFailureAndRestartIsNotHealthy) {
  const auto pages = pages_of(failing_child);
  log_.await("child_failed");
  EXPECT_TRUE(eventually([&] { return pages.at("/healthz")().status == 503; }));
  const std::string why = "task_manager/tm-1 is being started again after a failure: out of luck\n";
  EXPECT_EQ(pages.at("/healthz")().body, why);
  EXPECT_EQ(pages.at("/readyz")().status, 503);
  EXPECT_EQ(pages.at("/readyz")().body, why);
  const auto metrics = pages.at("/metrics")();
  EXPECT_EQ(metrics.status, 200) << "the process can still tell of itself";
  EXPECT_EQ(metric_value(metrics.body, "leat_supervised_up{child=\"task_manager/tm-1\"}"), 0);
  EXPECT_EQ(
      metric_value(metrics.body, "leat_supervised_failures_total{child=\"task_manager/tm-1\"}"), 1);
}

TEST_F(SupervisedPagesTest, AnActorThatDoesNotAnswerIsNotHealthy) {
  const auto answer = pages_of(mute_child).at("/healthz")();
  EXPECT_EQ(answer.status, 503);
  EXPECT_EQ(answer.body, "task_manager/tm-1 does not answer: no answer in time\n");
}

TEST(MetricsDocument, HoldsTheTableOfMetricsAsItIsInTheCode) {
  std::string expected;
  for (const auto& metric : runtime::metric_table())
    expected += "| `" + std::string(metric.name) + "` | " +
                std::string(runtime::type_name(metric.type)) + " | " + std::string(metric.labels) +
                " | " + std::string(metric.help) + " |\n";
  std::string actual;
  std::ifstream page(LEAT_SOURCE_DIR "/docs/metrics.md");
  for (std::string line; std::getline(page, line);) {
    if (line.starts_with("| `leat_"))
      actual += line + "\n";
  }
  EXPECT_EQ(actual, expected);
}

}  // namespace
}  // namespace leat::actors
