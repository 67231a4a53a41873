// JobManager and TaskManager as processes: what they refuse, how they end, what survives a restart.

#include <chrono>
#include <string>
#include <vector>

#include <caf/typed_event_based_actor.hpp>
#include <gtest/gtest.h>

#include "runtime/coordination/protocol_version.hpp"
#include "tests/actors/job_runner.hpp"
#include "tests/actors/network_cluster.hpp"
#include "tests/actors/test_node.hpp"
#include "tests/support/temp_dir.hpp"

namespace leat::actors {
namespace {

using test::RecordingLog;

const std::string kSequence = LEAT_JOBS_DIR "/sequence.so";

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

/// What a JobManager of another release answers.
using greeter_actor = caf::typed_actor<caf::replies_to<proto::Hello>::with<proto::HelloReply>>;

greeter_actor::behavior_type other_release(greeter_actor::pointer) {
  return {[](const proto::Hello&) {
    proto::HelloReply reply;
    reply.set_protocol_version(runtime::kProtocolVersion + 1);
    return reply;
  }};
}

class ProcessTest : public ::testing::Test {
 protected:
  JobManagerProcessOptions job_manager_options() {
    JobManagerProcessOptions options;
    options.listen.port = 0;
    options.data_dir = dir_.file("data");
    options.engine.resource_wait = std::chrono::milliseconds(100);
    return options;
  }

  /// Where an actor of another release listens.
  Endpoint publish_other_release() {
    const auto actor = caf::actor_cast<caf::actor>(node_.system.spawn(other_release));
    const auto port = node_.system.middleman().publish(actor, 0, "127.0.0.1");
    EXPECT_TRUE(port);
    other_ = actor;
    return {"127.0.0.1", *port};
  }

  ~ProcessTest() override {
    if (other_)
      caf::anon_send_exit(other_, caf::exit_reason::user_shutdown);
    other_ = nullptr;
  }

  test::TempDir dir_;
  test::TestNode node_;
  caf::actor other_;
};

TEST_F(ProcessTest, EachLifeOfAJobManagerHasAHigherEpoch) {
  for (const char* epoch : {"1", "2", "3"}) {
    const auto process = test::start_job_manager(job_manager_options());
    EXPECT_EQ(epoch, RecordingLog::field(process->log().await("listening"), "epoch"));
    EXPECT_TRUE(process->stop().ok());
  }
}

TEST_F(ProcessTest, ASecondJobManagerOnAVolumeIsRefused) {
  const auto first = test::start_job_manager(job_manager_options());
  first->log().await("listening");
  const auto outcome = test::start_job_manager(job_manager_options())->join();
  ASSERT_FALSE(outcome.ok());
  EXPECT_TRUE(contains(outcome.error().message(), "in use by another JobManager"))
      << outcome.error().message();
}

TEST_F(ProcessTest, APortInUseIsNamed) {
  const auto first = test::start_job_manager(job_manager_options());
  auto options = job_manager_options();
  options.listen = test::listening_at(*first);
  options.data_dir = dir_.file("other");
  const auto outcome = test::start_job_manager(options)->join();
  ASSERT_FALSE(outcome.ok());
  EXPECT_TRUE(contains(outcome.error().message(), options.listen.text()));

  TaskManagerProcessOptions task_manager;
  task_manager.job_manager = options.listen;
  task_manager.listen = options.listen;
  const auto ended = test::start_task_manager(task_manager)->join();
  ASSERT_FALSE(ended.ok());
  EXPECT_TRUE(contains(ended.error().message(), options.listen.text()));
}

TEST_F(ProcessTest, AnOpenPortIsRefusedUnlessAskedFor) {
  auto job_manager = job_manager_options();
  job_manager.listen.host = "0.0.0.0";
  const auto refused = test::start_job_manager(job_manager)->join();
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(ErrorKind::kUsage, refused.error().kind());
  EXPECT_TRUE(contains(refused.error().message(), "--insecure"));
  job_manager.insecure = true;
  const auto allowed = test::start_job_manager(job_manager);
  EXPECT_EQ("listening", allowed->log().await("listening").event);

  TaskManagerProcessOptions task_manager;
  task_manager.listen.host = "0.0.0.0";
  EXPECT_FALSE(test::start_task_manager(task_manager)->join().ok());
  task_manager.insecure = true;
  task_manager.advertise = "0.0.0.0";
  const auto outcome = test::start_task_manager(task_manager)->join();
  ASSERT_FALSE(outcome.ok());
  EXPECT_TRUE(contains(outcome.error().message(), "--advertise")) << outcome.error().message();
}

TEST_F(ProcessTest, ATaskManagerWaitsForItsJobManagerToAppear) {
  TaskManagerProcessOptions task_manager;
  {
    const auto early = test::start_job_manager(job_manager_options());
    task_manager.job_manager = test::listening_at(*early);
  }
  const auto process = test::start_task_manager(task_manager);
  EXPECT_EQ("jobmanager_lost", process->log().await("jobmanager_lost").event);
  auto options = job_manager_options();
  options.listen = task_manager.job_manager;
  const auto late = test::start_job_manager(options);
  EXPECT_EQ("registered", process->log().await("registered").event);
}

TEST_F(ProcessTest, AnUnfinishedJobIsTakenUpByTheNextJobManager) {
  auto options = job_manager_options();
  auto job_manager = test::start_job_manager(options);
  options.listen = test::listening_at(*job_manager);
  TaskManagerProcessOptions task_manager;
  task_manager.job_manager = options.listen;
  task_manager.slots = 2;
  const auto process = test::start_task_manager(task_manager);
  const auto client = JobClient::create(options.listen, {});
  const auto job = test::submit_job(*client, {kSequence,
                                              {"--count", "10000", "--keys", "3", "--rate", "10000",
                                               "--output", dir_.file("out")},
                                              2});
  ASSERT_TRUE(job.ok()) << job.error().message();
  ASSERT_TRUE(test::await_status(*client, *job, [](const auto& status) {
                return status.records_in() > 0;
              }).ok());
  EXPECT_TRUE(job_manager->stop().ok());
  job_manager = test::start_job_manager(options);
  // The same client: its calls outlast the restart.
  const auto status = test::await_end(*client, *job);
  ASSERT_TRUE(status.ok()) << status.error().message();
  EXPECT_EQ(proto::JOB_FINISHED, status->state()) << status->ShortDebugString();
  EXPECT_EQ(10000U, test::output_lines(dir_.file("out/numbers")).size());
}

TEST_F(ProcessTest, AClientGivesUpInWordsWhenThereIsNoJobManager) {
  Endpoint nobody;
  {
    const auto gone = test::start_job_manager(job_manager_options());
    nobody = test::listening_at(*gone);
  }
  JobClientOptions options;
  options.give_up_after = std::chrono::milliseconds(300);
  std::vector<std::string> told;
  options.on_retry = [&](const std::string& text) { told.push_back(text); };
  const auto outcome = JobClient::create(nobody, options)->list({});
  ASSERT_FALSE(outcome.ok());
  EXPECT_EQ(ErrorKind::kUnreachable, outcome.error().kind());
  EXPECT_TRUE(contains(outcome.error().message(), nobody.text())) << outcome.error().message();
  ASSERT_FALSE(told.empty());
  EXPECT_TRUE(contains(told.front(), "trying again"));
}

TEST_F(ProcessTest, AClientRefusesAJobManagerOfAnotherReleaseAtOnce) {
  const auto outcome = JobClient::create(publish_other_release(), {})->list({});
  ASSERT_FALSE(outcome.ok());
  EXPECT_EQ(ErrorKind::kProtocol, outcome.error().kind());
  EXPECT_TRUE(contains(outcome.error().message(), "protocol version")) << outcome.error().message();
}

TEST_F(ProcessTest, ATaskManagerEndsWhenItsJobManagerIsOfAnotherRelease) {
  TaskManagerProcessOptions options;
  options.job_manager = publish_other_release();
  const auto outcome = test::start_task_manager(options)->join();
  ASSERT_FALSE(outcome.ok());
  EXPECT_EQ(ErrorKind::kProtocol, outcome.error().kind());
  EXPECT_TRUE(contains(outcome.error().message(), "update this process"))
      << outcome.error().message();
}

TEST_F(ProcessTest, AJobManagerRefusesAPeerOfAnotherReleaseInWords) {
  const auto process = test::start_job_manager(job_manager_options());
  const auto job_manager =
      caf::actor_cast<job_manager_actor>(node_.connect(test::listening_at(*process)));
  ASSERT_TRUE(job_manager);
  proto::Hello hello;
  hello.set_protocol_version(runtime::kProtocolVersion + 1);
  hello.set_role("client");
  proto::HelloReply reply;
  const caf::scoped_actor self(node_.system);
  self->request(job_manager, std::chrono::seconds(10), hello)
      .receive([&](const proto::HelloReply& answer) { reply = answer; }, [](const caf::error&) {});
  EXPECT_EQ(proto::ERROR_PROTOCOL, reply.error().kind());
  EXPECT_TRUE(contains(reply.error().message(), "the client protocol version"))
      << reply.error().message();
  EXPECT_EQ("client", RecordingLog::field(process->log().await("peer_refused"), "role"));
}

}  // namespace
}  // namespace leat::actors
