#pragma once

// JobManager and TaskManagers as they run in processes of their own, each with its own actor system
// and real sockets on loopback, but on threads of the test.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "actors/job_client.hpp"
#include "actors/job_manager_process.hpp"
#include "actors/stop_signal.hpp"
#include "actors/task_manager_process.hpp"
#include "tests/actors/recording_log.hpp"

namespace leat::test {

/// One process: runs until stopped; stops when destroyed.
class ProcessThread {
 public:
  template <class Run>
  explicit ProcessThread(Run run) : thread_([this, run] { outcome_ = run(log_, stop_); }) {}
  ~ProcessThread() { [[maybe_unused]] const auto outcome = stop(); }

  /// In order, as a signal does; what the process returned.
  Result<void> stop() {
    stop_.request();
    return join();
  }
  /// Waits for a process that ends by itself.
  Result<void> join() {
    if (thread_.joinable())
      thread_.join();
    return outcome_;
  }
  [[nodiscard]] RecordingLog& log() { return log_; }

 private:
  RecordingLog log_;
  actors::StopSignal stop_;
  Result<void> outcome_;
  std::thread thread_;
};

[[nodiscard]] std::unique_ptr<ProcessThread> start_job_manager(
    const actors::JobManagerProcessOptions& options);
[[nodiscard]] std::unique_ptr<ProcessThread> start_task_manager(
    const actors::TaskManagerProcessOptions& options);

/// Where a process listens, as its log says.
[[nodiscard]] actors::Endpoint listening_at(ProcessThread& process);

class NetworkCluster {
 public:
  NetworkCluster(const std::string& data_dir, std::size_t task_managers, std::uint32_t slots);

  [[nodiscard]] actors::JobClient& client() { return *client_; }
  [[nodiscard]] ProcessThread& job_manager() { return *job_manager_; }
  [[nodiscard]] ProcessThread& task_manager(std::size_t index) { return *task_managers_.at(index); }
  [[nodiscard]] const actors::Endpoint& address() const { return address_; }

 private:
  actors::Endpoint address_;
  std::unique_ptr<ProcessThread> job_manager_;
  std::vector<std::unique_ptr<ProcessThread>> task_managers_;
  std::unique_ptr<actors::JobClient> client_;
};

}  // namespace leat::test
