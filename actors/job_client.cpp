#include "actors/job_client.hpp"

#include <utility>

#include <caf/actor_system.hpp>

#include "actors/actor_config.hpp"
#include "actors/actor_job_client.hpp"

namespace leat::actors {

namespace {

/// A client in a process without actors of its own.
class RemoteJobClient final : public JobClient {
 public:
  RemoteJobClient(const Endpoint& job_manager, JobClientOptions options)
      : config_(Networking::kOn, options.link),
        system_(config_),
        client_(system_, job_manager, std::move(options)) {}

  Result<void> connect() override { return client_.connect(); }
  Result<std::string> upload(const std::string& path) override { return client_.upload(path); }
  Result<void> submit(const proto::SubmitJob& job) override { return client_.submit(job); }
  Result<proto::JobStatus> watch(const JobId& job, std::uint64_t known_version,
                                 Duration max_wait) override {
    return client_.watch(job, known_version, max_wait);
  }
  Result<proto::ResultBatch> fetch(const proto::FetchResults& request) override {
    return client_.fetch(request);
  }
  Result<proto::JobList> list(const proto::ListJobs& request) override {
    return client_.list(request);
  }
  Result<void> cancel(const JobId& job) override { return client_.cancel(job); }
  Result<proto::SavepointReply> savepoint(const proto::TriggerSavepoint& request) override {
    return client_.savepoint(request);
  }
  Result<void> rescale(const proto::RescaleJob& request) override {
    return client_.rescale(request);
  }
  Result<proto::CheckpointList> checkpoints(const JobId& job) override {
    return client_.checkpoints(job);
  }

 private:
  LeatActorConfig config_;
  caf::actor_system system_;
  ActorJobClient client_;
};

}  // namespace

std::unique_ptr<JobClient> JobClient::create(const Endpoint& job_manager,
                                             JobClientOptions options) {
  return std::make_unique<RemoteJobClient>(job_manager, std::move(options));
}

}  // namespace leat::actors
