#include "cli/configuration.hpp"

#include <chrono>

#include <gmock/gmock.h>

#include "tests/support/temp_dir.hpp"

namespace leat::cli {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;

class ConfigurationTest : public ::testing::Test {
 protected:
  ConfigurationTest() { sources_.readers = ~0U; }

  std::string write(const std::string& text) { return directory_.write("leat.conf", text); }

  test::TempDir directory_;
  ConfigurationSources sources_;
};

TEST_F(ConfigurationTest, HasDefaults) {
  const auto configuration = Configuration::load(sources_);
  ASSERT_TRUE(configuration.ok());
  EXPECT_EQ(configuration->integer("parallelism.default"), 1U);
  EXPECT_EQ(configuration->duration("heartbeat.interval"), 500ms);
  EXPECT_EQ(configuration->origin("heartbeat.interval"), "the default");
  EXPECT_FALSE(configuration->is_set("heartbeat.interval"));
}

TEST_F(ConfigurationTest, LaterSourcesReplaceEarlierOnes) {
  const auto parallelism = [this] {
    return Configuration::load(sources_)->integer("parallelism.default");
  };
  sources_.file = write("parallelism.default = 2\n");
  EXPECT_EQ(parallelism(), 2U);
  sources_.environment["LEAT_PARALLELISM_DEFAULT"] = "3";
  EXPECT_EQ(parallelism(), 3U);
  sources_.definitions = {"parallelism.default=4"};
  EXPECT_EQ(parallelism(), 4U);
  sources_.options = {{"parallelism.default", "-p", "5"}};
  EXPECT_EQ(parallelism(), 5U);
}

TEST_F(ConfigurationTest, ReadsCommentsBlanksAndUnits) {
  sources_.file = write(
      "# a cluster\n\n  heartbeat.timeout =  4 s   # longer\r\n"
      "jobmanager.rpc.address=node#1\n");
  const auto configuration = Configuration::load(sources_);
  ASSERT_TRUE(configuration.ok());
  EXPECT_EQ(configuration->duration("heartbeat.timeout"), 4s);
  EXPECT_EQ(configuration->text("jobmanager.rpc.address"), "node#1");
  EXPECT_EQ(configuration->origin("heartbeat.timeout"), *sources_.file + ", line 3");
}

TEST_F(ConfigurationTest, LooksForTheFileInTheConfDirectory) {
  write("parallelism.default = 6\n");
  sources_.environment["LEAT_CONF_DIR"] = directory_.path().string();
  EXPECT_EQ(Configuration::load(sources_)->integer("parallelism.default"), 6U);
}

TEST_F(ConfigurationTest, MissesAFileThatIsAskedFor) {
  sources_.file = directory_.file("absent.conf");
  const auto configuration = Configuration::load(sources_);
  ASSERT_FALSE(configuration.ok());
  EXPECT_THAT(configuration.error().message(), HasSubstr("absent.conf cannot be read"));
}

TEST_F(ConfigurationTest, NamesFileLineAndNearestKeyForAnUnknownOne) {
  sources_.file = write("\nparalelism.default = 2\n");
  const auto configuration = Configuration::load(sources_);
  ASSERT_FALSE(configuration.ok());
  EXPECT_EQ(configuration.error().message(),
            *sources_.file +
                ", line 2: unknown key 'paralelism.default'; the nearest known one is "
                "'parallelism.default' ('leat help config' lists all)");
}

TEST_F(ConfigurationTest, NamesFileLineAndKeyForAWrongValue) {
  sources_.file = write("heartbeat.interval = fast\n");
  const auto configuration = Configuration::load(sources_);
  ASSERT_FALSE(configuration.ok());
  EXPECT_THAT(configuration.error().message(),
              HasSubstr("leat.conf, line 1: heartbeat.interval: 'fast' is not a time"));
}

TEST_F(ConfigurationTest, RefusesALineWithoutEqualsAndAKeyTwice) {
  sources_.file = write("parallelism.default: 2\n");
  EXPECT_THAT(Configuration::load(sources_).error().message(),
              HasSubstr("line 1: 'parallelism.default: 2' is not of the form 'key = value'"));
  sources_.file = write("log.level = info\nlog.level = warn\n");
  EXPECT_THAT(Configuration::load(sources_).error().message(),
              HasSubstr("line 2: 'log.level' stands in line 1 already"));
}

TEST_F(ConfigurationTest, NamesTheOptionOfAWrongValue) {
  sources_.options = {{"parallelism.default", "-p", "0"}};
  EXPECT_EQ(Configuration::load(sources_).error().message(),
            "-p: '0' is out of range: it must be at least 1");
}

TEST_F(ConfigurationTest, TakesAMistypedVariableForAnErrorButNotAForeignOne) {
  sources_.environment["LEAT_JOBMANAGER_SERVICE_HOST"] = "10.0.0.1";
  EXPECT_TRUE(Configuration::load(sources_).ok());
  sources_.environment["LEAT_PARALELISM_DEFAULT"] = "2";
  EXPECT_THAT(Configuration::load(sources_).error().message(),
              HasSubstr("did you mean LEAT_PARALLELISM_DEFAULT?"));
}

TEST_F(ConfigurationTest, RefusesADefinitionThatTheCommandDoesNotRead) {
  sources_.readers = kReadByTaskManager;
  sources_.definitions = {"heartbeat.lease=20 s"};
  EXPECT_EQ(Configuration::load(sources_).error().message(),
            "-D heartbeat.lease: not read by this command, but by: leat "
            "local, jobmanager");
  // In a file that several processes share it is welcome.
  sources_.definitions.clear();
  sources_.file = write("heartbeat.lease = 20 s\n");
  EXPECT_TRUE(Configuration::load(sources_).ok());
}

TEST_F(ConfigurationTest, HandsOutWhatTravelsWithAJob) {
  sources_.readers = kReadByRun;
  sources_.definitions = {"execution.runtime-mode=batch", "log.level=debug",
                          "execution.checkpointing.interval=1 s"};
  EXPECT_THAT(Configuration::load(sources_)->set_for(kInSubmission),
              ElementsAre(Pair("execution.checkpointing.interval", "1 s"),
                          Pair("execution.runtime-mode", "batch")));
}

}  // namespace
}  // namespace leat::cli
