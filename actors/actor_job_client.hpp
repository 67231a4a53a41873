#pragma once

// JobClient over a ClientConnection, within an actor system that outlives it.

#include <memory>
#include <string>

#include "actors/client_connection.hpp"
#include "actors/job_client.hpp"
#include "runtime/base/posix_file_system.hpp"

namespace leat::actors {

class ActorJobClient final : public JobClient {
 public:
  ActorJobClient(caf::actor_system& system, JobManagerAddress address, JobClientOptions options)
      : connection_(system, std::move(address), std::move(options)) {}

  Result<void> connect() override;
  Result<std::string> upload(const std::string& path) override;
  Result<void> submit(const proto::SubmitJob& job) override;
  Result<proto::JobStatus> watch(const JobId& job, std::uint64_t known_version,
                                 Duration max_wait) override;
  Result<proto::ResultBatch> fetch(const proto::FetchResults& request) override;
  Result<proto::JobList> list(const proto::ListJobs& request) override;
  Result<void> cancel(const JobId& job) override;
  Result<proto::SavepointReply> savepoint(const proto::TriggerSavepoint& request) override;
  Result<void> rescale(const proto::RescaleJob& request) override;
  Result<proto::CheckpointList> checkpoints(const JobId& job) override;

 private:
  Result<void> send_pieces(ReadableFile& file, const std::string& sha256, std::uint64_t size);

  PosixFileSystem files_;
  ClientConnection connection_;
};

}  // namespace leat::actors
