#include "tests/integration/process.hpp"

#include <array>
#include <csignal>
#include <fcntl.h>
#include <iostream>
#include <poll.h>
#include <regex>
#include <stdexcept>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <gtest/gtest.h>
#include <pty.h>

#include "runtime/base/check.hpp"

extern char** environ;

namespace leat::test {

namespace {

struct Pipe {
  int read;
  int write;
};

Pipe make_pipe() {
  std::array<int, 2> ends{};
  LEAT_CHECK(pipe2(ends.data(), O_CLOEXEC) == 0);
  return {ends[0], ends[1]};
}

Pipe make_terminal() {
  Pipe ends{};
  LEAT_CHECK(openpty(&ends.read, &ends.write, nullptr, nullptr, nullptr) == 0);
  LEAT_CHECK(fcntl(ends.read, F_SETFD, FD_CLOEXEC) == 0);
  LEAT_CHECK(fcntl(ends.write, F_SETFD, FD_CLOEXEC) == 0);
  return ends;
}

std::vector<std::string> merged_environment(const std::map<std::string, std::string>& more) {
  std::vector<std::string> merged;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string text(*entry);
    if (!more.contains(text.substr(0, text.find('='))))
      merged.push_back(text);
  }
  for (const auto& [name, value] : more)
    merged.emplace_back(name).append("=").append(value);
  return merged;
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> result;
  result.reserve(texts.size() + 1);
  for (std::string& text : texts)
    result.push_back(text.data());
  result.push_back(nullptr);
  return result;
}

/// True while more may come.
bool read_some(int file, std::string& text) {
  std::array<char, 65536> block{};
  const ssize_t size = read(file, block.data(), block.size());
  if (size <= 0)  // a terminal that is closed answers with an error
    return false;
  text.append(block.data(), static_cast<std::size_t>(size));
  return true;
}

}  // namespace

Process::Process(const std::vector<std::string>& command, const ProcessOptions& options) {
  const Pipe out = make_pipe();
  const Pipe err = options.terminal ? make_terminal() : make_pipe();
  std::vector<std::string> words = command;
  std::vector<std::string> settings = merged_environment(options.environment);
  const std::vector<char*> argv = pointers(words);
  const std::vector<char*> envp = pointers(settings);
  const char* directory = options.directory.empty() ? nullptr : options.directory.c_str();
  pid_ = fork();
  LEAT_CHECK(pid_ >= 0);
  if (pid_ == 0) {  // only system calls from here on
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    const int nothing = open("/dev/null", O_RDONLY);
    dup2(nothing, STDIN_FILENO);
    dup2(out.write, STDOUT_FILENO);
    dup2(err.write, STDERR_FILENO);
    if (directory == nullptr || chdir(directory) == 0)
      execve(argv[0], argv.data(), envp.data());
    _exit(127);
  }
  close(out.write);
  close(err.write);
  out_ = out.read;
  err_ = err.read;
  exit_ = static_cast<int>(syscall(SYS_pidfd_open, pid_, 0));
  LEAT_CHECK(exit_ >= 0);
  collector_ = std::thread([this] { collect(); });
}

// What a failed test does not show is gone: a failure that comes once in a thousand runs must tell why
// the first time.
Process::~Process() {
  signal(SIGKILL);
  collector_.join();
  if (::testing::Test::HasFailure() && code_ != 128 + SIGKILL && code_ != 0)
    std::cerr << "process " << pid_ << " ended with " << *code_ << dump() << std::endl;
  for (const int file : {out_, err_, exit_})
    close(file);
}

void Process::collect() {
  std::array<pollfd, 3> files{{{out_, POLLIN, 0}, {err_, POLLIN, 0}, {exit_, POLLIN, 0}}};
  while (files[0].fd >= 0 || files[1].fd >= 0 || files[2].fd >= 0) {
    if (poll(files.data(), files.size(), -1) < 0)
      continue;
    std::string more[2];
    for (std::size_t i = 0; i < 2; ++i) {
      if (files[i].fd >= 0 && files[i].revents != 0 && !read_some(files[i].fd, more[i]))
        files[i].fd = -1;
    }
    const bool ended =
        files[2].fd >= 0 && files[2].revents != 0 && files[0].fd < 0 && files[1].fd < 0;
    const std::lock_guard lock(mutex_);
    out_text_ += more[0];
    err_text_ += more[1];
    if (ended) {
      int status = 0;
      waitpid(pid_, &status, 0);
      code_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
      files[2].fd = -1;
    }
    changed_.notify_all();
  }
}

const std::string& Process::text(Stream stream) const {
  return stream == Stream::kOut ? out_text_ : err_text_;
}

std::string Process::wait_for(Stream stream, const std::string& pattern, std::size_t count) {
  const std::regex expression(pattern);
  const auto deadline = std::chrono::steady_clock::now() + kPatience;
  std::unique_lock lock(mutex_);
  while (true) {
    const std::string& seen = text(stream);
    auto match = std::sregex_iterator(seen.begin(), seen.end(), expression);
    for (std::size_t left = count; match != std::sregex_iterator() && left > 1; --left)
      ++match;
    if (match != std::sregex_iterator())
      return match->size() > 1 ? match->str(1) : match->str();
    if (code_)
      throw std::runtime_error("the process ended before '" + pattern + "'" + dump());
    if (changed_.wait_until(lock, deadline) == std::cv_status::timeout)
      throw std::runtime_error("no '" + pattern + "' in time" + dump());
  }
}

int Process::wait() {
  std::unique_lock lock(mutex_);
  if (!changed_.wait_for(lock, kPatience, [this] { return code_.has_value(); }))
    throw std::runtime_error("the process did not end in time" + dump());
  return *code_;
}

void Process::signal(int number) const {
  const std::lock_guard lock(mutex_);
  if (!code_)
    kill(pid_, number);
}

std::string Process::dump() const {
  return "\n-- standard output --\n" + out_text_ + "\n-- standard error --\n" + err_text_;
}

std::string Process::out() const {
  const std::lock_guard lock(mutex_);
  return out_text_;
}

std::string Process::err() const {
  const std::lock_guard lock(mutex_);
  return err_text_;
}

Outcome run(const std::vector<std::string>& command, const ProcessOptions& options) {
  Process process(command, options);
  const int code = process.wait();
  return {code, process.out(), process.err()};
}

std::string shell(const std::string& script, const std::vector<std::string>& arguments) {
  std::vector<std::string> command{"/bin/sh", "-euc", script, "sh"};
  command.insert(command.end(), arguments.begin(), arguments.end());
  const Outcome outcome = run(command);
  if (outcome.code != 0)
    throw std::runtime_error("'" + script + "' failed: " + outcome.err);
  return outcome.out;
}

}  // namespace leat::test
