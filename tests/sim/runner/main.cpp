// `./dev sim`: random seeds on all cores until they have passed or one has failed; or one seed again.

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <sys/personality.h>
#include <thread>
#include <unistd.h>

#include "tests/sim/mutations.hpp"
#include "tests/sim/seed_runner.hpp"

namespace {

using leat::sim::RunReport;
using leat::sim::Scenario;
using leat::sim::SeedRange;
using leat::sim::SeedResult;

constexpr const char* kUsage =
    R"(Usage: sim_runner [--seeds N] [--from S] [--scenario NAME] [--jobs N]
       sim_runner --seed S [--scenario NAME] [--trace]

  --mutation NAME  with this bug switched on
  --seeds N        so many seeds (1000), from a random one on
  --from S         from this one on
  --seed S         this one alone, as it went before
  --trace          print all that happens
  --scenario NAME  this scenario only; 'list' names them
  --jobs N         processes at a time (as there are cores)
)";

struct Options {
  std::uint64_t seeds = 1000;
  std::optional<std::uint64_t> from;
  std::optional<std::uint64_t> seed;
  const Scenario* scenario = nullptr;
  std::uint32_t jobs = std::max(1U, std::thread::hardware_concurrency());
  bool trace = false;
};

[[noreturn]] void fail(const std::string& reason) {
  std::fprintf(stderr, "sim_runner: %s\n%s", reason.c_str(), kUsage);
  std::exit(2);
}

template <class Number>
Number number(std::string_view option, const char* text) {
  Number value{};
  const char* end = text == nullptr ? nullptr : text + std::strlen(text);
  if (text == nullptr || std::from_chars(text, end, value).ptr != end)
    fail(std::string(option) + " needs a number");
  return value;
}

const Scenario* scenario(const char* name) {
  const Scenario* found = name == nullptr ? nullptr : leat::sim::find_scenario(name);
  if (found != nullptr)
    return found;
  for (const Scenario& one : leat::sim::all_scenarios())
    std::printf("%.*s\n", static_cast<int>(one.name.size()), one.name.data());
  std::exit(name != nullptr && std::string_view(name) == "list" ? 0 : 2);
}

Options parse(char** arguments) {
  Options options;
  for (++arguments; *arguments != nullptr; ++arguments) {
    const std::string_view option = *arguments;
    if (option == "--trace")
      options.trace = true;
    else if (option == "--seeds")
      options.seeds = number<std::uint64_t>(option, *++arguments);
    else if (option == "--from")
      options.from = number<std::uint64_t>(option, *++arguments);
    else if (option == "--seed")
      options.seed = number<std::uint64_t>(option, *++arguments);
    else if (option == "--jobs")
      options.jobs = std::max(1U, number<std::uint32_t>(option, *++arguments));
    else if (option == "--mutation")
      leat::sim::activate_mutation(*++arguments == nullptr ? "" : *arguments);
    else if (option == "--scenario")
      options.scenario = scenario(*++arguments);
    else
      fail("unknown option '" + std::string(option) + "'");
    if (*arguments == nullptr)
      fail(std::string(option) + " needs a value");
  }
  return options;
}

/// Addresses are the same in each run: hash tables iterate in an order that depends on them.
void fix_addresses(char** arguments) {
  const int now = personality(0xffffffff);
  if (now == -1 || (now & ADDR_NO_RANDOMIZE) != 0)
    return;
  if (personality(static_cast<unsigned long>(now) | ADDR_NO_RANDOMIZE) != -1)
    execv("/proc/self/exe", arguments);
}

std::string command(const SeedRange& range, std::uint64_t seed) {
  std::string text = "./dev sim --seed " + std::to_string(seed);
  if (range.only != nullptr)
    text += " --scenario " + std::string(range.only->name);
  return text;
}

int run_one(const Options& options) {
  const SeedRange range{*options.seed, 1, options.scenario};
  const Scenario& scenario = leat::sim::scenario_of(range, *options.seed);
  const RunReport report = leat::sim::run_seed(scenario, *options.seed, options.trace);
  std::printf(
      "seed %llu, scenario %.*s: %s (%llu steps, %.1f s simulated, %u attempts, %llu "
      "checkpoints)\n",
      static_cast<unsigned long long>(*options.seed), static_cast<int>(scenario.name.size()),
      scenario.name.data(), report.violation.empty() ? "passed" : report.violation.c_str(),
      static_cast<unsigned long long>(report.steps), report.simulated_seconds, report.attempts,
      static_cast<unsigned long long>(report.checkpoints));
  return report.violation.empty() ? 0 : 1;
}

int run_many(const Options& options) {
  const SeedRange range{options.from.value_or(std::random_device()()), options.seeds,
                        options.scenario};
  std::printf("%llu seeds from %llu on\n", static_cast<unsigned long long>(range.count),
              static_cast<unsigned long long>(range.first));
  const auto start = std::chrono::steady_clock::now();
  std::uint64_t passed = 0;
  std::uint64_t failed = 0;
  double simulated = 0;
  std::uint64_t checkpoints = 0;
  std::uint64_t attempts = 0;
  leat::sim::run_seeds(range, options.jobs, [&](const SeedResult& result) {
    simulated += result.report.simulated_seconds;
    checkpoints += result.report.checkpoints;
    attempts += result.report.attempts;
    if (result.report.violation.empty()) {
      ++passed;
      return;
    }
    ++failed;
    const auto name = leat::sim::scenario_of(range, result.seed).name;
    std::printf("FAILED %s   # %.*s: %s\n", command(range, result.seed).c_str(),
                static_cast<int>(name.size()), name.data(), result.report.violation.c_str());
    std::fflush(stdout);
  });
  failed += range.count - passed - failed;  // of workers that died
  const double seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  std::printf(
      "%llu seeds passed, %llu failed: %.0f s, %.1f a second and process; %llu attempts, "
      "%llu checkpoints, %.1f h simulated\n",
      static_cast<unsigned long long>(passed), static_cast<unsigned long long>(failed), seconds,
      static_cast<double>(range.count) / seconds / options.jobs,
      static_cast<unsigned long long>(attempts), static_cast<unsigned long long>(checkpoints),
      simulated / 3600);
  return failed == 0 ? 0 : 1;
}

}  // namespace

int main(int /*count*/, char** arguments) {
  const Options options = parse(arguments);
  fix_addresses(arguments);
  return options.seed ? run_one(options) : run_many(options);
}
