#include "tests/sim_support/fault_storm.hpp"

#include <chrono>
#include <random>
#include <set>
#include <string>

namespace leat::sim {

namespace {

class FaultStorm {
 public:
  FaultStorm(SimCluster& cluster, const FaultStormOptions& options)
      : cluster_(cluster), options_(options) {}

  void strike(const std::function<void()>& also) {
    const std::size_t victim = below(cluster_.size());
    switch (below(8)) {
      case 0:
        return cluster_.kill_task_manager(victim);
      case 1:
        return cluster_.restart_task_manager(victim);
      case 2:
        return break_slot(victim);
      case 3:
        return stall(cluster_.task_manager(victim).uplink());
      case 4:
        return stall(cluster_.task_manager(victim).downlink());
      case 5:
        return heal_links();
      case 6:
        if (options_.job_manager_dies)
          cluster_.restart_job_manager();
        return;
      default:
        if (options_.writes_refused)
          cluster_.job_manager().refuse_writes(static_cast<std::uint32_t>(below(3)));
        if (also)
          also();
    }
  }

  void pause() {
    const auto longest = static_cast<std::uint64_t>(options_.longest_pause.count());
    cluster_.world().run_for(Duration(static_cast<Duration::rep>(below(longest))));
  }

  void end() {
    heal_links();
    cluster_.job_manager().refuse_writes(0);
    for (std::size_t index = 0; index < cluster_.size(); ++index) {
      if (!cluster_.task_manager(index).alive())
        cluster_.restart_task_manager(index);
    }
  }

 private:
  std::uint64_t below(std::uint64_t limit) {
    return std::uniform_int_distribution<std::uint64_t>(0, limit - 1)(cluster_.world().random());
  }
  void break_slot(std::size_t victim) {
    SimTaskManager& task_manager = cluster_.task_manager(victim);
    if (task_manager.alive() && task_manager.slots_in_use() > 0)
      task_manager.break_slot(below(task_manager.slots_in_use()));
  }
  void stall(const std::string& channel) {
    stalled_.insert(channel);
    cluster_.world().hold(channel);
  }
  void heal_links() {
    for (const std::string& channel : stalled_)
      cluster_.world().resume(channel);
    stalled_.clear();
  }

  SimCluster& cluster_;
  const FaultStormOptions& options_;
  std::set<std::string> stalled_;
};

}  // namespace

void run_fault_storm(SimCluster& cluster, const FaultStormOptions& options,
                     const std::function<void()>& also) {
  FaultStorm storm(cluster, options);
  for (std::uint32_t fault = 0; fault < options.faults; ++fault) {
    storm.pause();
    storm.strike(also);
  }
  storm.end();
}

}  // namespace leat::sim
