#pragma once

// The TaskManager's actor and published hub: hands messages to the TaskManagerCore and carries out its
// commands. It decides nothing and blocks nowhere. Its supervisor replaces it when it fails: the new
// one starts empty, with an incarnation of its own, at the same port.

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include <caf/fwd.hpp>

#include "actors/artefact_store.hpp"
#include "actors/job_manager_link.hpp"
#include "actors/network_options.hpp"
#include "actors/protocol.hpp"
#include "actors/supervisor.hpp"
#include "runtime/base/error.hpp"
#include "runtime/base/file_system.hpp"
#include "runtime/base/log_event.hpp"

namespace leat::actors {

/// Where a process publishes its hub.
struct HubAddress {
  Endpoint listen;        ///< port 0: any
  std::string advertise;  ///< the host that peers dial
  /// The port in use, once known; kept for the next incarnation. Only one TaskManager actor of a
  /// process lives at a time, and only it looks.
  std::shared_ptr<std::uint16_t> bound_port = std::make_shared<std::uint16_t>(0);
};

/// The references outlive the actor system.
struct TaskManagerSetup {
  std::string id;  ///< "tm-3f2a9c01"
  std::uint32_t slots = 1;
  JobManagerAddress job_manager;
  std::optional<HubAddress> hub;  ///< none: everything is in this process
  std::shared_ptr<ArtefactStore> artefacts;
  /// Where copies of snapshots are kept, and how much of them; see local_copies.hpp.
  std::string local_state_dir;
  std::uint64_t local_state_bytes = 0;
  FileSystem& files;
  LogSink& log;
  /// The TaskManager cannot work here at all (port in use, refused by the JobManager): its process
  /// should end.
  std::function<void(const Error&)> on_fatal;
};

caf::actor spawn_task_manager(caf::actor_system& system, const TaskManagerSetup& setup);

/// For spawn_supervisor().
SupervisedChild supervised_task_manager(const TaskManagerSetup& setup);

}  // namespace leat::actors
