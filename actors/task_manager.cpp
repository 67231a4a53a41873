#include "actors/task_manager.hpp"

#include <caf/actor_cast.hpp>
#include <caf/actor_system.hpp>
#include <caf/stateful_actor.hpp>

#include "actors/error_text.hpp"
#include "actors/task_manager_state.hpp"

namespace leat::actors {

namespace {

using Core = runtime::TaskManagerCore;
using Pointer = local_task_manager_actor::stateful_pointer<TaskManagerState>;

local_task_manager_actor::behavior_type task_manager(Pointer self, const TaskManagerSetup& setup) {
  auto& state = self->state;
  // A message of no known type is refused without a word on standard error.
  self->set_default_handler(caf::drop);
  self->set_exception_handler([](std::exception_ptr& thrown) { return exception_reason(thrown); });
  self->set_down_handler([&state](caf::down_msg& down) { state.down(down); });
  state.start(setup);
  return {
      [&state](const proto::DeploySubtask& message) { state.tell(&Core::deploy, message); },
      [&state](const proto::StartSubtask& message) { state.tell(&Core::start, message); },
      [&state](const proto::ReleaseAttempt& message) { state.tell(&Core::release, message); },
      [&state](const proto::CommitOutput& message) { state.tell(&Core::commit, message); },
      [&state](const proto::SplitGrant& message) { state.tell(&Core::grant, message); },
      [&state](const proto::CollectCredit& message) { state.tell(&Core::collect_credit, message); },
      [&state](const proto::TriggerCheckpoint& message) { state.tell(&Core::trigger, message); },
      [&state](const proto::AbortCheckpoint& message) {
        state.tell(&Core::abort_checkpoint, message);
      },
      [&state](const proto::CheckpointComplete& message) { state.checkpoint_complete(message); },
      [&state](const proto::ChunkStored& message) { state.chunk_stored(message); },
      [&state](const proto::ChunkData& message) { state.tell(&Core::chunk_data, message); },
      [&state](const proto::Hello& hello, Incarnation from, const caf::strong_actor_ptr& hub) {
        return state.hello(hello, from, hub);
      },
      [&state](const proto::ResolveSubtask& question) { return state.resolve(question); },
      [&state](const proto::SubtaskEvent& event) { state.slot_event(event); },
      [&state](const proto::SubtaskMetrics& metrics) { state.metrics(metrics); },
      [&state](const proto::SplitRequest& request) { state.forward(request); },
      [&state](const proto::CollectRows& rows) { state.forward(rows); },
      [&state](proto::SnapshotChunk& chunk) { state.send_chunk(chunk); },
      [&state](const proto::FetchChunk& fetch) { state.fetch_chunk(fetch); },
      [&state](leave_atom) { state.leave(); },
      [&state](tick_atom) { state.tick(); },
      [&state](FiguresRequest) { return state.figures(); },
  };
}

}  // namespace

caf::actor spawn_task_manager(caf::actor_system& system, const TaskManagerSetup& setup) {
  return caf::actor_cast<caf::actor>(system.spawn(task_manager, setup));
}

SupervisedChild supervised_task_manager(const TaskManagerSetup& setup) {
  return {"task_manager/" + setup.id,
          [setup](caf::actor_system& system) { return spawn_task_manager(system, setup); },
          setup.on_fatal, setup.log};
}

}  // namespace leat::actors
