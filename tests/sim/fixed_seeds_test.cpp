// A fixed set of seeds for each scenario; `./dev sim` runs random ones.

#include <algorithm>
#include <string>

#include <gtest/gtest.h>

#include "tests/sim/seed_runner.hpp"

namespace leat::sim {
namespace {

#ifdef LEAT_SIM_FEW_SEEDS
constexpr std::uint64_t kSeeds = 8;
#else
constexpr std::uint64_t kSeeds = 100;
#endif

class FixedSeeds : public ::testing::TestWithParam<Scenario> {};
INSTANTIATE_TEST_SUITE_P(Scenarios, FixedSeeds, ::testing::ValuesIn(all_scenarios()),
                         [](const auto& one) { return std::string(one.param.name); });

TEST_P(FixedSeeds, Hold) {
  const SeedRange range{1, kSeeds, find_scenario(GetParam().name)};
  std::uint64_t run = 0;
  run_seeds(range, 1, [&](const SeedResult& result) {
    ++run;
    EXPECT_EQ(result.report.violation, "")
        << "./dev sim --seed " << result.seed << " --scenario " << GetParam().name;
  });
  EXPECT_EQ(run, kSeeds);
}

TEST_P(FixedSeeds, DoTheSameWhenRunAgain) {
  const Scenario& scenario = *find_scenario(GetParam().name);
  for (std::uint64_t seed = 1; seed <= 3; ++seed) {
    const RunReport first = run_seed(scenario, seed);
    EXPECT_EQ(run_seed(scenario, seed).fingerprint, first.fingerprint) << "seed " << seed;
  }
}

}  // namespace
}  // namespace leat::sim
