#pragma once

// The JobManager's actor: hands messages to the JobManagerCore and carries out its commands. It
// decides nothing and blocks nowhere; what blocks runs on io workers. If it fails, its process ends:
// what it knows lies in the metadata store.

#include <cstdint>
#include <functional>
#include <memory>

#include <caf/fwd.hpp>

#include "actors/artefact_store.hpp"
#include "actors/meta_store.hpp"
#include "actors/protocol.hpp"
#include "actors/snapshot_keeper.hpp"
#include "actors/supervisor.hpp"
#include "runtime/base/file_system.hpp"
#include "runtime/base/log_event.hpp"
#include "runtime/coordination/job_manager_options.hpp"

namespace leat::actors {

/// The references outlive the actor system.
struct JobManagerSetup {
  runtime::JobManagerOptions options;
  Epoch epoch{};
  MetaStore::Entries stored;
  std::shared_ptr<MetaStore> meta;
  std::shared_ptr<ArtefactStore> artefacts;
  OpenSnapshots open_snapshots;
  FileSystem& files;
  LogSink& log;
};

job_manager_actor spawn_job_manager(caf::actor_system& system, JobManagerSetup setup);

/// For spawn_supervisor(): its first failure ends the process, whose successor reads the store anew.
SupervisedChild supervised_job_manager(const job_manager_actor& job_manager, LogSink& log,
                                       std::function<void(const Error&)> escalate);

}  // namespace leat::actors
