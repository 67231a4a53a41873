// Runs a program and writes what it used: run_measured REPORT PROGRAM [ARGUMENT...]
//
// REPORT becomes one line: wall time from exec to exit in ns, user and system time in µs, peak resident
// memory in kB, exit status (128 + signal if one ended it). A large process that measured for itself
// would see its own memory as the program's peak: a child begins as a copy of its parent. This one is
// small, so what it reports is the program's.
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

namespace {

constexpr int kCannotRun = 127;

[[noreturn]] void run_program(char** program) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);  // whoever stops us stops the program
  ::execvp(program[0], program);
  std::perror(program[0]);
  ::_exit(kCannotRun);
}

long microseconds(const timeval& time) {
  return time.tv_sec * 1'000'000 + time.tv_usec;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) {
    std::fputs("usage: run_measured REPORT PROGRAM [ARGUMENT...]\n", stderr);
    return 2;
  }
  const auto start = std::chrono::steady_clock::now();
  const pid_t child = ::fork();
  if (child < 0) {
    std::perror("run_measured: fork");
    return 1;
  }
  if (child == 0)
    run_program(argv + 2);
  int status = 0;
  rusage usage{};
  if (::wait4(child, &status, 0, &usage) != child) {
    std::perror("run_measured: wait4");
    return 1;
  }
  const std::chrono::nanoseconds wall = std::chrono::steady_clock::now() - start;
  const int code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  std::FILE* report = std::fopen(argv[1], "w");
  if (report == nullptr) {
    std::perror(argv[1]);
    return 1;
  }
  std::fprintf(report, "%lld %ld %ld %ld %d\n", static_cast<long long>(wall.count()),
               microseconds(usage.ru_utime), microseconds(usage.ru_stime), usage.ru_maxrss, code);
  return std::fclose(report) == 0 ? 0 : 1;
}
