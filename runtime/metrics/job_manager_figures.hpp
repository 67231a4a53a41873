#pragma once

// What a JobManager tells about its cluster and its jobs. Plain values: the state machine fills them, the
// page of metrics and the probes read them.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace leat::runtime {

/// Records read by sources and written by sinks, and bytes in buffers that subtasks sent to each other.
struct RecordCounts {
  std::uint64_t records_read = 0;
  std::uint64_t records_written = 0;
  std::uint64_t bytes_exchanged = 0;

  RecordCounts& operator+=(const RecordCounts& other) {
    records_read += other.records_read;
    records_written += other.records_written;
    bytes_exchanged += other.bytes_exchanged;
    return *this;
  }
};

/// Over all jobs, ended ones too, since the JobManager started: none of them ever falls.
struct JobManagerCounters {
  std::uint64_t task_managers_registered = 0;
  std::uint64_t task_managers_lost = 0;
  std::uint64_t task_managers_left = 0;
  std::uint64_t job_restarts = 0;
  std::uint64_t checkpoints_completed = 0;
  std::uint64_t checkpoints_failed = 0;
  std::uint64_t checkpoint_bytes_sent = 0;
  RecordCounts records;
};

struct CheckpointFigures {
  std::uint64_t id = 0;
  std::uint64_t duration_ms = 0;
  std::uint64_t state_bytes = 0;
  std::uint64_t sent_bytes = 0;
};

/// One job that has not ended.
struct JobFigures {
  std::string id;
  std::string name;
  std::string state;  ///< "RUNNING"
  std::uint32_t attempt = 0;
  std::uint32_t restarts = 0;
  std::uint32_t running_subtasks = 0;
  std::uint32_t waiting_subtasks = 0;
  /// Over all attempts that this JobManager has seen: what is read again counts again.
  RecordCounts records;
  std::uint64_t checkpoints_completed = 0;
  std::uint64_t checkpoints_failed = 0;
  std::optional<CheckpointFigures> last_checkpoint;  ///< the newest that is complete
};

struct JobManagerFigures {
  std::uint64_t epoch = 0;
  std::uint64_t task_managers = 0;
  std::uint64_t slots = 0;
  std::uint64_t slots_free = 0;
  std::map<std::string, std::uint64_t> jobs_by_state;  ///< all states, ended jobs still listed too
  JobManagerCounters counters;
  std::vector<JobFigures> jobs;
  /// Why a store on the volume took the last write not; empty: it did.
  std::string write_refusal;
};

}  // namespace leat::runtime
