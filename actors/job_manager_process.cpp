#include "actors/job_manager_process.hpp"

#include <utility>

#include <caf/actor_cast.hpp>
#include <caf/actor_system.hpp>
#include <caf/exit_reason.hpp>
#include <caf/io/middleman.hpp>
#include <caf/send.hpp>

#include "actors/actor_config.hpp"
#include "actors/artefact_store.hpp"
#include "actors/job_manager.hpp"
#include "actors/meta_store.hpp"
#include "actors/node.hpp"
#include "actors/shutdown.hpp"
#include "actors/supervisor.hpp"
#include "runtime/base/posix_file_system.hpp"

namespace leat::actors {

namespace {

LinkOptions link_options(const runtime::JobManagerOptions& engine) {
  return {engine.heartbeat_interval, engine.heartbeat_timeout};
}

void log_listening(LogSink& log, const Endpoint& listen, Epoch epoch) {
  log.write(
      {LogLevel::kInfo,
       "jobmanager",
       "listening",
       {{"address", listen.text()}, {"epoch", std::to_string(static_cast<std::uint64_t>(epoch))}}});
}

}  // namespace

Result<void> run_job_manager(const JobManagerProcessOptions& options, LogSink& log,
                             StopSignal& stop) {
  if (auto allowed = check_listen_address(options.listen, options.insecure); !allowed)
    return allowed;
  PosixFileSystem files;
  if (auto made = files.create_directories(options.data_dir); !made)
    return made.error().within("the data directory");
  auto meta = MetaStore::open(options.data_dir + "/meta", Durability::kSynced);
  if (!meta)
    return meta.error();
  auto artefacts = ArtefactStore::open(files, options.data_dir + "/artefacts", Durability::kSynced);
  if (!artefacts)
    return artefacts.error();

  LeatActorConfig config(Networking::kOn, link_options(options.engine));
  caf::actor_system system(config);
  const Epoch epoch = meta->epoch;
  auto job_manager =
      spawn_job_manager(system, {options.engine, epoch, std::move(meta->entries),
                                 std::shared_ptr(std::move(meta->store)),
                                 std::shared_ptr(std::move(*artefacts)), files, log});
  auto supervisor = spawn_supervisor(
      system,
      supervised_job_manager(job_manager, log, [&stop](const Error& error) { stop.fail(error); }));
  const auto port =
      system.middleman().publish(caf::actor_cast<caf::actor>(job_manager), options.listen.port,
                                 options.listen.host.c_str(), true);
  if (port) {
    log_listening(log, {options.listen.host, *port}, epoch);
    stop.wait();
  } else {
    stop.fail(listen_error(options.listen, "the JobManager"));
  }
  caf::anon_send_exit(supervisor, caf::exit_reason::user_shutdown);
  job_manager = nullptr;
  supervisor = nullptr;
  await_actors_or_exit(system, log);
  const auto failure = stop.failure();
  return failure ? Result<void>(*failure) : Result<void>();
}

}  // namespace leat::actors
