#pragma once

// Faults at random times in random places, repeatable from the cluster's seed; then calm, in which
// everything must come to its end.

#include <chrono>
#include <cstdint>
#include <functional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/base/engine_time.hpp"
#include "tests/sim_support/sim_cluster.hpp"

namespace leat::sim {

enum class FaultKind : std::uint8_t {
  kTaskManagerDies,    ///< SIGKILL, or the machine with all that was not synced
  kTaskManagerDiesAt,  ///< when it carries out some command, or changes a file
  kTaskManagerRestarts,
  kTaskManagerPauses,  ///< SIGSTOP, beyond the lease now and then
  kSlotDies,
  kJobManagerDies,
  kJobManagerDiesAt,
  kJobManagerPauses,
  kConnectionBreaks,
  kPartition,  ///< one way or both
  kHeals,      ///< partitions and pauses end
  kMetaWritesRefused,
  kStorageFull,        ///< until kHeals
  kStorageFails,       ///< syncs are refused, until kHeals
  kChunkWriteFails,    ///< the store must be opened anew
  kChunkDiskFull,      ///< until kHeals
  kCopyDamaged,        ///< a bit turns over in what a TaskManager keeps
  kAlso,               ///< the test's own
  kChunkDamaged,       ///< a bit turns over, or a chunk is gone: a job may have to fail
  kTaskManagerLeaves,  ///< in order, for another one or for none; now and then several at once
  kManifestDamaged,    ///< one does not decode any more: the same as kChunkDamaged
  kEntryDamaged,  ///< some entry of the metadata store does not decode any more: its job may be lost
};
[[nodiscard]] std::string_view fault_name(FaultKind kind);
/// All that a job survives.
[[nodiscard]] const std::vector<FaultKind>& all_faults();

struct FaultStormOptions {
  std::uint32_t faults = 20;
  Duration longest_pause = std::chrono::milliseconds(400);  ///< between two faults
  std::vector<FaultKind> kinds = all_faults();
  /// A TaskManager that has not left after this, or up to kLongestLeave, is killed.
  Duration shortest_leave = kLongestLeave;
  static constexpr Duration kLongestLeave = std::chrono::seconds(20);
};

class FaultStorm {
 public:
  FaultStorm(SimCluster& cluster, FaultStormOptions options, std::function<void()> also = {});
  /// From now on, by itself.
  void start() { schedule(); }
  /// Everything is alive, connected and healed, and stays so.
  [[nodiscard]] bool over() const { return over_; }
  /// Of the JobManager, or with their machine.
  [[nodiscard]] std::uint32_t processes_lost() const { return processes_lost_; }
  /// TaskManagers that were told to leave.
  [[nodiscard]] const std::vector<const SimTaskManager*>& leavers() const { return leavers_; }
  /// An entry of the job was damaged.
  [[nodiscard]] bool damaged(const std::string& job_id) const { return damaged_.contains(job_id); }

 private:
  void schedule();
  void strike(FaultKind kind);
  void kill_job_manager();
  void kill(SimTaskManager& task_manager);
  void job_manager_dies_at();
  void task_manager_dies_at(std::size_t victim);
  void task_managers_leave();
  void task_manager_leaves(std::size_t victim);
  void break_slot(std::size_t victim);
  void break_connection(std::size_t victim);
  void partition(std::size_t victim);
  void heal();
  void damage_chunk();
  void damage_manifest();
  void damage_entry();
  void end();
  [[nodiscard]] std::uint64_t below(std::uint64_t limit) { return cluster_.world().below(limit); }

  SimCluster& cluster_;
  const FaultStormOptions options_;
  const std::function<void()> also_;
  std::uint32_t struck_ = 0;
  std::uint32_t processes_lost_ = 0;
  std::vector<const SimTaskManager*> leavers_;
  std::set<std::string> damaged_;
  bool over_ = false;
};

/// A storm from its first fault to the calm. `also` may add a fault of the test's own.
void run_fault_storm(SimCluster& cluster, const FaultStormOptions& options,
                     const std::function<void()>& also = {});

}  // namespace leat::sim
