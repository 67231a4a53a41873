#pragma once

// What the SnapshotKeeper's actor keeps: the store, and long work in progress. Lives on its thread.
// Invariant: a slice of long work or of housekeeping is due as long as there is any (a tick is under way).

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <utility>
#include <variant>

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include "actors/snapshot_keeper.hpp"
#include "runtime/checkpointing/savepoint_reader.hpp"
#include "runtime/checkpointing/savepoint_writer.hpp"
#include "runtime/coordination/job_manager_core.hpp"

namespace leat::actors {

class SnapshotKeeperState {
 public:
  using Self = snapshot_keeper_actor::base;

  explicit SnapshotKeeperState(Self* self) : self_(self) {}

  void start(const SnapshotKeeperSetup& setup);

  void open(const runtime::KeepChunks& command);
  void store(const runtime::StoreChunks& command);
  void load(const runtime::LoadChunk& command);
  void release(const runtime::ReleaseChunks& command);
  void begin(const runtime::WriteSavepoint& command);
  void begin(const runtime::ReadSavepoint& command);
  void slice();
  void reopen();

  static inline constexpr const char* name = "snapshot_keeper";

 private:
  using Core = runtime::JobManagerCore;
  using Request = std::variant<runtime::WriteSavepoint, runtime::ReadSavepoint>;

  /// Tells the state machine: an event and its first arguments.
  template <class Event, class... Values>
  void answer(Event event, Values... values) {
    self_->send(setup_->owner,
                KeeperAnswer{[event, ... kept = std::move(values)](
                                 Core& core, Time now, runtime::JobManagerCommands& out) mutable {
                  (core.*event)(std::move(kept)..., now, out);
                }});
  }

  void schedule_collection();
  void schedule_slice();
  void schedule_reopen();
  /// True if there was savepoint work.
  bool savepoint_slice();
  void write_slice(const runtime::WriteSavepoint& request);
  void read_slice(const runtime::ReadSavepoint& request);
  void next_savepoint();
  void collect_slice();
  void log(LogLevel level, const std::string& event, const std::string& reason) const;

  Self* self_;
  std::unique_ptr<SnapshotKeeperSetup> setup_;
  std::unique_ptr<SnapshotStore> store_;
  std::deque<Request> savepoints_;  // the first one may be in progress
  std::unique_ptr<SavepointWriter> writer_;
  std::unique_ptr<SavepointReader> reader_;
  bool slice_scheduled_ = false;
  bool hoards_ = false;   // nobody can tell garbage from what is needed: nothing is collected
  bool garbage_ = false;  // collect() may find something
  bool reopen_scheduled_ = false;
  std::uint32_t reopens_ = 0;  // failed in a row
};

/// What spawn_snapshot_keeper() spawns.
snapshot_keeper_actor::behavior_type snapshot_keeper(
    snapshot_keeper_actor::stateful_pointer<SnapshotKeeperState> self,
    const SnapshotKeeperSetup& setup);

}  // namespace leat::actors
