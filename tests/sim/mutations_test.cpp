// The simulation can see: each deliberate bug is caught within the fixed set.

#include "tests/sim/mutations.hpp"

#include <string>

#include <gtest/gtest.h>

#include "tests/sim/seed_runner.hpp"

namespace leat::sim {
namespace {

/// As many as the fixed set has of a scenario.
constexpr std::uint64_t kMostSeeds = 60;

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

}  // namespace
}  // namespace leat::sim
