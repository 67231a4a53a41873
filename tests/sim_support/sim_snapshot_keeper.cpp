#include "tests/sim_support/sim_snapshot_keeper.hpp"

#include <chrono>
#include <string_view>
#include <utility>
#include <vector>

#include "runtime/base/check.hpp"

namespace leat::sim {

namespace {

constexpr std::size_t kSliceBytes = 200;
constexpr Duration kCollectPause = std::chrono::milliseconds(20);
constexpr Duration kReopenPause = std::chrono::milliseconds(50);

}  // namespace

void SimSnapshotKeeper::open(const runtime::KeepChunks& command) {
  LEAT_CHECK(store_ == nullptr);
  auto opened = test::MemorySnapshotStore::open(around_.disk, around_.epoch, command.ids);
  LEAT_CHECK(opened.ok());
  store_ = std::move(opened->store);
  garbage_ = true;
  schedule_slice();
  around_.answer(
      [token = command.token, lost = std::move(opened->lost)](auto& core, Time now, auto& out) {
        core.on_chunks_kept(token, lost, now, out);
      });
}

void SimSnapshotKeeper::store(const runtime::StoreChunks& command) {
  const std::vector<std::string_view> chunks(command.chunks.begin(), command.chunks.end());
  auto ids = store_->put(chunks);
  if (store_->needs_reopen())
    schedule_reopen();
  around_.answer([token = command.token, ids = std::move(ids)](auto& core, Time now, auto& out) {
    core.on_chunks_stored(token, ids, now, out);
  });
}

void SimSnapshotKeeper::load(const runtime::LoadChunk& command) {
  around_.answer(
      [token = command.token, chunk = store_->get(command.id)](auto& core, Time now, auto& out) {
        core.on_chunk_loaded(token, chunk, now, out);
      });
}

void SimSnapshotKeeper::release(const runtime::ReleaseChunks& command) {
  store_->release(command.ids);
  garbage_ = true;
  schedule_slice();
}

void SimSnapshotKeeper::begin(const runtime::WriteSavepoint& command) {
  around_.answer([token = command.token](auto& core, Time now, auto& out) {
    core.on_savepoint_written(token, Error(ErrorKind::kIo, "there are no savepoints yet"), now,
                              out);
  });
}

void SimSnapshotKeeper::begin(const runtime::ReadSavepoint& command) {
  around_.answer([token = command.token](auto& core, Time now, auto& out) {
    core.on_savepoint_read(token, Error(ErrorKind::kIo, "there are no savepoints yet"), now, out);
  });
}

// ---- long work ----

void SimSnapshotKeeper::schedule_slice() {
  if (!garbage_ || std::exchange(slice_scheduled_, true))
    return;
  around_.world.deliver_at(around_.world.now() + kCollectPause, around_.actor, [this] { slice(); });
}

void SimSnapshotKeeper::slice() {
  slice_scheduled_ = false;
  const auto more = store_->collect(kSliceBytes);
  garbage_ = more && *more;
  schedule_slice();
}

void SimSnapshotKeeper::schedule_reopen() {
  if (std::exchange(reopen_scheduled_, true))
    return;
  around_.world.deliver_at(around_.world.now() + kReopenPause, around_.actor, [this] {
    reopen_scheduled_ = false;
    if (store_->needs_reopen() && !store_->reopen())
      schedule_reopen();
  });
}

}  // namespace leat::sim
