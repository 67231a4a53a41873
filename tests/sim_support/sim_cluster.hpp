#pragma once

// A whole cluster in one thread: one JobManager with its store, TaskManagers with their slots, a client
// and the storage they share, over a network whose order comes from a seed. Faults are methods. What lives
// in the slots and what stands outside the processes is the test's choice.

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "runtime/coordination/job_manager_core.hpp"
#include "tests/sim_support/sim_client.hpp"
#include "tests/sim_support/sim_job_manager.hpp"
#include "tests/sim_support/sim_network.hpp"
#include "tests/sim_support/sim_outputs.hpp"
#include "tests/sim_support/sim_slot.hpp"
#include "tests/sim_support/sim_task_manager.hpp"
#include "tests/sim_support/sim_world.hpp"
#include "tests/support/memory_file_system.hpp"

namespace leat::sim {

struct SimClusterOptions {
  std::uint64_t seed = 1;
  std::uint32_t task_managers = 4;
  std::uint32_t slots = 2;  ///< of each
  runtime::JobManagerOptions job_manager;
  std::function<void(Time, const std::string&)> trace;  ///< null: nobody reads
};

class SimCluster {
 public:
  SimCluster(const SimClusterOptions& options, SimSlotFactory slots, SimOutputs& outputs);
  ~SimCluster();

  [[nodiscard]] SimWorld& world() { return world_; }
  [[nodiscard]] SimNetwork& network() { return network_; }
  [[nodiscard]] test::MemoryFileSystem& storage() { return storage_; }
  [[nodiscard]] SimJobManager& job_manager() { return job_manager_; }
  [[nodiscard]] SimTaskManager& task_manager(std::size_t index) { return *task_managers_[index]; }
  [[nodiscard]] std::size_t size() const { return task_managers_.size(); }
  [[nodiscard]] SimClient& client() { return client_; }
  /// Among all that ever lived; it must be one of them.
  [[nodiscard]] SimTaskManager* find_incarnation(const std::string& hex);

  // Faults. With the machine goes what was not synced, and nobody says goodbye.
  void kill_task_manager(std::size_t index, bool with_machine = false);
  /// A new process with the same index and another incarnation, perhaps under its old id.
  void restart_task_manager(std::size_t index);
  /// The same; the old one lives on.
  void replace_task_manager(std::size_t index);
  /// The process is gone, its store stays.
  void kill_job_manager(bool with_machine = false);
  void restart_job_manager();

  // The client; each waits for the answer.
  [[nodiscard]] proto::SubmitReply submit(const proto::SubmitJob& job);
  [[nodiscard]] proto::CancelReply cancel(const std::string& job_id);
  /// Waits for rows as long as the request says.
  [[nodiscard]] proto::ResultBatch fetch(const proto::FetchResults& fetch);

  // What the JobManager would say; no time passes. Needs one that is alive.
  [[nodiscard]] proto::JobStatus status(const std::string& job_id);
  /// Runs until the job is in `state`; false if it ends otherwise or five minutes pass.
  bool run_until(const std::string& job_id, proto::JobState state);
  /// Runs until the job has ended.
  proto::JobStatus run_to_end(const std::string& job_id);

 private:
  std::unique_ptr<SimTaskManager> make_task_manager(std::size_t index);

  const SimClusterOptions options_;
  test::MemoryFileSystem storage_;
  SimWorld world_;
  SimNetwork network_;
  SimSlotFactory slots_;
  SimOutputs& outputs_;
  SimJobManager job_manager_;
  SimClient client_;
  std::vector<std::unique_ptr<SimTaskManager>> task_managers_;
  std::vector<std::unique_ptr<SimTaskManager>>
      dead_;  // or replaced: what is under way may still name them
  std::uint32_t made_ = 0;
};

}  // namespace leat::sim
