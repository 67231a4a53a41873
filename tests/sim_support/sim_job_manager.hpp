#pragma once

// The JobManager's process in the simulation: a JobManagerCore, its metadata store (which outlives it)
// and what carries out its commands. Carries no decision of its own. One object for all its lives.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "runtime/coordination/job_manager_core.hpp"
#include "tests/sim_support/sim_files.hpp"
#include "tests/sim_support/sim_meta_store.hpp"
#include "tests/sim_support/sim_network.hpp"
#include "tests/sim_support/sim_outputs.hpp"
#include "tests/sim_support/sim_snapshot_keeper.hpp"
#include "tests/sim_support/sim_timer.hpp"
#include "tests/sim_support/sim_world.hpp"

namespace leat::sim {

class SimTaskManager;

class SimJobManager {
 public:
  using OnReply = std::function<void(const runtime::AnyReply&)>;
  /// Asks the core; the request is answered by exactly one reply.
  using Question = std::function<void(runtime::JobManagerCore&, runtime::RequestId, Time,
                                      runtime::JobManagerCommands&)>;
  static constexpr const char* kAddress = "jobmanager";

  SimJobManager(SimWorld& world, SimNetwork& network, test::MemoryFileSystem& storage,
                SimOutputs& outputs, runtime::JobManagerOptions options);

  void start();
  /// The process is gone, the store stays.
  void kill(bool with_machine);
  [[nodiscard]] bool alive() const { return core_ != nullptr; }
  [[nodiscard]] ProcessId process() const { return process_; }
  [[nodiscard]] ActorId actor() const { return actor_; }
  [[nodiscard]] std::uint64_t lives() const { return lives_; }

  /// One event: `event(core, now, out)`, and its commands are carried out.
  template <class Event>
  void handle(Event event) {
    if (core_ == nullptr)
      return;
    runtime::JobManagerCommands commands;
    event(*core_, world_.now(), commands);
    carry_out(commands);
  }
  /// A question that came over the network; the answer goes back the same way and runs `on_reply`.
  void ask(ConnectionId connection, ActorId asking, const Question& question, OnReply on_reply);
  /// A question of the test's own, answered at once or later.
  void ask(const Question& question, OnReply on_reply);
  /// The handle must be known before the core may send to it.
  void register_task_manager(ConnectionId connection, SimTaskManager& task_manager,
                             const proto::RegisterTaskManager& message, OnReply on_reply);

  [[nodiscard]] SimMetaStore& store() { return store_; }
  /// Where its chunks lie, over all its lives.
  [[nodiscard]] test::MemoryChunkDisk& chunks() { return *chunks_; }
  [[nodiscard]] const std::vector<LogEvent>& log() const { return log_; }
  [[nodiscard]] std::size_t count_logged(const std::string& event) const;
  [[nodiscard]] std::size_t requests_open() const { return requests_.size(); }

  // Faults.
  /// Dies, by `die`, when the `nth` command of this index from now is carried out: before it, or right
  /// after.
  void die_at(std::size_t command_index, std::uint32_t nth, bool before, std::function<void()> die);
  /// Dies before it has changed the shared storage so often.
  void die_before_change(std::uint64_t change, std::function<void()> die) {
    files_->die_before(change, std::move(die));
  }
  /// Neither.
  void pardon() {
    sentence_.reset();
    files_->spare();
  }

 private:
  struct TaskManagerHandle {
    ConnectionId connection;
    SimTaskManager* task_manager;
  };
  struct DeathSentence {
    std::size_t command_index;
    std::uint32_t left;
    bool before;
    std::function<void()> die;
  };

  void connection_down(ConnectionId connection);
  void carry_out(const runtime::JobManagerCommands& commands);
  /// True if the process has died of it.
  bool dies_of(const runtime::JobManagerCommand& command, bool before);
  void carry_out_one(const runtime::SendToTaskManager& command);
  void carry_out_one(const runtime::ReplyTo& command);
  void carry_out_one(const runtime::Persist& command);
  void carry_out_one(const runtime::PrepareJob& command);
  void carry_out_one(const runtime::CleanOutputs& command);
  void carry_out_one(const runtime::StoreChunks& command);
  void carry_out_one(const runtime::LoadChunk& command);
  void carry_out_one(const runtime::ReleaseChunks& command);
  void carry_out_one(const runtime::KeepChunks& command);
  void carry_out_one(const runtime::WriteSavepoint& command);
  void carry_out_one(const runtime::ReadSavepoint& command);
  void carry_out_one(const runtime::DropTaskManager& command);
  void carry_out_one(const LogEvent& event);
  [[nodiscard]] runtime::RequestId expect(OnReply on_reply);
  template <class Command>
  void keep(const Command& command, void (SimSnapshotKeeper::*how)(const Command&));
  void arm();

  SimWorld& world_;
  SimNetwork& network_;
  test::MemoryFileSystem& storage_;
  SimOutputs& outputs_;
  runtime::JobManagerOptions options_;
  SimMetaStore store_;
  const std::shared_ptr<test::MemoryChunkDisk> chunks_;
  std::uint64_t lives_ = 0;

  // Of this life.
  ProcessId process_{};
  ActorId actor_{};
  ActorId meta_worker_{};
  ActorId file_worker_{};
  ActorId chunk_worker_{};
  std::unique_ptr<SimFiles> files_;
  std::unique_ptr<runtime::JobManagerCore> core_;
  std::unique_ptr<SimSnapshotKeeper> keeper_;
  SimTimer timer_;
  std::map<Incarnation, TaskManagerHandle> task_managers_;
  std::map<runtime::RequestId, OnReply> requests_;
  std::optional<DeathSentence> sentence_;

  std::uint64_t last_request_ = 0;
  std::vector<LogEvent> log_;
  // What is under way may still hold on to them.
  std::vector<std::unique_ptr<SimFiles>> dead_files_;
  std::vector<std::unique_ptr<SimSnapshotKeeper>> dead_keepers_;
};

}  // namespace leat::sim
