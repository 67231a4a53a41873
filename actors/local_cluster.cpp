#include "actors/local_cluster.hpp"

#include <chrono>
#include <optional>
#include <utility>

#include <caf/actor_cast.hpp>
#include <caf/actor_system.hpp>
#include <caf/exit_reason.hpp>
#include <caf/send.hpp>

#include "actors/actor_config.hpp"
#include "actors/actor_job_client.hpp"
#include "actors/artefact_store.hpp"
#include "actors/job_manager.hpp"
#include "actors/level_db_snapshots.hpp"
#include "actors/meta_store.hpp"
#include "actors/random_id.hpp"
#include "actors/shutdown.hpp"
#include "actors/supervisor.hpp"
#include "actors/task_manager.hpp"
#include "actors/temporary_directory.hpp"
#include "runtime/base/posix_file_system.hpp"

namespace leat::actors {

namespace {

/// Within one process a silence means that all of it was stopped (ctrl-Z, a sleeping laptop); what
/// ends is noticed otherwise.
runtime::JobManagerOptions patient(runtime::JobManagerOptions engine) {
  constexpr std::chrono::hours kLongest{24 * 30};  // in milliseconds it fits 32 bits
  engine.heartbeat_timeout = kLongest;
  engine.lease = kLongest;
  engine.client_timeout = kLongest;
  return engine;
}

class InProcessCluster final : public LocalCluster {
 public:
  InProcessCluster(TemporaryDirectory directory, LogSink& log, StopSignal& stop)
      : directory_(std::move(directory)), log_(log), stop_(stop), config_(Networking::kOff) {}

  ~InProcessCluster() override {
    client_.reset();
    if (!system_)
      return;
    // The TaskManager first: its slots remove what they have in progress.
    caf::anon_send_exit(task_manager_, caf::exit_reason::user_shutdown);
    caf::anon_send_exit(job_manager_, caf::exit_reason::user_shutdown);
    task_manager_ = nullptr;
    job_manager_ = nullptr;
    await_actors_or_exit(*system_, log_);
  }

  Result<void> start(const LocalClusterOptions& options) {
    auto meta = MetaStore::open(directory_.path() + "/meta", Durability::kTemporary);
    if (!meta)
      return meta.error();
    // Both look at one directory, so that nothing has to be fetched.
    const std::string artefacts = directory_.path() + "/artefacts";
    auto received = ArtefactStore::open(files_, artefacts, Durability::kTemporary);
    if (!received)
      return received.error();
    auto loaded = ArtefactStore::open(files_, artefacts, Durability::kTemporary);
    if (!loaded)
      return loaded.error();
    system_.emplace(config_);
    const auto job_manager = start_job_manager(options, std::move(*meta), std::move(*received));
    start_task_manager(options, job_manager, std::move(*loaded));
    client_.emplace(*system_, job_manager, JobClientOptions{});
    return {};
  }

  JobClient& client() override { return *client_; }

 private:
  job_manager_actor start_job_manager(const LocalClusterOptions& options, MetaStore::Opened meta,
                                      std::unique_ptr<ArtefactStore> artefacts) {
    const auto handle = spawn_job_manager(
        *system_,
        {patient(options.engine), meta.epoch, std::move(meta.entries),
         std::shared_ptr(std::move(meta.store)), std::shared_ptr(std::move(artefacts)),
         level_db_snapshots(directory_.path() + "/chunks", meta.epoch, Durability::kTemporary),
         files_, log_});
    job_manager_ = spawn_supervisor(*system_, supervised_job_manager(handle, log_, escalate()));
    return handle;
  }

  void start_task_manager(const LocalClusterOptions& options, const job_manager_actor& job_manager,
                          std::unique_ptr<ArtefactStore> artefacts) {
    const TaskManagerSetup setup{random_name("tm"),
                                 options.slots,
                                 job_manager,
                                 std::nullopt,
                                 std::shared_ptr(std::move(artefacts)),
                                 "",
                                 0,  // the store is as near
                                 files_,
                                 log_,
                                 escalate()};
    task_manager_ = spawn_supervisor(*system_, supervised_task_manager(setup));
  }

  std::function<void(const Error&)> escalate() {
    return [this](const Error& error) { stop_.fail(error); };
  }

  TemporaryDirectory directory_;
  PosixFileSystem files_;
  LogSink& log_;
  StopSignal& stop_;
  LeatActorConfig config_;
  std::optional<caf::actor_system> system_;
  supervisor_actor job_manager_;
  supervisor_actor task_manager_;
  std::optional<ActorJobClient> client_;
};

}  // namespace

Result<std::unique_ptr<LocalCluster>> LocalCluster::start(const LocalClusterOptions& options,
                                                          LogSink& log, StopSignal& stop) {
  auto directory = TemporaryDirectory::create("leat-local-");
  if (!directory)
    return directory.error();
  auto cluster = std::make_unique<InProcessCluster>(std::move(*directory), log, stop);
  if (auto started = cluster->start(options); !started)
    return started.error();
  return std::unique_ptr<LocalCluster>(std::move(cluster));
}

}  // namespace leat::actors
