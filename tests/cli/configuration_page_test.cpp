// docs/configuration.md says of each key what the table in the code says.

#include <fstream>
#include <sstream>

#include <gmock/gmock.h>

#include "cli/config_keys.hpp"
#include "cli/configuration.hpp"

namespace leat::cli {
namespace {

std::string escaped(std::string_view text) {
  std::string result;
  for (const char c : text)
    result += c == '|' ? std::string("\\|") : std::string{c};
  return result;
}

std::string row(const ConfigKey& key) {
  return "| `" + std::string(key.name) + "` | " + escaped(values_text(key)) + " | " +
         escaped(default_text(key)) + " | " + readers_text(key) + " | " + escaped(key.description) +
         " |";
}

TEST(ConfigurationPage, HoldsTheTableOfKeysAsItIsInTheCode) {
  std::string expected;
  for (const ConfigKey& key : config_keys())
    expected += row(key) + "\n";
  std::string actual;
  std::ifstream page(std::string(LEAT_SOURCE_DIR) + "/docs/configuration.md");
  for (std::string line; std::getline(page, line);) {
    if (line.starts_with("| `"))
      actual += line + "\n";
  }
  EXPECT_EQ(actual, expected);
}

TEST(ConfigurationPage, GivesEachKeyAnEnvironmentVariableOfItsOwn) {
  std::map<std::string, std::string_view> names;
  for (const ConfigKey& key : config_keys())
    EXPECT_TRUE(names.emplace(environment_name(key.name), key.name).second) << key.name;
}

}  // namespace
}  // namespace leat::cli
