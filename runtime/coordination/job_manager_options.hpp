#pragma once

// Tunables of the JobManager's decisions, with units and the reason for each default.

#include <chrono>
#include <cstddef>
#include <cstdint>

#include "runtime/base/engine_time.hpp"
#include "runtime/coordination/job_options.hpp"

namespace leat::runtime {

struct JobManagerOptions {
  /// Of jobs whose submission says nothing else.
  JobOptions job;
  /// Subtasks of a job submitted without -p (`parallelism.default`).
  std::uint32_t default_parallelism = 1;
  /// How long a job waits for all its slots before it runs with fewer
  /// (`jobmanager.adaptive-scheduler.resource-wait-timeout`).
  Duration resource_wait = std::chrono::seconds(3);
  /// TaskManagers report this often (`heartbeat.interval`) …
  Duration heartbeat_interval = std::chrono::milliseconds(500);
  /// … and count as lost after this much silence (`heartbeat.timeout`).
  Duration heartbeat_timeout = std::chrono::seconds(3);
  /// A TaskManager without an answer for so long frees its slots by itself.
  Duration lease = std::chrono::seconds(10);
  /// A subtask not deployed by then fails its attempt; the job object may have to be fetched first.
  Duration deploy_timeout = std::chrono::seconds(60);
  /// A slot that does not let go (user code that never returns) holds its job up no longer; the
  /// slot itself stays taken until it is released.
  Duration release_timeout = std::chrono::seconds(10);
  /// A commit without an answer is sent again, to another TaskManager if there is one.
  Duration commit_timeout = std::chrono::seconds(30);
  /// First wait before a refused write of the metadata store or a failed commit is repeated;
  /// doubled up to a minute.
  Duration repeat_initial = std::chrono::milliseconds(200);
  /// A running job takes slots up that have been there for so long
  /// (`jobmanager.adaptive-scheduler.resource-stabilization-timeout`) …
  Duration rescale_stabilization = std::chrono::seconds(1);
  /// … and not more often than this (`…scaling-interval.min`): each time costs a checkpoint and a restart.
  Duration rescale_pause = std::chrono::seconds(10);
  /// A job that could not leave the slots of a TaskManager that leaves tries again so soon: that one waits
  /// for seconds only.
  Duration move_retry = std::chrono::seconds(1);
  /// How long two TaskManagers that could not reach each other get no slots of one job.
  Duration unreachable_memory = std::chrono::minutes(1);
  /// Upper bound of max_wait_ms in WatchJob and FetchResults.
  Duration longest_poll = std::chrono::minutes(1);
  /// Rows of collect sinks held for the client, per job, in bytes.
  std::size_t collect_buffer_bytes = std::size_t{8} << 20U;
  /// An attached client that has not pulled for so long makes its collecting job cancel itself.
  Duration client_timeout = std::chrono::seconds(60);
  /// Ended jobs kept in the list.
  std::size_t ended_jobs_kept = 100;
};

}  // namespace leat::runtime
