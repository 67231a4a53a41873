// Commands that only look, and how a run looks on a terminal.

#include <gmock/gmock.h>

#include "tests/integration/cluster.hpp"
#include "tests/integration/oracle.hpp"

namespace leat::test {
namespace {

using ::testing::AllOf;
using ::testing::ContainsRegex;
using ::testing::HasSubstr;
using ::testing::Not;

class Commands : public ::testing::Test {
 protected:
  TempDir directory_;
  std::string input_ = directory_.write("input", "some words\nsome more\n");
};

TEST_F(Commands, HelpNamesEachCommandAndItsExample) {
  const Outcome general = run(leat({"help"}));
  EXPECT_EQ(general.code, 0);
  for (const char* command :
       {"local", "jobmanager", "taskmanager", "run", "list", "cancel", "info"}) {
    EXPECT_THAT(general.out, HasSubstr(std::string("  ") + command + " "));
    const Outcome help = run(leat({command, "--help"}));
    EXPECT_EQ(help.code, 0);
    EXPECT_THAT(help.out, HasSubstr(std::string("Example:\n  leat ") + command));
    EXPECT_EQ(run(leat({"help", command})).out, help.out);
  }
}

TEST_F(Commands, VersionIsTold) {
  const Outcome outcome = run(leat({"--version"}));
  EXPECT_EQ(outcome.code, 0);
  EXPECT_THAT(outcome.out, ContainsRegex("^leat [0-9]+\\.[0-9]+\\.[0-9]+\n$"));
}

TEST_F(Commands, InfoShowsThePlanWithoutRunningTheJob) {
  const Outcome table = run(leat(
      {"info", example_job("word_count"), "--input", input_, "--output", directory_.file("out")}));
  EXPECT_EQ(table.code, 0) << table.err;
  EXPECT_THAT(table.out, AllOf(HasSubstr("Stage 0"), HasSubstr("(HASH)")));
  const Outcome json = run(leat({"info", "--json", "-p", "4", example_job("word_count"), "--input",
                                 input_, "--output", directory_.file("out")}));
  EXPECT_THAT(json.out,
              AllOf(HasSubstr("\"parallelism\": 4"), HasSubstr("\"ship_strategy\": \"HASH\"")));
  EXPECT_FALSE(std::filesystem::exists(directory_.file("out")));
}

TEST_F(Commands, ListShowsEndedJobsOnRequest) {
  Cluster cluster;
  cluster.add_task_managers(1, 1);
  EXPECT_EQ(cluster.run_client("list", {}).out, "No running jobs.\n");
  ASSERT_EQ(cluster
                .run_client("run", {"--name", "my words", example_job("word_count"), "--input",
                                    input_, "--output", directory_.file("out")})
                .code,
            0);
  EXPECT_EQ(cluster.run_client("list", {}).out, "No running jobs.\n");
  EXPECT_THAT(cluster.run_client("list", {"-a"}).out,
              ContainsRegex("[0-9a-f]{32}  my words  FINISHED  -"));
}

TEST_F(Commands, RunEndsWithStateAndRunTimeInFlinksWords) {
  Cluster cluster;
  cluster.add_task_managers(1, 1);
  const Outcome outcome = cluster.run_client(
      "run", {example_job("word_count"), "--input", input_, "--output", directory_.file("out")});
  EXPECT_EQ(outcome.code, 0);
  EXPECT_EQ(outcome.out, "");
  EXPECT_THAT(outcome.err, ContainsRegex("Job has been submitted with JobID ([0-9a-f]{32})\n"));
  EXPECT_THAT(outcome.err, ContainsRegex("Job with JobID [0-9a-f]{32} has finished\\.\n"
                                         "Job Runtime: [0-9]+ ms"));
}

TEST_F(Commands, LocalIsQuietInAFileAndLiveOnATerminal) {
  const std::vector<std::string> command =
      leat({"local", example_job("sequence"), "--count", "500", "--rate", "1000", "--keys", "2",
            "--output", directory_.file("plain")});
  const Outcome plain = run(command);
  ASSERT_EQ(plain.code, 0) << plain.err;
  EXPECT_THAT(plain.err,
              AllOf(HasSubstr("running 1 of 1"), Not(HasSubstr("\x1b")), Not(HasSubstr("event="))));
  std::vector<std::string> again = command;
  again.back() = directory_.file("live");
  const Outcome live = run(again, {.terminal = true});
  ASSERT_EQ(live.code, 0) << live.err;
  EXPECT_THAT(live.err, HasSubstr("\r\x1b[KRUNNING, running 1 of 1"));
}

TEST_F(Commands, LogLinesAreJsonOnRequest) {
  Process manager(leat({"jobmanager", "--port", "0", "--log-format", "json", "--data-dir",
                        directory_.file("data")}));
  manager.wait_for(Stream::kErr, R"(\{"time":"[^\n]*"event":"listening"[^\n]*\})");
}

TEST_F(Commands, SettingsComeFromFileAndEnvironment) {
  const std::string conf =
      directory_.write("leat.conf", "parallelism.default = 3\ntaskmanager.numberOfTaskSlots = 4\n");
  const std::vector<std::string> command =
      leat({"local", example_job("sequence"), "--count", "500", "--rate", "1000", "--keys", "2",
            "--output", directory_.file("out")});
  const Outcome outcome = run(command, {.environment = {{"LEAT_CONF_DIR", directory_.path()},
                                                        {"LEAT_PARALLELISM_DEFAULT", "4"}}});
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_THAT(outcome.err, HasSubstr("running 4 of 4"));
}

}  // namespace
}  // namespace leat::test
