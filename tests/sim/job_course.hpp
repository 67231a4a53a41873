#pragma once

// What a client asks of a job while it runs: to be cancelled, rescaled, saved, or stopped with a savepoint.

#include <cstdint>
#include <string>

#include "tests/sim/scenario.hpp"
#include "tests/sim_support/sim_cluster.hpp"

namespace leat::sim {

class JobCourse {
 public:
  /// `most_subtasks`: that the job is asked to have.
  JobCourse(SimCluster& cluster, Ending ending, std::uint32_t most_subtasks)
      : cluster_(cluster), ending_(ending), most_subtasks_(most_subtasks) {}

  /// The job is accepted: asks at times of the seed's choice.
  void begin(const std::string& job_id);
  /// No answer is waited for.
  [[nodiscard]] bool settled() const { return open_ == 0; }
  /// Where the savepoint lies; empty if there is none, because the job had ended before.
  [[nodiscard]] const std::string& savepoint() const { return savepoint_; }

 private:
  void cancel();
  void rescale();
  void save();
  void ask_for_savepoint();
  void saved(const proto::SavepointReply& reply);
  void later(void (JobCourse::*what)(), std::uint64_t within_ms);

  SimCluster& cluster_;
  const Ending ending_;
  const std::uint32_t most_subtasks_;
  std::string job_id_;
  std::string savepoint_;
  std::uint64_t triggers_ = 0;
  std::uint32_t open_ = 0;
};

}  // namespace leat::sim
