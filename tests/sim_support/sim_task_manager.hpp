#pragma once

// A TaskManager's process in the simulation: a TaskManagerCore, its connections to the JobManager and to
// other TaskManagers, and the slots it runs. Carries no decision of its own. One object per life.

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "runtime/checkpointing/local_copies.hpp"
#include "runtime/coordination/job_manager_commands.hpp"
#include "runtime/coordination/task_manager_core.hpp"
#include "tests/sim_support/sim_files.hpp"
#include "tests/sim_support/sim_job_manager.hpp"
#include "tests/sim_support/sim_network.hpp"
#include "tests/sim_support/sim_outputs.hpp"
#include "tests/sim_support/sim_slot_actor.hpp"
#include "tests/sim_support/sim_timer.hpp"
#include "tests/sim_support/sim_world.hpp"

namespace leat::sim {

class SimCluster;

class SimTaskManager {
 public:
  /// References outlive this.
  struct Surroundings {
    SimCluster& cluster;
    SimWorld& world;
    SimNetwork& network;
    SimJobManager& job_manager;
    SimOutputs& outputs;
    test::MemoryFileSystem& storage;
    const SimSlotFactory& slots;
  };

  /// `number` tells it from all others that ever lived.
  SimTaskManager(Surroundings surroundings, runtime::TaskManagerOptions options,
                 std::uint32_t number);

  void start();
  /// The process is gone. The object stays: what is under way may still name it.
  void kill(bool with_machine);
  [[nodiscard]] bool alive() const { return around_.world.alive(process_); }
  [[nodiscard]] ProcessId process() const { return process_; }
  [[nodiscard]] ActorId actor() const { return actor_; }
  [[nodiscard]] Incarnation incarnation() const { return options_.incarnation; }
  [[nodiscard]] const std::string& id() const { return options_.id; }
  [[nodiscard]] SimWorld& world() { return around_.world; }
  [[nodiscard]] SimNetwork& network() { return around_.network; }
  [[nodiscard]] FileSystem& files() { return files_; }
  [[nodiscard]] bool lease_valid() const { return core_->lease_valid(around_.world.now()); }

  /// A message of the JobManager.
  void receive(const runtime::ToTaskManager& message);
  template <class Event>
  void handle(Event event) {
    if (!alive())
      return;
    runtime::TaskManagerCommands commands;
    event(*core_, around_.world.now(), commands);
    carry_out(commands);
  }
  // What passes through on its way to the JobManager.
  void event(const proto::SubtaskEvent& event);
  template <class Message>
  void forward(const Message& message) {
    handle([&](auto& core, Time, auto& out) { core.forward(message, out); });
  }
  void forward(const proto::SnapshotChunk& chunk);
  /// Answers it from a copy if there is one.
  void forward(const proto::FetchChunk& fetch);

  /// The actor quits, or has died.
  void slot_ended(const SimSlotActor& slot, bool in_order);

  [[nodiscard]] std::size_t slots_in_use() const { return slots_.size(); }
  [[nodiscard]] const std::vector<LogEvent>& log() const { return log_; }
  [[nodiscard]] bool gave_up() const { return gave_up_; }

  /// As SIGTERM does; its process ends when it may.
  void leave();
  [[nodiscard]] bool leaving() const { return leaving_; }
  /// Its process has ended because it was told that it may.
  [[nodiscard]] bool left() const { return left_; }

  // Faults.
  /// A bit turns over in what it keeps of its snapshots.
  void damage_copy(std::uint64_t seed);
  /// A slot's actor dies without a word of its own.
  void break_slot(std::size_t nth);
  /// Dies, by `die`, when the `nth` command of this index from now is carried out.
  void die_at(std::size_t command_index, std::uint32_t nth, bool before, std::function<void()> die);
  void die_before_change(std::uint64_t change, std::function<void()> die) {
    files_.die_before(change, std::move(die));
  }
  void pardon() {
    sentence_.reset();
    files_.spare();
  }

 private:
  struct Slot {
    proto::DeploySubtask deployment;
    std::unique_ptr<SimSlotActor> actor;  // null before it is loaded
    bool stop_requested = false;
    runtime::LocalCopies::Pieces restored_from{};
  };
  struct Rendezvous;
  struct DeathSentence {
    std::size_t command_index;
    std::uint32_t left;
    bool before;
    std::function<void()> die;
  };

  void connection_down(ConnectionId connection);
  void connection_lost(const std::string& reason);
  void say_hello(ConnectionId connection);
  void carry_out(const runtime::TaskManagerCommands& commands);
  [[nodiscard]] bool dies_of(const runtime::TaskManagerCommand& command, bool before);
  void arm();
  void carry_out_one(const runtime::ConnectToJobManager& command);
  void carry_out_one(const runtime::SendToJobManager& command);
  void carry_out_one(const runtime::FetchArtefact& command);
  void carry_out_one(const runtime::SpawnSlot& command);
  void carry_out_one(const runtime::StartSlot& command);
  void carry_out_one(const runtime::StopSlot& command);
  void carry_out_one(const runtime::CommitPending& command);
  void carry_out_one(const runtime::ToSlot& command);
  void carry_out_one(const runtime::EndTaskManager& command);
  void carry_out_one(const runtime::LeaveDone& command);
  void carry_out_one(const LogEvent& event);
  void loaded(const std::string& key, const Result<void>& outcome);
  void run_copies_io(runtime::LocalCopies::Work work, runtime::LocalCopies::Then then);
  void find_peer(const std::shared_ptr<Rendezvous>& rendezvous, std::uint32_t subtask);
  void slot_failed(const proto::SubtaskRef& ref, const Error& error,
                   std::optional<std::uint32_t> unreachable_peer = {});

  /// To the JobManager, over the connection there is.
  void to_job_manager(std::function<void(ConnectionId)> delivery);
  void deliver(const proto::RegisterTaskManager& message);
  void deliver(const proto::Heartbeat& message);
  void deliver(const proto::SubtaskEvent& message);
  void deliver(const proto::SplitRequest& message);
  void deliver(const proto::CollectRows& message);
  void deliver(const proto::SnapshotChunk& message);
  void deliver(const proto::FetchChunk& message);
  /// A handler of the JobManager's answer that runs here, unless the connection is another by then.
  template <class Reply, class Handler>
  [[nodiscard]] SimJobManager::OnReply answered_by(Handler handler);

  Surroundings around_;
  const runtime::TaskManagerOptions options_;
  ProcessId process_;
  ActorId actor_;
  ActorId load_worker_;
  ActorId commit_worker_;
  SimFiles files_;
  test::MemoryFileSystem local_disk_;
  ActorId copies_worker_;
  runtime::LocalCopies copies_;
  std::unique_ptr<runtime::TaskManagerCore> core_;
  SimTimer timer_;
  ConnectionId job_manager_{};                       // none: not connected
  std::uint64_t generation_ = 0;                     // of the connection to it
  std::map<std::string, Slot> slots_;                // by serialized reference
  std::vector<std::unique_ptr<SimSlotActor>> gone_;  // what is under way may still name them
  std::optional<DeathSentence> sentence_;
  std::vector<LogEvent> log_;
  bool gave_up_ = false;
  bool leaving_ = false;
  bool left_ = false;
};

}  // namespace leat::sim
