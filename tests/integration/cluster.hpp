#pragma once

// A JobManager and TaskManagers as processes on loopback, on ports that the system chooses.

#include <csignal>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "tests/integration/process.hpp"
#include "tests/support/temp_dir.hpp"

namespace leat::test {

/// build/…/bin/leat
[[nodiscard]] std::string leat_binary();
/// build/…/jobs/NAME.so
[[nodiscard]] std::string example_job(const std::string& name);
/// A job object of tests/integration/jobs.
[[nodiscard]] std::string test_job(const std::string& name);
/// `leat WORDS…`
[[nodiscard]] std::vector<std::string> leat(const std::vector<std::string>& words);

class Cluster {
 public:
  /// `settings`: -D of the JobManager.
  /// `crash_at`: LEAT_CRASH_AT of the first JobManager.
  explicit Cluster(std::vector<std::string> settings = {}, const std::string& crash_at = "");

  /// Of daemons started from now on.
  void set_environment(const std::string& name, const std::string& value) {
    environment_[name] = value;
  }
  /// Starts TaskManagers and waits until the JobManager knows them.
  void add_task_managers(std::size_t count, std::size_t slots, const std::string& crash_at = "");
  /// One of one slot with this environment.
  void add_task_manager(const ProcessOptions& options);
  /// SIGKILL, at once.
  void kill_task_manager(std::size_t index) { task_managers_.at(index)->signal(SIGKILL); }
  /// Of those not yet killed by this, but for the first so many: SIGKILL, and gone when it returns.
  void kill_oldest_task_manager(std::size_t spared = 0);
  /// SIGKILL, then a new one on the same directory and port.
  void restart_job_manager();
  /// The same, once it has ended by itself.
  void await_crash_and_restart_job_manager();

  /// `leat COMMAND -m ADDRESS WORDS…`
  [[nodiscard]] std::vector<std::string> client(const std::string& command,
                                                const std::vector<std::string>& words) const;
  Outcome run_client(const std::string& command, const std::vector<std::string>& words) const;

  [[nodiscard]] const std::string& address() const { return address_; }
  [[nodiscard]] std::string data_directory() const { return data_.file("data"); }
  Process& job_manager() { return *job_manager_; }
  Process& task_manager(std::size_t index) { return *task_managers_.at(index); }
  [[nodiscard]] std::size_t task_managers() const { return task_managers_.size(); }

 private:
  void start_job_manager(const std::string& port, const std::string& crash_at = "");

  [[nodiscard]] ProcessOptions daemon_options(const std::string& crash_at) const;

  std::vector<std::string> settings_;
  std::map<std::string, std::string> environment_;
  TempDir data_;
  std::string address_;
  std::unique_ptr<Process> job_manager_;
  std::vector<std::unique_ptr<Process>> task_managers_;
};

}  // namespace leat::test
