#pragma once

// A TaskManager's process in the simulation: a TaskManagerCore, its connection to the JobManager, and
// the slots it runs. Carries no decision of its own.

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "runtime/coordination/job_manager_commands.hpp"
#include "runtime/coordination/task_manager_core.hpp"
#include "tests/sim_support/sim_job_manager.hpp"
#include "tests/sim_support/sim_outputs.hpp"
#include "tests/sim_support/sim_slot.hpp"
#include "tests/sim_support/sim_world.hpp"

namespace leat::sim {

class SimCluster;

class SimTaskManager final : public SimTicker {
 public:
  /// References outlive this.
  struct Surroundings {
    SimCluster& cluster;
    SimWorld& world;
    SimJobManager& job_manager;
    SimOutputs& outputs;
    const SimSlotFactory& slots;
  };

  SimTaskManager(Surroundings surroundings, runtime::TaskManagerOptions options);
  ~SimTaskManager() override;

  void start();
  void kill();
  [[nodiscard]] bool alive() const { return core_ != nullptr; }
  [[nodiscard]] Incarnation incarnation() const { return options_.incarnation; }
  [[nodiscard]] const std::string& id() const { return options_.id; }
  [[nodiscard]] std::string uplink() const { return id() + ">jm"; }
  [[nodiscard]] std::string downlink() const { return "jm>" + id(); }

  /// Puts a message of the JobManager on its way here.
  void send(const runtime::ToTaskManager& message);
  void connection_lost(const std::string& reason);
  /// Runs `action` on the slot of this subtask if it is here.
  void with_slot(const proto::SubtaskRef& ref, const std::function<void(SimSlot&)>& action);
  /// The slot's actor dies without a word of its own.
  void break_slot(std::size_t nth);
  [[nodiscard]] std::size_t slots_in_use() const { return slots_.size(); }

  [[nodiscard]] Time next_deadline() const override;
  void tick() override;
  [[nodiscard]] const std::vector<LogEvent>& log() const { return log_; }
  [[nodiscard]] bool gave_up() const { return gave_up_; }

 private:
  class Slot;
  friend class Slot;

  template <class Event>
  void handle(Event event);
  void carry_out(const runtime::TaskManagerCommands& commands);
  void carry_out_one(const runtime::ConnectToJobManager& command);
  void carry_out_one(const runtime::SendToJobManager& command);
  void carry_out_one(const runtime::FetchArtefact& command);
  void carry_out_one(const runtime::SpawnSlot& command);
  void carry_out_one(const runtime::StartSlot& command);
  void carry_out_one(const runtime::StopSlot& command);
  void carry_out_one(const runtime::CommitPending& command);
  void carry_out_one(const runtime::ToSlot& command);
  void carry_out_one(const runtime::EndTaskManager& command);
  void carry_out_one(const LogEvent& event);

  /// Later, on this process: nothing if it has died.
  void later(const std::string& channel, std::function<void()> work);
  /// To the JobManager, over the connection there is.
  void to_job_manager(std::function<void()> delivery);
  void deliver(const proto::RegisterTaskManager& message);
  void deliver(const proto::Heartbeat& message);
  void deliver(const proto::SubtaskEvent& message);
  void deliver(const proto::SplitRequest& message);
  void deliver(const proto::CollectRows& message);
  void deliver(const proto::SnapshotChunk& message);
  void deliver(const proto::FetchChunk& message);
  /// A handler of the JobManager's answer that runs here, when it has travelled back.
  template <class Reply, class Handler>
  [[nodiscard]] runtime::RequestId answered_by(Handler handler);

  Surroundings around_;
  runtime::TaskManagerOptions options_;
  std::unique_ptr<runtime::TaskManagerCore> core_;
  std::uint64_t connected_to_ = 0;                      // the JobManager's life; 0: not connected
  std::map<std::string, std::unique_ptr<Slot>> slots_;  // by serialized reference
  std::vector<std::unique_ptr<Slot>> gone_;             // closures under way may hold on to them
  std::vector<LogEvent> log_;
  bool gave_up_ = false;
};

}  // namespace leat::sim
