#include "cli/config_keys.hpp"

#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace leat::cli {
namespace {

/// Its least and its largest value, or all of its choices.
std::vector<std::string> extremes(const ConfigKey& key) {
  const auto bounds = [&](auto text) {
    return std::vector<std::string>{text(key.minimum), text(key.maximum)};
  };
  if (key.type == ValueType::kDuration)
    return bounds([](std::uint64_t ms) { return std::to_string(ms) + " ms"; });
  if (key.type == ValueType::kDecimal)
    return bounds([](std::uint64_t hundredths) {
      return std::to_string(hundredths / 100) + (hundredths % 100 < 10 ? ".0" : ".") +
             std::to_string(hundredths % 100);
    });
  if (key.type == ValueType::kInteger)
    return bounds([](std::uint64_t value) { return std::to_string(value); });
  std::vector<std::string> values;
  std::istringstream choices{std::string(key.choices)};
  for (std::string choice; std::getline(choices, choice, '|');)
    values.push_back(choice);
  return values;
}

TEST(ConfigKeys, HaveDefaultsThatAreValues) {
  for (const ConfigKey& key : config_keys()) {
    if (!key.default_text.empty())
      EXPECT_TRUE(check_config_value(key, key.default_text).ok()) << key.name;
    else
      EXPECT_FALSE(key.shown_default.empty()) << key.name;
  }
}

TEST(ConfigKeys, CheckRangeAndChoice) {
  const ConfigKey* parallelism = find_config_key("parallelism.default");
  ASSERT_NE(parallelism, nullptr);
  EXPECT_EQ(check_config_value(*parallelism, "0").error().message(),
            "'0' is out of range: it must be at least 1");
  EXPECT_FALSE(check_config_value(*parallelism, "40000").ok());
  const ConfigKey* mode = find_config_key("execution.runtime-mode");
  ASSERT_NE(mode, nullptr);
  EXPECT_TRUE(check_config_value(*mode, "batch").ok());
  EXPECT_EQ(check_config_value(*mode, "BATCHED").error().message(),
            "'BATCHED' is none of streaming|batch");
}

TEST(ConfigKeys, HoldEachOptionOfAJobWithinWhatTheEngineTakes) {
  for (const std::string_view name : runtime::job_option_keys()) {
    const ConfigKey* key = find_config_key(name);
    ASSERT_NE(key, nullptr) << name;
    EXPECT_NE(key->readers & kInSubmission, 0U) << name;
    EXPECT_NE(key->readers & kReadByJobManager, 0U) << name;
    runtime::JobOptions options;
    for (const std::string& value : extremes(*key))
      EXPECT_TRUE(runtime::set_job_option(options, name, value).ok()) << name << " = " << value;
  }
}

TEST(ConfigKeys, StateTheDefaultsThatTheEngineHas) {
  for (const std::string_view name : runtime::job_option_keys()) {
    const ConfigKey* key = find_config_key(name);
    if (key->default_text.empty())
      continue;
    runtime::JobOptions options;
    ASSERT_TRUE(runtime::set_job_option(options, name, key->default_text).ok()) << name;
    EXPECT_EQ(options, runtime::JobOptions()) << name;
  }
}

}  // namespace
}  // namespace leat::cli
