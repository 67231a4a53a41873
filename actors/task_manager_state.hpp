#pragma once

// What the TaskManager's actor keeps: the state machine, the connection to the JobManager, the slots'
// handles. Lives on the actor's thread.

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include <caf/typed_event_based_actor.hpp>

#include "actors/artefact_fetcher.hpp"
#include "actors/boot_clock.hpp"
#include "actors/command_queue.hpp"
#include "actors/job_manager_link.hpp"
#include "actors/peer_directory.hpp"
#include "actors/protocol.hpp"
#include "actors/shared_lease.hpp"
#include "actors/task_manager.hpp"
#include "actors/tick_timer.hpp"
#include "runtime/checkpointing/local_copies.hpp"
#include "runtime/coordination/task_manager_core.hpp"

namespace leat::runtime {
class JobGraph;
}

namespace leat::actors {

class TaskManagerState {
 public:
  using Self = local_task_manager_actor::base;
  using Core = runtime::TaskManagerCore;
  using Commands = runtime::TaskManagerCommands;

  explicit TaskManagerState(Self* self) : self_(self) {}

  /// Publishes the hub first, if there is one: the state machine wants to know its port.
  void start(const TaskManagerSetup& setup);

  /// An event: a member function of the state machine and its first arguments.
  template <class Event, class... Values>
  void tell(Event event, Values&&... values) {
    if (!core_)
      return;
    Commands commands;
    std::invoke(event, *core_, std::forward<Values>(values)..., clock_.now(), commands);
    carry_out(commands);
  }

  caf::result<proto::HelloReply, Incarnation> hello(const proto::Hello& hello, Incarnation from,
                                                    const caf::strong_actor_ptr& hub);
  [[nodiscard]] caf::strong_actor_ptr resolve(const proto::ResolveSubtask& question) const;
  template <class Message>
  void forward(Message&& message) {
    if (!core_)
      return;
    Commands commands;
    core_->forward(std::forward<Message>(message), commands);
    carry_out(commands);
  }
  void metrics(const proto::SubtaskMetrics& metrics);
  void slot_event(const proto::SubtaskEvent& event);
  void send_chunk(proto::SnapshotChunk& chunk);
  /// Answers it from a local copy if there is one.
  void fetch_chunk(const proto::FetchChunk& fetch);
  void chunk_stored(const proto::ChunkStored& stored);
  void checkpoint_complete(const proto::CheckpointComplete& complete);
  void down(const caf::down_msg& down);
  void leave();
  void tick();
  [[nodiscard]] runtime::TaskManagerFigures figures() const;

  static inline constexpr const char* name = "task_manager";

 private:
  struct Slot {
    proto::DeploySubtask deployment;
    local_slot_actor actor;  ///< null while it is being loaded
    bool stop_requested = false;
    runtime::LocalCopies::Pieces restored_from{};
  };
  using Graph = std::shared_ptr<const runtime::JobGraph>;

  void close_old_port();
  void publish();
  void run(std::uint16_t data_port);
  void open_copies();

  void carry_out(Commands& commands);
  void carry_out(runtime::ConnectToJobManager& command);
  void carry_out(runtime::SendToJobManager& command);
  void carry_out(runtime::FetchArtefact& command);
  void carry_out(runtime::SpawnSlot& command);
  void carry_out(runtime::StartSlot& command);
  void carry_out(runtime::StopSlot& command);
  void carry_out(runtime::CommitPending& command);
  void carry_out(runtime::ToSlot& command);
  void carry_out(runtime::EndTaskManager& command);
  void carry_out(runtime::LeaveDone& command);
  void carry_out(LogEvent& event);

  void send(proto::RegisterTaskManager& message);
  void send(proto::Heartbeat& message);
  void send(proto::SubtaskEvent& message);
  void send(proto::SplitRequest& message);
  void send(proto::CollectRows& message);
  void send(proto::SnapshotChunk& message);
  void send(proto::FetchChunk& message);

  template <class Message>
  void to_slot(Message& message);

  void loaded(const std::string& key, const Result<Graph>& graph);
  void slot_failed(const proto::SubtaskRef& ref, const Error& error,
                   std::optional<std::uint32_t> unreachable_peer = std::nullopt);
  void slot_down(const std::string& key, const caf::error& reason);

  Self* self_;
  BootClock clock_;
  std::optional<TaskManagerSetup> setup_;
  Incarnation incarnation_;
  std::unique_ptr<Core> core_;  // null until the hub is published
  CommandQueue<runtime::TaskManagerCommand> queue_;
  TickTimer timer_;
  std::shared_ptr<SharedLease> lease_ = std::make_shared<SharedLease>();
  std::optional<JobManagerLink> link_;
  std::optional<PeerDirectory> peers_;
  std::optional<ArtefactFetcher> fetcher_;
  std::optional<runtime::LocalCopies> copies_;
  io_worker_actor load_worker_;        // runs user code: may hang
  io_worker_actor commit_worker_;      // must not wait for that
  io_worker_actor copies_worker_;      // nor anything for local copies
  std::map<std::string, Slot> slots_;  // by serialised SubtaskRef
};

}  // namespace leat::actors
