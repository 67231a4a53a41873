#pragma once

// A process started by a test: its output is collected as it comes, waits have a deadline, and it is
// dead when the object is gone. Used from one thread.

#include <chrono>
#include <condition_variable>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <sys/types.h>
#include <thread>
#include <vector>

namespace leat::test {

/// Long enough for a machine that is busy with other things; nothing here waits so long when all
/// is well.
inline constexpr std::chrono::seconds kPatience{60};

enum class Stream { kOut, kErr };

struct ProcessOptions {
  std::map<std::string, std::string> environment{};  ///< besides this process's own
  std::string directory{};                           ///< empty: this process's own
  bool terminal = false;                             ///< standard error is a terminal
};

class Process {
 public:
  explicit Process(const std::vector<std::string>& command, const ProcessOptions& options = {});
  ~Process();
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  /// What the first group of `pattern` matched (all of it, if it has none), as soon as the stream
  /// holds `count` matches. Throws with all output when the deadline passes or the process ends.
  std::string wait_for(Stream stream, const std::string& pattern, std::size_t count = 1);
  /// The exit code, or 128 plus the number of the signal that ended it. Throws at the deadline.
  int wait();
  void signal(int number) const;

  [[nodiscard]] std::string out() const;
  [[nodiscard]] std::string err() const;
  [[nodiscard]] pid_t pid() const { return pid_; }

 private:
  void collect();
  [[nodiscard]] std::string dump() const;
  [[nodiscard]] const std::string& text(Stream stream) const;

  pid_t pid_ = -1;
  int out_ = -1;
  int err_ = -1;
  int exit_ = -1;  ///< pidfd

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::string out_text_;
  std::string err_text_;
  std::optional<int> code_;
  std::thread collector_;
};

struct Outcome {
  int code;
  std::string out;
  std::string err;
};
/// Runs a command to its end. Throws at the deadline.
Outcome run(const std::vector<std::string>& command, const ProcessOptions& options = {});

/// Runs `script` with /bin/sh and returns its output. Throws unless it succeeds.
std::string shell(const std::string& script, const std::vector<std::string>& arguments = {});

}  // namespace leat::test
