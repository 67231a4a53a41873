#include "actors/job_manager_process.hpp"

#include <atomic>
#include <chrono>
#include <memory>
#include <set>
#include <string>
#include <utility>

#include <caf/actor_cast.hpp>
#include <caf/actor_system.hpp>
#include <caf/exit_reason.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/send.hpp>

#include "actors/actor_config.hpp"
#include "actors/artefact_store.hpp"
#include "actors/data_directory.hpp"
#include "actors/http_pages.hpp"
#include "actors/http_server.hpp"
#include "actors/job_manager.hpp"
#include "actors/level_db_snapshots.hpp"
#include "actors/meta_store.hpp"
#include "actors/node.hpp"
#include "actors/shutdown.hpp"
#include "actors/supervisor.hpp"
#include "actors/tls_watch.hpp"
#include "runtime/base/posix_file_system.hpp"

namespace leat::actors {

namespace {

constexpr std::chrono::seconds kPublishTimeout{5};

LinkOptions link_options(const JobManagerProcessOptions& options) {
  return {options.engine.heartbeat_interval, options.engine.heartbeat_timeout, options.tls};
}

/// The port in use.
Result<std::uint16_t> publish(caf::actor_system& system, const job_manager_actor& job_manager,
                              const Endpoint& listen) {
  Result<std::uint16_t> outcome = listen_error(listen, "the JobManager");
  const caf::scoped_actor self(system);
  self->request(middleman_of(system), kPublishTimeout, caf::publish_atom::value, listen.port,
                caf::actor_cast<caf::strong_actor_ptr>(job_manager), std::set<std::string>{},
                listen.host, true)
      .receive([&](std::uint16_t port) { outcome = port; }, [](const caf::error&) {});
  return outcome;
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
  if (auto allowed = check_listen_address(options.listen, options.insecure || options.tls);
      !allowed)
    return allowed;
  std::unique_ptr<HttpServer> http;
  if (options.http) {
    auto bound = HttpServer::bind(*options.http);
    if (!bound)
      return bound.error();
    http = std::move(*bound);
  }
  PosixFileSystem files;
  if (auto usable = prepare_data_directory(files, options.data_dir); !usable)
    return usable;
  auto meta = MetaStore::open(meta_path(options.data_dir), Durability::kSynced);
  if (!meta)
    return meta.error();
  auto artefacts =
      ArtefactStore::open(files, artefacts_path(options.data_dir), Durability::kSynced);
  if (!artefacts)
    return artefacts.error();

  const TlsWatch tls_watch(options.tls, log);
  LeatActorConfig config(Networking::kOn, link_options(options));
  caf::actor_system system(config);
  const Epoch epoch = meta->epoch;
  auto job_manager = spawn_job_manager(
      system,
      {options.engine, epoch, std::move(meta->entries), std::shared_ptr(std::move(meta->store)),
       std::shared_ptr(std::move(*artefacts)),
       level_db_snapshots(chunks_path(options.data_dir), epoch, Durability::kSynced), files, log});
  auto supervisor = spawn_supervisor(
      system,
      supervised_job_manager(job_manager, log, [&stop](const Error& error) { stop.fail(error); }));
  const auto listening = std::make_shared<std::atomic<bool>>(false);
  if (http)
    http->serve(job_manager_pages(system, supervisor, options.data_dir, listening), log,
                "jobmanager");
  const auto port = publish(system, job_manager, options.listen);
  if (port) {
    log_listening(log, {options.listen.host, *port}, epoch);
    *listening = true;
    stop.wait();
  } else {
    stop.fail(port.error());
  }
  http.reset();  // its threads have used the actor system
  caf::anon_send_exit(supervisor, caf::exit_reason::user_shutdown);
  job_manager = nullptr;
  supervisor = nullptr;
  await_actors_or_exit(system, log);
  const auto failure = stop.failure();
  return failure ? Result<void>(*failure) : Result<void>();
}

}  // namespace leat::actors
