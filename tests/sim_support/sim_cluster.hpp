#pragma once

// A whole cluster in one thread: one JobManager with its store, TaskManagers with their slots, and
// clients, over queues whose order comes from a seed. Faults are methods. What lives in the slots and
// what stands outside the processes is the test's choice.

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "runtime/coordination/job_manager_core.hpp"
#include "tests/sim_support/sim_job_manager.hpp"
#include "tests/sim_support/sim_outputs.hpp"
#include "tests/sim_support/sim_slot.hpp"
#include "tests/sim_support/sim_task_manager.hpp"
#include "tests/sim_support/sim_world.hpp"

namespace leat::sim {

struct SimClusterOptions {
  std::uint64_t seed = 1;
  std::uint32_t task_managers = 4;
  std::uint32_t slots = 2;  ///< of each
  runtime::JobManagerOptions job_manager;
};

class SimCluster {
 public:
  SimCluster(const SimClusterOptions& options, SimSlotFactory slots, SimOutputs& outputs);
  ~SimCluster();

  [[nodiscard]] SimWorld& world() { return world_; }
  [[nodiscard]] SimJobManager& job_manager() { return *job_manager_; }
  [[nodiscard]] SimTaskManager& task_manager(std::size_t index) { return *task_managers_[index]; }
  [[nodiscard]] std::size_t size() const { return task_managers_.size(); }
  /// Null if there is none of this name alive.
  [[nodiscard]] SimTaskManager* find(const std::string& id);

  // Faults.
  /// The process is gone; its connections break at once.
  void kill_task_manager(std::size_t index);
  /// A new process with the same index, another id and incarnation.
  void restart_task_manager(std::size_t index);
  /// The process is gone, its store stays.
  void kill_job_manager();
  void restart_job_manager();

  // Clients.
  /// Returns once the submission is answered.
  [[nodiscard]] proto::SubmitReply submit(const proto::SubmitJob& job);
  [[nodiscard]] proto::JobStatus status(const std::string& job_id);
  [[nodiscard]] proto::CancelReply cancel(const std::string& job_id);
  /// Waits for rows as long as the request says.
  [[nodiscard]] proto::ResultBatch fetch(const proto::FetchResults& fetch);
  /// Runs until the job is in `state`; false if it ends otherwise or a minute passes.
  bool run_until(const std::string& job_id, proto::JobState state);
  /// Runs until the job has ended.
  proto::JobStatus run_to_end(const std::string& job_id);

 private:
  template <class Reply, class Ask>
  Reply ask(Ask ask);
  std::unique_ptr<SimTaskManager> make_task_manager(std::size_t index);

  const SimClusterOptions options_;
  SimWorld world_;
  SimSlotFactory slots_;
  SimOutputs& outputs_;
  std::unique_ptr<SimJobManager> job_manager_;
  std::vector<std::unique_ptr<SimTaskManager>> task_managers_;
  std::vector<std::unique_ptr<SimTaskManager>> dead_;  // what is under way may still name them
  std::uint64_t next_incarnation_ = 1;
};

}  // namespace leat::sim
