// The one binary: leat.

#include <csignal>
#include <iostream>
#include <string>
#include <unistd.h>
#include <vector>

#include "cli/configuration.hpp"
#include "cli/dispatch.hpp"
#include "cli/exit_code.hpp"
#include "runtime/base/crash_point.hpp"
#include "runtime/coordination/protocol_version.hpp"

int main(int argc, char** argv) {
  // A reader that goes away is an error of the write, to be told; not the end of the process.
  signal(SIGPIPE, SIG_IGN);
  std::ios::sync_with_stdio(false);
  const auto environment = leat::cli::process_environment();
  if (const auto crash = environment.find(leat::kCrashVariable); crash != environment.end()) {
    if (const auto armed = leat::arm_crash_point(crash->second); !armed) {
      std::cerr << "leat: " << armed.error().message() << '\n';
      return leat::cli::exit_code(armed.error());
    }
  }
  if (const auto version = environment.find(leat::runtime::kProtocolVariable);
      version != environment.end()) {
    if (const auto set = leat::runtime::pretend_protocol_version(version->second); !set) {
      std::cerr << "leat: " << set.error().message() << '\n';
      return leat::cli::exit_code(set.error());
    }
  }
  const std::vector<std::string> words(argv + (argc > 0 ? 1 : 0), argv + argc);
  leat::cli::Streams streams{std::cout, std::cerr, isatty(STDERR_FILENO) != 0};
  return leat::cli::dispatch(words, environment, streams);
}
