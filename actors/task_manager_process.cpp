#include "actors/task_manager_process.hpp"

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include <caf/actor_system.hpp>
#include <caf/exit_reason.hpp>
#include <caf/send.hpp>

#include "actors/actor_config.hpp"
#include "actors/artefact_store.hpp"
#include "actors/http_pages.hpp"
#include "actors/http_server.hpp"
#include "actors/node.hpp"
#include "actors/own_address.hpp"
#include "actors/random_id.hpp"
#include "actors/shutdown.hpp"
#include "actors/supervisor.hpp"
#include "actors/task_manager.hpp"
#include "actors/temporary_directory.hpp"
#include "actors/tls_watch.hpp"
#include "runtime/base/posix_file_system.hpp"

namespace leat::actors {

namespace {

/// What no peer could dial.
bool is_wildcard(const std::string& host) {
  return host.empty() || host == "0.0.0.0" || host == "::";
}

Result<std::string> advertised_host(const TaskManagerProcessOptions& options) {
  std::string reason = options.advertise + " is no address of one machine";
  if (options.advertise.empty()) {
    if (!is_wildcard(options.listen.host))
      return options.listen.host;
    auto own = own_address();
    if (own)
      return own;
    reason = own.error().message();
  } else if (!is_wildcard(options.advertise)) {
    return options.advertise;
  }
  return Error(ErrorKind::kUsage,
               "other TaskManagers cannot dial this one: " + reason +
                   "; name this machine's address as they see it with --advertise");
}

/// Until nothing of the TaskManager is left, or for so long.
void leave(const supervisor_actor& supervisor, const StopSignal& gone, Duration timeout,
           LogSink& log) {
  caf::anon_send(supervisor, leave_atom::value);
  if (gone.wait_for(timeout))
    return;
  const auto waited = std::chrono::duration_cast<std::chrono::milliseconds>(timeout).count();
  log.write({LogLevel::kWarn,
             "taskmanager",
             "leave_timeout",
             {{"reason", "its jobs have not moved in time: they go on from their checkpoints"},
              {"waited_ms", std::to_string(waited)},
              {"action", "end"}}});
}

}  // namespace

Result<void> run_task_manager(const TaskManagerProcessOptions& options, LogSink& log,
                              StopSignal& stop) {
  if (auto allowed = check_listen_address(options.listen, options.insecure || options.link.tls);
      !allowed)
    return allowed;
  auto advertise = advertised_host(options);
  if (!advertise)
    return advertise.error();
  std::unique_ptr<HttpServer> http;
  if (options.http) {
    auto bound = HttpServer::bind(*options.http);
    if (!bound)
      return bound.error();
    http = std::move(*bound);
  }
  std::optional<TemporaryDirectory> temporary;
  std::string work_dir = options.work_dir;
  if (work_dir.empty()) {
    auto created = TemporaryDirectory::create("leat-taskmanager-");
    if (!created)
      return created.error();
    temporary.emplace(std::move(*created));
    work_dir = temporary->path();
  }
  PosixFileSystem files;
  auto artefacts = ArtefactStore::open(files, work_dir + "/artefacts", Durability::kTemporary);
  if (!artefacts)
    return artefacts.error().within("the work directory");

  const TlsWatch tls_watch(options.link.tls, log);
  StopSignal gone;
  LeatActorConfig config(Networking::kOn, options.link);
  caf::actor_system system(config);
  HubAddress hub;
  hub.listen = options.listen;
  hub.advertise = *advertise;
  const TaskManagerSetup setup{random_name("tm"),
                               options.slots,
                               options.job_manager,
                               hub,
                               std::shared_ptr(std::move(*artefacts)),
                               work_dir + "/local-state",
                               options.local_state_bytes,
                               files,
                               log,
                               [&](const Error& error) {
                                 stop.fail(error);
                                 gone.request();
                               }};
  SupervisedChild child = supervised_task_manager(setup);
  child.ended = [&gone] { gone.request(); };
  auto supervisor = spawn_supervisor(system, child);
  if (http)
    http->serve(task_manager_pages(system, supervisor, options.job_manager), log, "taskmanager");
  stop.wait();
  if (!stop.failure() && options.leave_timeout > Duration::zero())
    leave(supervisor, gone, options.leave_timeout, log);
  http.reset();  // its threads have used the actor system
  caf::anon_send_exit(supervisor, caf::exit_reason::user_shutdown);
  supervisor = nullptr;
  await_actors_or_exit(system, log);
  const auto failure = stop.failure();
  return failure ? Result<void>(*failure) : Result<void>();
}

}  // namespace leat::actors
