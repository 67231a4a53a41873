#pragma once

// When a job is tried again after a failure, by its restart strategy. Single-threaded, part of a JobMaster.

#include <cstdint>
#include <optional>

#include "runtime/base/engine_time.hpp"
#include "runtime/coordination/job_options.hpp"
#include "runtime/coordination/restart_policy.hpp"

namespace leat::runtime {

class JobRestartPolicy {
 public:
  JobRestartPolicy(const JobOptions& options, std::uint64_t seed);

  /// The delay before the next attempt, or nothing: the job has failed.
  [[nodiscard]] std::optional<Duration> on_failure(Time now);
  /// The job got on: with exponential delays, earlier failures no longer count.
  void on_checkpoint();

  [[nodiscard]] std::uint32_t failures(Time now) const { return policy_.failures(now); }
  [[nodiscard]] std::uint32_t tolerated() const { return policy_.tolerated(); }

 private:
  bool resets_ = false;
  Duration reset_after_;
  std::optional<Time> last_failure_;
  RestartPolicy policy_;
};

}  // namespace leat::runtime
