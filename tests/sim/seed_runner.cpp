#include "tests/sim/seed_runner.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <sys/wait.h>
#include <unistd.h>
#include <utility>
#include <vector>

#include "runtime/base/check.hpp"

namespace leat::sim {

namespace {

constexpr unsigned kSecondsForOne = 60;

/// What goes through a pipe in one piece: less than PIPE_BUF.
struct Message {
  std::uint64_t seed;
  std::uint64_t steps;
  std::uint64_t fingerprint;
  double simulated_seconds;
  std::uint32_t attempts;
  std::uint64_t checkpoints;
  std::array<char, 1500> violation;
};

Message to_message(std::uint64_t seed, const RunReport& report) {
  Message message{};
  message.seed = seed;
  message.steps = report.steps;
  message.fingerprint = report.fingerprint;
  message.simulated_seconds = report.simulated_seconds;
  message.attempts = report.attempts;
  message.checkpoints = report.checkpoints;
  report.violation.copy(message.violation.data(), message.violation.size() - 1);
  return message;
}

RunReport from_message(const Message& message) {
  return {message.violation.data(),  message.steps,    message.fingerprint,
          message.simulated_seconds, message.attempts, message.checkpoints};
}

bool read_message(int from, Message& message) {
  std::size_t got = 0;
  auto* bytes = reinterpret_cast<char*>(&message);
  while (got < sizeof message) {
    const ssize_t some = read(from, bytes + got, sizeof message - got);
    if (some <= 0)
      return false;
    got += static_cast<std::size_t>(some);
  }
  return true;
}

void write_message(int to, const Message& message) {
  static_cast<void>(!write(to, &message, sizeof message));
}

struct Pipe {
  Pipe() { LEAT_CHECK(pipe(ends) == 0); }
  int ends[2] = {-1, -1};
};

void print_line(Time time, const std::string& text) {
  const double ms = std::chrono::duration<double, std::milli>(time.time_since_epoch()).count();
  std::printf("%12.3f ms  %s\n", ms, text.c_str());
}

[[noreturn]] void child(const Scenario& scenario, std::uint64_t seed, bool trace, int to) {
  alarm(kSecondsForOne);
  if (trace)
    std::setvbuf(stdout, nullptr, _IOLBF, 1 << 16);
  const RunReport report = run_scenario(scenario, seed, trace ? print_line : TraceLine());
  std::fflush(stdout);
  write_message(to, to_message(seed, report));
  _exit(0);
}

std::string cause_of_death(int status) {
  if (!WIFSIGNALED(status))
    return "it ended without a report, with code " + std::to_string(WEXITSTATUS(status));
  if (WTERMSIG(status) == SIGALRM)
    return "it takes longer than " + std::to_string(kSecondsForOne) + " s";
  return "it died: " + std::string(strsignal(WTERMSIG(status)));
}

/// Every `workers`-th seed from `offset` on.
[[noreturn]] void worker(const SeedRange& range, std::uint32_t workers, std::uint32_t offset,
                         int to) {
  for (std::uint64_t i = offset; i < range.count; i += workers) {
    const std::uint64_t seed = range.first + i;
    write_message(to, to_message(seed, run_seed(scenario_of(range, seed), seed)));
  }
  _exit(0);
}

}  // namespace

const Scenario& scenario_of(const SeedRange& range, std::uint64_t seed) {
  if (range.only != nullptr)
    return *range.only;
  return all_scenarios()[seed % all_scenarios().size()];
}

RunReport run_seed(const Scenario& scenario, std::uint64_t seed, bool trace) {
  const Pipe pipe;
  std::fflush(stdout);
  const pid_t pid = fork();
  LEAT_CHECK(pid >= 0);
  if (pid == 0)
    child(scenario, seed, trace, pipe.ends[1]);
  close(pipe.ends[1]);
  Message message{};
  const bool reported = read_message(pipe.ends[0], message);
  close(pipe.ends[0]);
  int status = 0;
  LEAT_CHECK(waitpid(pid, &status, 0) == pid);
  if (reported)
    return from_message(message);
  RunReport report;
  report.violation = cause_of_death(status);
  return report;
}

void run_seeds(const SeedRange& range, std::uint32_t workers,
               const std::function<void(const SeedResult&)>& on_result) {
  const Pipe results;
  std::vector<pid_t> pids;
  std::fflush(stdout);
  for (std::uint32_t offset = 0; offset < workers; ++offset) {
    pids.push_back(fork());
    LEAT_CHECK(pids.back() >= 0);
    if (pids.back() == 0)
      worker(range, workers, offset, results.ends[1]);
  }
  close(results.ends[1]);
  Message message{};
  while (read_message(results.ends[0], message))
    on_result({message.seed, from_message(message)});
  close(results.ends[0]);
  for (const pid_t pid : pids)
    waitpid(pid, nullptr, 0);
}

}  // namespace leat::sim
