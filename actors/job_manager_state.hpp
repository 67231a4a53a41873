#pragma once

// What the JobManager's actor keeps: the state machine, who waits for an answer, how to reach each
// TaskManager. Lives on the actor's thread.
// Invariant: every promise is answered once, by the ReplyTo with its request id.

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include <caf/response_promise.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <caf/typed_response_promise.hpp>

#include "actors/boot_clock.hpp"
#include "actors/command_queue.hpp"
#include "actors/job_manager.hpp"
#include "actors/protocol.hpp"
#include "actors/tick_timer.hpp"
#include "runtime/coordination/job_manager_core.hpp"

namespace leat::actors {

class JobManagerState {
 public:
  using Self = local_job_manager_actor::base;
  using Core = runtime::JobManagerCore;
  using Commands = runtime::JobManagerCommands;

  explicit JobManagerState(Self* self) : self_(self) {}

  void start(JobManagerSetup setup);

  proto::HelloReply hello(const proto::Hello& hello) const;

  /// A request whose answer is a command of the state machine, now or later.
  template <class Reply, class Request>
  caf::result<Reply> ask(void (Core::*event)(runtime::RequestId, const Request&, Time, Commands&),
                         const Request& request) {
    const auto id = static_cast<runtime::RequestId>(++last_request_);
    auto promise = self_->template make_response_promise<Reply>();
    promises_.emplace(id, promise);
    Commands commands;
    std::invoke(event, *core_, id, request, clock_.now(), commands);
    carry_out(commands);
    return promise;
  }

  /// An event without an answer: a member function of the state machine and its first arguments.
  template <class Event, class... Values>
  void tell(Event event, Values&&... values) {
    Commands commands;
    std::invoke(event, *core_, std::forward<Values>(values)..., clock_.now(), commands);
    carry_out(commands);
  }

  caf::result<proto::RegisterReply> register_task_manager(const proto::RegisterTaskManager& message,
                                                          const caf::strong_actor_ptr& hub);
  void task_manager_down(const caf::down_msg& down);
  void tick();
  void answer(KeeperAnswer& answer);

  [[nodiscard]] runtime::JobManagerFigures figures() const { return core_->figures(clock_.now()); }
  [[nodiscard]] const artefact_store_actor& artefacts() const { return artefacts_; }

  static inline constexpr const char* name = "job_manager";

 private:
  struct TaskManager {
    std::string id;
    task_manager_actor hub;
  };

  void carry_out(Commands& commands);
  void carry_out(runtime::SendToTaskManager& command);
  void carry_out(runtime::ReplyTo& command);
  void carry_out(runtime::Persist& command);
  void carry_out(runtime::PrepareJob& command);
  void carry_out(runtime::CleanOutputs& command);
  /// What the SnapshotKeeper does.
  template <class Command>
  void carry_out(Command& command) {
    self_->send(keeper_, std::move(command));
  }
  void carry_out(runtime::DropTaskManager& command);
  void carry_out(LogEvent& event);

  [[nodiscard]] std::optional<Error> node_conflict(const std::string& id,
                                                   const caf::strong_actor_ptr& hub) const;
  void forget(Incarnation incarnation);

  Self* self_;
  BootClock clock_;
  std::shared_ptr<MetaStore> meta_;
  FileSystem* files_ = nullptr;
  LogSink* log_ = nullptr;
  Epoch epoch_{};
  std::unique_ptr<Core> core_;
  CommandQueue<runtime::JobManagerCommand> queue_;
  TickTimer timer_;
  std::uint64_t last_request_ = 0;
  std::map<runtime::RequestId, caf::response_promise> promises_;
  std::map<Incarnation, TaskManager> task_managers_;
  io_worker_actor meta_worker_;
  io_worker_actor file_worker_;
  artefact_store_actor artefacts_;
  snapshot_keeper_actor keeper_;
};

}  // namespace leat::actors
