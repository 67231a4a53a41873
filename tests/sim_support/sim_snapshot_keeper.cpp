#include "tests/sim_support/sim_snapshot_keeper.hpp"

#include <chrono>
#include <string_view>
#include <utility>
#include <vector>

#include "runtime/base/check.hpp"
#include "runtime/checkpointing/savepoint_directory.hpp"

namespace leat::sim {

namespace {

/// Small, so that a savepoint takes several slices and a process can die between them.
constexpr std::size_t kSliceBytes = 200;
constexpr Duration kCollectPause = std::chrono::milliseconds(20);
constexpr Duration kReopenPause = std::chrono::milliseconds(50);

}  // namespace

void SimSnapshotKeeper::open(const runtime::KeepChunks& command) {
  LEAT_CHECK(store_ == nullptr);
  auto opened = test::MemorySnapshotStore::open(around_.disk, around_.epoch, command.ids);
  LEAT_CHECK(opened.ok());
  store_ = std::move(opened->store);
  hoards_ = !command.release_others;
  garbage_ = !hoards_;
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
  garbage_ = !hoards_;
  schedule_slice();
}

void SimSnapshotKeeper::begin(const runtime::WriteSavepoint& command) {
  savepoints_.emplace_back(command);
  schedule_slice();
}

void SimSnapshotKeeper::begin(const runtime::ReadSavepoint& command) {
  savepoints_.emplace_back(command);
  schedule_slice();
}

// ---- long work ----

void SimSnapshotKeeper::schedule_slice() {
  if (slice_scheduled_ || (savepoints_.empty() && !garbage_))
    return;
  slice_scheduled_ = true;
  const auto slice = [this] { this->slice(); };
  if (savepoints_.empty())
    around_.world.deliver_at(around_.world.now() + kCollectPause, around_.actor, slice);
  else
    around_.world.send(around_.actor, around_.actor, slice);
}

void SimSnapshotKeeper::slice() {
  slice_scheduled_ = false;
  if (savepoints_.empty()) {
    const auto more = store_->collect(kSliceBytes);
    garbage_ = more && *more;
  } else if (const auto* write = std::get_if<runtime::WriteSavepoint>(&savepoints_.front())) {
    write_slice(*write);
  } else {
    read_slice(std::get<runtime::ReadSavepoint>(savepoints_.front()));
  }
  schedule_slice();
}

void SimSnapshotKeeper::write_slice(const runtime::WriteSavepoint& request) {
  const auto answer = [&](Result<std::string> outcome) {
    around_.answer(
        [token = request.token, outcome = std::move(outcome)](auto& core, Time now, auto& out) {
          core.on_savepoint_written(token, outcome, now, out);
        });
    next_savepoint();
  };
  if (!writer_) {
    auto begun = SavepointWriter::begin(
        around_.files, *store_,
        request.directory + "/" +
            savepoint_name(request.manifest.job_id(), request.manifest.info().id()),
        request.manifest);
    if (!begun)
      return answer(begun.error());
    writer_ = std::move(*begun);
  }
  const auto more = writer_->step(kSliceBytes);
  if (!more)
    answer(more.error());
  else if (!*more)
    answer(writer_->path());
}

void SimSnapshotKeeper::read_slice(const runtime::ReadSavepoint& request) {
  using Manifest = Result<proto::StoredCheckpoint>;
  const auto answer = [&](Manifest outcome) {
    around_.answer(
        [token = request.token, outcome = std::move(outcome)](auto& core, Time now, auto& out) {
          core.on_savepoint_read(token, outcome, now, out);
        });
    next_savepoint();
  };
  if (!reader_) {
    auto begun = SavepointReader::begin(around_.files, *store_, request.directory);
    if (!begun)
      return answer(begun.error());
    reader_ = std::move(*begun);
  }
  const auto more = reader_->step(kSliceBytes);
  if (store_->needs_reopen())
    schedule_reopen();
  if (!more)
    answer(more.error());
  else if (!*more)
    answer(reader_->take());
}

void SimSnapshotKeeper::next_savepoint() {
  writer_.reset();
  reader_.reset();
  savepoints_.pop_front();
  garbage_ = !hoards_;
}

void SimSnapshotKeeper::schedule_reopen() {
  if (std::exchange(reopen_scheduled_, true))
    return;
  around_.world.deliver_at(around_.world.now() + kReopenPause, around_.actor, [this] { reopen(); });
}

void SimSnapshotKeeper::reopen() {
  reopen_scheduled_ = false;
  if (!store_->needs_reopen())
    return;
  auto lost = store_->reopen();
  if (!lost)
    return schedule_reopen();
  garbage_ = !hoards_;
  schedule_slice();
  if (!lost->empty())
    around_.answer(
        [lost = *lost](auto& core, Time now, auto& out) { core.chunks_lost(lost, now, out); });
}

}  // namespace leat::sim
