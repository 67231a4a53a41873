#include "actors/slot.hpp"

#include <caf/actor_system.hpp>
#include <caf/stateful_actor.hpp>

#include "actors/error_text.hpp"
#include "actors/own_thread.hpp"
#include "actors/slot_state.hpp"

namespace leat::actors {

namespace {

using Pointer = local_slot_actor::stateful_pointer<SlotState>;

local_slot_actor::behavior_type slot(Pointer self, const SlotSetup& setup) {
  auto& state = self->state;
  // A message of no known type is refused without a word on standard error.
  self->set_default_handler(caf::drop);
  self->set_exception_handler([](std::exception_ptr& thrown) { return exception_reason(thrown); });
  self->set_down_handler([&state](caf::down_msg& down) { state.on_down(down); });
  self->set_exit_handler([&state](caf::exit_msg& exit) { state.stop(exit.reason); });
  state.create(setup);
  return {
      [&state](const DataMessage& message) { state.on_data(message); },
      [&state](const CreditMessage& message) { state.on_credit(message); },
      [&state](start_atom, const SlotPeers& peers) { state.start(peers); },
      [&state](const proto::SplitGrant& grant) { state.on_split_grant(grant); },
      [&state](const proto::CollectCredit& credit) { state.on_collect_credit(credit); },
      [&state](const proto::TriggerCheckpoint& trigger) { state.on_trigger(trigger); },
      [&state](const proto::AbortCheckpoint& abort) { state.on_abort_checkpoint(abort); },
      [&state](const proto::CheckpointComplete& done) { state.on_checkpoint_complete(done); },
      [&state](const proto::ChunkStored& stored) { state.on_chunk_stored(stored); },
      [&state](const proto::ChunkData& chunk) { state.on_chunk_data(chunk); },
      [&state](stop_atom) { state.stop(caf::none); },
      [&state](turn_atom) { state.turn(); },
      [&state](wake_atom) { state.wake(); },
      [&state](report_atom) { state.report_metrics(); },
  };
}

}  // namespace

local_slot_actor spawn_slot(caf::actor_system& system, const SlotSetup& setup) {
  return spawn_on_own_thread(system, slot, setup);
}

}  // namespace leat::actors
