#include "cli/dispatch.hpp"

#include <sstream>

#include <gmock/gmock.h>

#include "cli/config_keys.hpp"

namespace leat::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

class DispatchTest : public ::testing::Test {
 protected:
  int run(const std::vector<std::string>& words) {
    Streams streams{out_, err_, false};
    return dispatch(words, environment_, streams);
  }

  std::map<std::string, std::string> environment_;
  std::ostringstream out_;
  std::ostringstream err_;
};

TEST_F(DispatchTest, MissesACommand) {
  EXPECT_EQ(run({}), 2);
  EXPECT_EQ(err_.str(), "leat: a command is missing\n'leat help' tells how it is used.\n");
}

TEST_F(DispatchTest, NamesTheNearestCommand) {
  EXPECT_EQ(run({"taskmanger"}), 2);
  EXPECT_THAT(err_.str(), HasSubstr("did you mean 'taskmanager'?"));
}

TEST_F(DispatchTest, SaysWhichCommandRefusedAndWhereItsHelpIs) {
  EXPECT_EQ(run({"list", "--al"}), 2);
  EXPECT_EQ(err_.str(),
            "leat list: unknown option '--al'; did you mean '--all'?\n"
            "'leat help list' tells how it is used.\n");
}

TEST_F(DispatchTest, SaysWhatACommandAboutAJobMisses) {
  const std::string job = "0123456789abcdef0123456789abcdef";
  EXPECT_EQ(run({"checkpoints"}), 2);
  EXPECT_THAT(err_.str(), HasSubstr("a job id is missing"));
  EXPECT_EQ(run({"savepoint", job}), 2);
  EXPECT_THAT(err_.str(), HasSubstr("the directory is missing"));
  EXPECT_EQ(run({"stop", job}), 2);
  EXPECT_THAT(err_.str(), HasSubstr("--savepoint DIR is missing"));
  EXPECT_EQ(run({"rescale", job}), 2);
  EXPECT_THAT(err_.str(), HasSubstr("-p N is missing"));
  EXPECT_EQ(run({"rescale", job, "-p", "0"}), 2);
  EXPECT_THAT(err_.str(), HasSubstr("-p: '0' is out of range"));
  EXPECT_EQ(run({"checkpoints", "42"}), 2);
  EXPECT_THAT(err_.str(), HasSubstr("'42' is no job id"));
}

TEST_F(DispatchTest, ShowsHelpOfEachCommand) {
  for (const Command& command : commands()) {
    out_.str("");
    EXPECT_EQ(run({std::string(command.name), "-h"}), 0);
    EXPECT_THAT(out_.str(), StartsWith("Usage: leat " + std::string(command.name)));
    for (const OptionSpec& option : command.options)
      EXPECT_THAT(out_.str(), HasSubstr("--" + std::string(option.name)));
  }
}

TEST_F(DispatchTest, ListsEveryConfigurationKeyWithItsReaders) {
  EXPECT_EQ(run({"help", "config"}), 0);
  for (const ConfigKey& key : config_keys()) {
    EXPECT_THAT(out_.str(), HasSubstr("\n" + std::string(key.name) + "\n"));
    EXPECT_NE(readers_text(key), "") << key.name;
  }
}

TEST_F(DispatchTest, EveryOptionSetsAKeyThatItsCommandReads) {
  for (const Command& command : commands()) {
    for (const OptionSpec& option : command.options) {
      if (option.key.empty())
        continue;
      const ConfigKey* key = find_config_key(option.key);
      ASSERT_NE(key, nullptr) << option.key;
      EXPECT_NE(key->readers & command.reader, 0U) << command.name << " --" << option.name;
    }
  }
}

TEST_F(DispatchTest, RefusesAMalformedEndpoint) {
  for (const char* endpoint : {"localhost", ":6123", "host:", "host:0", "host:70000", "::1:6123"}) {
    err_.str("");
    EXPECT_EQ(run({"list", "-m", endpoint}), 2) << endpoint;
    EXPECT_THAT(err_.str(), HasSubstr("is not of the form HOST:PORT"));
  }
}

TEST_F(DispatchTest, RefusesContradictingTimes) {
  EXPECT_EQ(run({"list", "-D", "heartbeat.timeout=100 ms"}), 2);
  EXPECT_THAT(err_.str(), HasSubstr("heartbeat.timeout (100 ms, -D) must be longer than "
                                    "heartbeat.interval (500 ms, the default)"));
}

}  // namespace
}  // namespace leat::cli
