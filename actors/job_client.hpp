#pragma once

// What the command line (or a test) does to a JobManager: blocking calls from one thread. Each call
// is retried over a broken connection until it succeeds or `give_up_after` has passed; all of them
// may be repeated, because the client chooses the ids.

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "actors/network_options.hpp"
#include "runtime/base/engine_time.hpp"
#include "runtime/base/ids.hpp"
#include "runtime/base/result.hpp"
#include "serialization/proto/control.pb.h"

namespace leat::actors {

struct JobClientOptions {
  /// How long a call looks for the JobManager before it fails with kUnreachable.
  Duration give_up_after = std::chrono::seconds(10);
  /// Told of each failed try in words ("no JobManager answers at …; trying again").
  std::function<void(const std::string&)> on_retry;
  /// Asked between tries: true ends the call with kCancelled.
  std::function<bool()> cancelled;
  LinkOptions link;
};

class JobClient {
 public:
  /// Connects at the first call.
  static std::unique_ptr<JobClient> create(const Endpoint& job_manager, JobClientOptions options);
  virtual ~JobClient() = default;

  /// Connects and compares protocol versions.
  virtual Result<void> connect() = 0;

  /// Sends the job object to the JobManager, unless it is there already. Returns its SHA-256.
  virtual Result<std::string> upload(const std::string& path) = 0;
  /// Success once the job is stored; fails in words when the JobManager refuses it.
  virtual Result<void> submit(const proto::SubmitJob& job) = 0;
  /// The job's status as soon as its version exceeds `known_version`, or after `max_wait` as it is.
  virtual Result<proto::JobStatus> watch(const JobId& job, std::uint64_t known_version,
                                         Duration max_wait) = 0;
  /// Rows of the job's collect sinks; see proto::FetchResults.
  virtual Result<proto::ResultBatch> fetch(const proto::FetchResults& request) = 0;
  virtual Result<proto::JobList> list(const proto::ListJobs& request) = 0;
  /// Success once the job is being cancelled (watch it to see it end).
  virtual Result<void> cancel(const JobId& job) = 0;
  /// Answered when the savepoint is there or has failed, or with `pending`: ask again, same trigger id.
  virtual Result<proto::SavepointReply> savepoint(const proto::TriggerSavepoint& request) = 0;
  virtual Result<void> rescale(const proto::RescaleJob& request) = 0;
  virtual Result<proto::CheckpointList> checkpoints(const JobId& job) = 0;
};

}  // namespace leat::actors
