// docs/cli.md names each command and each option.

#include <fstream>
#include <sstream>

#include <gmock/gmock.h>

#include "cli/command.hpp"

namespace leat::cli {
namespace {

using ::testing::HasSubstr;

TEST(CliPage, NamesEachCommandAndOption) {
  std::ostringstream text;
  text << std::ifstream(std::string(LEAT_SOURCE_DIR) + "/docs/cli.md").rdbuf();
  for (const Command& command : commands()) {
    EXPECT_THAT(text.str(), HasSubstr("`leat " + std::string(command.name) + " "));
    for (const OptionSpec& option : command.options) {
      EXPECT_THAT(text.str(), HasSubstr("--" + std::string(option.name))) << command.name;
      EXPECT_THAT(text.str(), HasSubstr("`" + option.shown())) << command.name;
    }
  }
}

}  // namespace
}  // namespace leat::cli
