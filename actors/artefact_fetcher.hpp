#pragma once

// Brings a job object from the JobManager into the local store, piece by piece, unless it is there
// already. Part of the TaskManager's actor.

#include <cstdint>
#include <functional>
#include <string>

#include <caf/typed_event_based_actor.hpp>

#include "actors/protocol.hpp"
#include "runtime/base/result.hpp"

namespace leat::actors {

class ArtefactFetcher {
 public:
  using Self = local_task_manager_actor::base;
  using Done = std::function<void(const Result<void>&)>;

  ArtefactFetcher(Self* self, artefact_store_actor store) : self_(self), store_(std::move(store)) {}

  /// `done` follows once, unless the actor ends before.
  void fetch(const std::string& sha256, const job_manager_actor& job_manager, Done done);

 private:
  struct Fetch {
    std::string sha256;
    job_manager_actor job_manager;
    Done done;
  };

  void request_piece(const Fetch& fetch, std::uint64_t offset);
  void store_piece(const Fetch& fetch, const proto::ArtefactChunk& chunk);

  Self* self_;
  artefact_store_actor store_;
};

}  // namespace leat::actors
