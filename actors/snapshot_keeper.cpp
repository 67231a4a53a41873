#include "actors/snapshot_keeper.hpp"

#include <exception>
#include <utility>

#include "actors/error_text.hpp"
#include "actors/own_thread.hpp"
#include "actors/snapshot_keeper_state.hpp"
#include "actors/thread_priority.hpp"

namespace leat::actors {

snapshot_keeper_actor::behavior_type snapshot_keeper(
    snapshot_keeper_actor::stateful_pointer<SnapshotKeeperState> self,
    const SnapshotKeeperSetup& setup) {
  give_way();
  let_leveldb_give_way();
  self->set_exception_handler([](std::exception_ptr& thrown) { return exception_reason(thrown); });
  auto& state = self->state;
  state.start(setup);
  return {
      [&state](const runtime::KeepChunks& command) { state.open(command); },
      [&state](const runtime::StoreChunks& command) { state.store(command); },
      [&state](const runtime::LoadChunk& command) { state.load(command); },
      [&state](const runtime::ReleaseChunks& command) { state.release(command); },
      [&state](const runtime::WriteSavepoint& command) { state.begin(command); },
      [&state](const runtime::ReadSavepoint& command) { state.begin(command); },
      [&state](tick_atom) { state.slice(); },
      [&state](wake_atom) { state.reopen(); },
  };
}

snapshot_keeper_actor spawn_snapshot_keeper(local_job_manager_actor::base* owner,
                                            SnapshotKeeperSetup setup) {
  return spawn_on_own_thread<caf::linked>(*owner, snapshot_keeper, std::move(setup));
}

}  // namespace leat::actors
