#pragma once

// What the jobs of one JobManager share. A JobMaster reaches the cluster through this and nothing
// else, and never another job.

#include <cstdint>
#include <map>
#include <random>

#include "runtime/base/engine_time.hpp"
#include "runtime/base/ids.hpp"
#include "runtime/coordination/action_tokens.hpp"
#include "runtime/coordination/chunk_intake.hpp"
#include "runtime/coordination/job_manager_options.hpp"
#include "runtime/coordination/slot_pool.hpp"
#include "runtime/coordination/task_manager_registry.hpp"
#include "runtime/coordination/unreachable_pairs.hpp"
#include "runtime/metrics/job_manager_figures.hpp"

namespace leat::runtime {

struct JobServices {
  JobServices(const JobManagerOptions& job_manager_options, Epoch job_manager_epoch,
              std::uint64_t seed, std::int64_t unix_ms)
      : options(job_manager_options),
        epoch(job_manager_epoch),
        unix_ms_at_zero(unix_ms),
        random(seed),
        task_managers(options.heartbeat_timeout),
        unreachable(options.unreachable_memory) {}

  const JobManagerOptions options;
  const Epoch epoch;
  const std::int64_t unix_ms_at_zero;
  std::mt19937_64 random;
  TaskManagerRegistry task_managers;
  SlotPool slots;
  UnreachablePairs unreachable;
  ActionTokens actions;
  ChunkIntake intake{actions};
  /// The store has said which chunks that checkpoints refer to are there.
  bool chunks_checked = true;
  JobManagerCounters counters;
  /// Subtasks that take part in a checkpoint under way, by job: they share the intake's budget.
  std::map<JobId, std::size_t> checkpointing_subtasks;

  [[nodiscard]] std::uint64_t unix_ms(Time now) const {
    const auto since_zero =
        std::chrono::duration_cast<std::chrono::milliseconds>(now.time_since_epoch());
    return static_cast<std::uint64_t>(unix_ms_at_zero + since_zero.count());
  }
};

}  // namespace leat::runtime
