// The simulation can see: each deliberate bug is caught within the fixed set.

#include "tests/sim/mutations.hpp"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "tests/sim/seed_runner.hpp"

namespace leat::sim {
namespace {

/// As many as the fixed set has of a scenario.
constexpr std::uint64_t kMostSeeds = 100;

class Mutations : public ::testing::TestWithParam<Mutation> {
 protected:
  ~Mutations() override { activate_mutation(""); }
};
INSTANTIATE_TEST_SUITE_P(All, Mutations,
                         ::testing::ValuesIn(all_mutations().begin(), all_mutations().end()),
                         [](const auto& one) { return std::string(one.param.name); });

TEST_P(Mutations, IsCaught) {
  const Scenario* scenario = find_scenario(GetParam().scenario);
  ASSERT_NE(scenario, nullptr) << GetParam().scenario;
  activate_mutation(GetParam().name);
  for (std::uint64_t seed = 1; seed <= kMostSeeds; ++seed) {
    if (!run_seed(*scenario, seed).violation.empty())
      return;
  }
  FAIL() << "nobody notices that " << GetParam().bug;
}

TEST(MutationTable, NamesEachBugThatTheEngineHas) {
  std::set<std::string> in_sources;
  constexpr std::string_view kPlace = "LEAT_MUTATION(";
  for (const auto& entry :
       std::filesystem::recursive_directory_iterator(LEAT_SOURCE_DIR "/runtime")) {
    if (entry.path().extension() != ".cpp")
      continue;
    std::ifstream file(entry.path());
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    for (std::size_t at = 0; (at = text.find(kPlace, at)) != std::string::npos;) {
      at += kPlace.size();
      in_sources.insert(text.substr(at, text.find(')', at) - at));
    }
  }
  std::set<std::string> in_table;
  for (const Mutation& mutation : all_mutations())
    in_table.emplace(mutation.name);
  EXPECT_EQ(in_table, in_sources);
}

}  // namespace
}  // namespace leat::sim
