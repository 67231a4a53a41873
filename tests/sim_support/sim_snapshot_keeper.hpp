#pragma once

// The owner of the chunk store in the JobManager's process, as actors/snapshot_keeper is: it carries out
// what the core asks of it, in order, frees space when nothing else is due, and opens the store anew after
// a failed write. The disk outlives it. Savepoints are written to the shared storage.

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <variant>

#include "runtime/base/file_system.hpp"
#include "runtime/checkpointing/savepoint_reader.hpp"
#include "runtime/checkpointing/savepoint_writer.hpp"
#include "runtime/coordination/job_manager_core.hpp"
#include "tests/sim_support/sim_world.hpp"
#include "tests/support/memory_snapshot_store.hpp"

namespace leat::sim {

class SimSnapshotKeeper {
 public:
  /// Tells the core, in the JobManager's actor.
  using Answer = std::function<void(runtime::JobManagerCore&, Time, runtime::JobManagerCommands&)>;
  struct Surroundings {
    SimWorld& world;
    std::shared_ptr<test::MemoryChunkDisk> disk;
    FileSystem& files;
    Epoch epoch;
    ActorId actor;  ///< in which this runs
    std::function<void(Answer)> answer;
  };

  explicit SimSnapshotKeeper(Surroundings around) : around_(std::move(around)) {}

  void open(const runtime::KeepChunks& command);
  void store(const runtime::StoreChunks& command);
  void load(const runtime::LoadChunk& command);
  void release(const runtime::ReleaseChunks& command);
  void begin(const runtime::WriteSavepoint& command);
  void begin(const runtime::ReadSavepoint& command);

  /// Null before open().
  [[nodiscard]] const SnapshotStore* store() const { return store_.get(); }

 private:
  using Request = std::variant<runtime::WriteSavepoint, runtime::ReadSavepoint>;

  void schedule_slice();
  void slice();
  void write_slice(const runtime::WriteSavepoint& request);
  void read_slice(const runtime::ReadSavepoint& request);
  void next_savepoint();
  void schedule_reopen();
  void reopen();

  Surroundings around_;
  std::unique_ptr<SnapshotStore> store_;
  std::deque<Request> savepoints_;  // the first one may be in progress
  std::unique_ptr<SavepointWriter> writer_;
  std::unique_ptr<SavepointReader> reader_;
  bool slice_scheduled_ = false;
  bool hoards_ = false;  // nobody can tell garbage from what is needed
  bool garbage_ = false;
  bool reopen_scheduled_ = false;
};

}  // namespace leat::sim
