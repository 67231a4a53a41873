#include "actors/snapshot_keeper_state.hpp"

#include <algorithm>
#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "actors/error_text.hpp"
#include "runtime/base/check.hpp"
#include "runtime/base/crash_point.hpp"
#include "runtime/checkpointing/savepoint_directory.hpp"

namespace leat::actors {

namespace {

/// What a slice reads or writes: some tens of milliseconds on a slow disk.
constexpr std::size_t kSliceBytes = std::size_t{4} << 20U;
/// Between slices of housekeeping, which is in no hurry: the disk is the checkpoints'.
constexpr std::chrono::milliseconds kCollectPause{20};
/// First wait before a store that failed is opened anew; doubled up to a minute.
constexpr std::chrono::milliseconds kReopenPause{500};
constexpr std::uint32_t kMostDoublings = 7;

}  // namespace

void SnapshotKeeperState::start(const SnapshotKeeperSetup& setup) {
  setup_ = std::make_unique<SnapshotKeeperSetup>(setup);
}

void SnapshotKeeperState::open(const runtime::KeepChunks& command) {
  LEAT_CHECK(!store_);
  auto opened = setup_->open(command.ids);
  if (!opened)
    return self_->quit(make_caf_error(opened.error()));
  store_ = std::move(opened->store);
  hoards_ = !command.release_others;
  schedule_collection();
  answer(&Core::on_chunks_kept, command.token,
         Result<std::vector<ChunkId>>(std::move(opened->lost)));
}

void SnapshotKeeperState::store(const runtime::StoreChunks& command) {
  const std::vector<std::string_view> chunks(command.chunks.begin(), command.chunks.end());
  auto ids = store_->put(chunks);
  if (!ids)
    log(LogLevel::kWarn, "chunks_not_stored", ids.error().message());
  if (store_->needs_reopen())
    schedule_reopen();
  crash_point("chunks-stored");
  answer(&Core::on_chunks_stored, command.token, std::move(ids));
}

void SnapshotKeeperState::load(const runtime::LoadChunk& command) {
  answer(&Core::on_chunk_loaded, command.token, store_->get(command.id));
}

void SnapshotKeeperState::release(const runtime::ReleaseChunks& command) {
  store_->release(command.ids);
  schedule_collection();
}

void SnapshotKeeperState::begin(const runtime::WriteSavepoint& command) {
  savepoints_.emplace_back(command);
  schedule_slice();
}

void SnapshotKeeperState::begin(const runtime::ReadSavepoint& command) {
  savepoints_.emplace_back(command);
  schedule_slice();
}

// ---- long work ----------------------------------------------------------------------------------

// Chunks that a manifest nobody can read may refer to look like garbage: then nothing is thrown away.
void SnapshotKeeperState::schedule_collection() {
  garbage_ = !hoards_;
  schedule_slice();
}

// Stands behind what has already arrived.
void SnapshotKeeperState::schedule_slice() {
  if (slice_scheduled_ || (savepoints_.empty() && !garbage_))
    return;
  slice_scheduled_ = true;
  if (savepoints_.empty())
    self_->delayed_send(self_, kCollectPause, tick_atom::value);
  else
    self_->send(self_, tick_atom::value);
}

void SnapshotKeeperState::slice() {
  slice_scheduled_ = false;
  if (!savepoint_slice() && garbage_)
    collect_slice();
  schedule_slice();
}

bool SnapshotKeeperState::savepoint_slice() {
  if (savepoints_.empty())
    return false;
  if (const auto* write = std::get_if<runtime::WriteSavepoint>(&savepoints_.front()))
    write_slice(*write);
  else
    read_slice(std::get<runtime::ReadSavepoint>(savepoints_.front()));
  return true;
}

void SnapshotKeeperState::write_slice(const runtime::WriteSavepoint& request) {
  if (!writer_) {
    auto begun = SavepointWriter::begin(
        setup_->files, *store_,
        request.directory + "/" +
            savepoint_name(request.manifest.job_id(), request.manifest.info().id()),
        request.manifest);
    if (!begun) {
      answer(&Core::on_savepoint_written, request.token, Result<std::string>(begun.error()));
      return next_savepoint();
    }
    writer_ = std::move(*begun);
  }
  const auto more = writer_->step(kSliceBytes);
  crash_point("savepoint-slice-written");
  if (more && *more)
    return;
  answer(&Core::on_savepoint_written, request.token,
         more ? Result<std::string>(writer_->path()) : Result<std::string>(more.error()));
  next_savepoint();
}

void SnapshotKeeperState::read_slice(const runtime::ReadSavepoint& request) {
  using Manifest = Result<proto::StoredCheckpoint>;
  if (!reader_) {
    auto begun = SavepointReader::begin(setup_->files, *store_, request.directory);
    if (!begun) {
      answer(&Core::on_savepoint_read, request.token, Manifest(begun.error()));
      return next_savepoint();
    }
    reader_ = std::move(*begun);
  }
  const auto more = reader_->step(kSliceBytes);
  if (store_->needs_reopen())
    schedule_reopen();
  crash_point("savepoint-slice-read");
  if (more && *more)
    return;
  answer(&Core::on_savepoint_read, request.token,
         more ? Manifest(reader_->take()) : Manifest(more.error()));
  next_savepoint();
}

void SnapshotKeeperState::next_savepoint() {
  writer_.reset();
  reader_.reset();
  savepoints_.pop_front();
  garbage_ = !hoards_;
}

void SnapshotKeeperState::collect_slice() {
  if (store_->needs_reopen())
    return schedule_reopen();
  const auto more = store_->collect(kSliceBytes);
  if (!more)
    log(LogLevel::kWarn, "chunks_not_collected", more.error().message());
  garbage_ = more && *more;
  if (store_->needs_reopen())
    schedule_reopen();
}

// ---- after a failed write -----------------------------------------------------------------------

void SnapshotKeeperState::schedule_reopen() {
  if (std::exchange(reopen_scheduled_, true))
    return;
  const auto pause = kReopenPause * (1U << std::min(reopens_, kMostDoublings));
  self_->delayed_send(self_, pause, wake_atom::value);
}

void SnapshotKeeperState::reopen() {
  reopen_scheduled_ = false;
  if (!store_->needs_reopen())
    return;
  const auto lost = store_->reopen();
  if (!lost) {
    ++reopens_;
    log(LogLevel::kWarn, "store_not_reopened", lost.error().message());
    return schedule_reopen();
  }
  reopens_ = 0;
  schedule_collection();
  log(LogLevel::kInfo, "store_reopened",
      lost->empty() ? "all chunks are intact" : std::to_string(lost->size()) + " chunks are lost");
  if (!lost->empty())
    answer(&Core::chunks_lost, *lost);
}

void SnapshotKeeperState::log(LogLevel level, const std::string& event,
                              const std::string& reason) const {
  setup_->log.write({level, "snapshots", event, {{"reason", reason}}});
}

}  // namespace leat::actors
