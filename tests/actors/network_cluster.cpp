#include "tests/actors/network_cluster.hpp"

#include <chrono>

namespace leat::test {

std::unique_ptr<ProcessThread> start_job_manager(const actors::JobManagerProcessOptions& options) {
  return std::make_unique<ProcessThread>([options](LogSink& log, actors::StopSignal& stop) {
    return actors::run_job_manager(options, log, stop);
  });
}

std::unique_ptr<ProcessThread> start_task_manager(
    const actors::TaskManagerProcessOptions& options) {
  return std::make_unique<ProcessThread>([options](LogSink& log, actors::StopSignal& stop) {
    return actors::run_task_manager(options, log, stop);
  });
}

actors::Endpoint listening_at(ProcessThread& process) {
  const std::string address = RecordingLog::field(process.log().await("listening"), "address");
  const auto colon = address.rfind(':');
  if (colon == std::string::npos)
    return {"", 0};
  return {address.substr(0, colon),
          static_cast<std::uint16_t>(std::stoi(address.substr(colon + 1)))};
}

NetworkCluster::NetworkCluster(const std::string& data_dir, std::size_t task_managers,
                               std::uint32_t slots) {
  actors::JobManagerProcessOptions job_manager;
  job_manager.listen.port = 0;
  job_manager.data_dir = data_dir;
  job_manager.engine.resource_wait = std::chrono::milliseconds(100);
  job_manager_ = start_job_manager(job_manager);
  address_ = listening_at(*job_manager_);
  actors::TaskManagerProcessOptions task_manager;
  task_manager.job_manager = address_;
  task_manager.slots = slots;
  for (std::size_t index = 0; index < task_managers; ++index)
    task_managers_.push_back(start_task_manager(task_manager));
  for (const auto& started : task_managers_)
    started->log().await("registered");
  client_ = actors::JobClient::create(address_, {});
}

}  // namespace leat::test
