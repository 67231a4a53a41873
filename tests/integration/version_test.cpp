// Processes of neighbouring protocol versions in one cluster, as in a rolling update.

#include <csignal>
#include <string>

#include <gmock/gmock.h>

#include "runtime/coordination/protocol_version.hpp"
#include "tests/integration/checkpoints.hpp"
#include "tests/integration/cluster.hpp"

namespace leat::test {
namespace {

using ::testing::HasSubstr;

constexpr const char* kVariable = runtime::kProtocolVariable;
constexpr const char* kRunning = "event=job_state [^\n]* to=RUNNING";

std::string version(std::uint32_t later) {
  return std::to_string(runtime::kProtocolVersion + later);
}

TEST(ProtocolVersion, ARollingUpdateOfTheJobManagerFirstKeepsAJobExact) {
  CheckpointedSequence sequence;
  sequence.count = 100'000;
  Cluster cluster;
  cluster.add_task_managers(2, 1);
  cluster.task_manager(0).wait_for(Stream::kErr, "registered .*protocol_version=" + version(0));
  Process client(cluster.client("run", sequence.words()));
  wait_for_checkpoints(cluster, job_id(client), 2);

  cluster.set_environment(kVariable, version(1));
  cluster.job_manager().signal(SIGTERM);
  EXPECT_EQ(cluster.job_manager().wait(), 0);
  cluster.await_crash_and_restart_job_manager();
  cluster.job_manager().wait_for(Stream::kErr, kRunning);
  cluster.job_manager().wait_for(Stream::kErr,
                                 "taskmanager_registered [^\n]*protocol_version=" + version(0), 2);

  for (const std::size_t old : {0U, 1U}) {
    cluster.add_task_managers(1, 1);
    cluster.task_manager(cluster.task_managers() - 1)
        .wait_for(Stream::kErr, "registered .*protocol_version=" + version(1));
    cluster.task_manager(old).signal(SIGTERM);
    EXPECT_EQ(cluster.task_manager(old).wait(), 0);
    cluster.job_manager().wait_for(Stream::kErr, kRunning, old + 2);
  }
  EXPECT_EQ(client.wait(), 0) << client.err();
  sequence.expect_exact();
}

TEST(ProtocolVersion, TaskManagersMayBeOneAhead) {
  CheckpointedSequence sequence;
  Cluster cluster;
  cluster.set_environment(kVariable, version(1));
  cluster.add_task_managers(1, 1);
  cluster.set_environment(kVariable, version(0));
  cluster.add_task_managers(1, 1);
  for (const std::size_t each : {0U, 1U})
    cluster.task_manager(each).wait_for(Stream::kErr,
                                        "registered .*protocol_version=" + version(0));
  const Outcome outcome = cluster.run_client("run", sequence.words());
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  sequence.expect_exact();
}

TEST(ProtocolVersion, TwoApartPartInWordsOnBothSides) {
  Cluster cluster;
  ProcessOptions ahead;
  ahead.environment[kVariable] = version(2);
  for (const auto& command :
       {leat({"taskmanager", "--jobmanager", cluster.address()}), cluster.client("list", {})}) {
    const Outcome outcome = run(command, ahead);
    EXPECT_EQ(outcome.code, 3);
    EXPECT_THAT(outcome.err, HasSubstr("the JobManager at " + cluster.address() +
                                       " speaks protocol version " + version(0)));
    EXPECT_THAT(outcome.err, HasSubstr("protocol versions " + version(1) + " to " + version(2)));
    EXPECT_THAT(outcome.err, HasSubstr("update the JobManager"));
  }
  cluster.job_manager().wait_for(Stream::kErr, "event=peer_refused role=TaskManager ");
  cluster.job_manager().wait_for(Stream::kErr, "event=peer_refused role=client ");
  ahead.environment[kVariable] = "two";
  const Outcome wrong = run(leat({"list"}), ahead);
  EXPECT_EQ(wrong.code, 2);
  EXPECT_THAT(wrong.err, HasSubstr("LEAT_PROTOCOL_VERSION='two'"));
}

}  // namespace
}  // namespace leat::test
