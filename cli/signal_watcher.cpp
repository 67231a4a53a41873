#include "cli/signal_watcher.hpp"

#include <array>
#include <csignal>
#include <cstdint>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "cli/exit_code.hpp"
#include "runtime/base/check.hpp"

namespace leat::cli {

namespace {

int block_and_open() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  LEAT_CHECK(pthread_sigmask(SIG_BLOCK, &signals, nullptr) == 0);
  return signalfd(-1, &signals, SFD_CLOEXEC);
}

}  // namespace

SignalWatcher::SignalWatcher(actors::StopSignal& stop)
    : stop_(stop), signals_(block_and_open()), ended_(eventfd(0, EFD_CLOEXEC)) {
  LEAT_CHECK(signals_ >= 0 && ended_ >= 0);
  thread_ = std::thread([this] { watch(); });
}

SignalWatcher::~SignalWatcher() {
  const std::uint64_t one = 1;
  LEAT_CHECK(write(ended_, &one, sizeof one) == sizeof one);
  thread_.join();
  close(signals_);
  close(ended_);
}

void SignalWatcher::watch() {
  bool asked = false;
  while (true) {
    std::array<pollfd, 2> files{{{signals_, POLLIN, 0}, {ended_, POLLIN, 0}}};
    if (poll(files.data(), files.size(), -1) < 0)
      continue;
    if (files[1].revents != 0)
      return;
    signalfd_siginfo signal{};
    if (read(signals_, &signal, sizeof signal) != sizeof signal)
      continue;
    if (asked)
      _exit(kExitCancelled);
    asked = true;
    stop_.request();
  }
}

}  // namespace leat::cli
