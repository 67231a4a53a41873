#pragma once

// What a TaskManager tells about its connection and its slots. Plain values: the state machine fills them,
// the page of metrics and the probes read them.

#include <cstdint>
#include <string>
#include <vector>

namespace leat::runtime {

/// One slot's subtask, in this attempt.
struct SubtaskFigures {
  std::string job;
  std::uint32_t attempt = 0;
  std::uint32_t subtask = 0;
  std::uint64_t records_read = 0;
  std::uint64_t records_written = 0;
  std::uint64_t bytes_sent = 0;
};

struct TaskManagerFigures {
  bool registered = false;
  std::string why_not;      ///< unless it is registered
  std::uint64_t epoch = 0;  ///< of the JobManager it registered with last; 0: none yet
  std::uint64_t slots = 0;
  std::uint64_t slots_free = 0;
  // Since this incarnation began.
  std::uint64_t registrations = 0;
  std::uint64_t job_manager_losses = 0;
  std::uint64_t leases_expired = 0;
  std::uint64_t subtasks_deployed = 0;
  std::uint64_t subtasks_failed = 0;
  std::vector<SubtaskFigures> subtasks;
};

}  // namespace leat::runtime
