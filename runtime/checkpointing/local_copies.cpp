#include "runtime/checkpointing/local_copies.hpp"

#include <algorithm>
#include <set>
#include <span>
#include <utility>

#include "runtime/base/read_up_to.hpp"
#include "runtime/checkpointing/pieces.hpp"
#include "runtime/checkpointing/snapshot_store.hpp"
#include "serialization/crc32c.hpp"

namespace leat::runtime {

namespace {

ChunkOwner owner_of(const proto::SubtaskRef& ref) {
  return {ref.job_id(), ref.subtask()};
}

Result<void> empty_directory(FileSystem& files, const std::string& directory) {
  if (auto made = files.create_directories(directory); !made)
    return made;
  const auto names = files.list(directory);
  if (!names)
    return names.error();
  for (const std::string& name : *names)
    if (auto removed = files.remove(directory + "/" + name); !removed)
      return removed;
  return {};
}

Result<std::string> without_value(const Result<void>& outcome) {
  return outcome ? Result<std::string>(std::string()) : Result<std::string>(outcome.error());
}

Result<void> write_file(FileSystem& files, const std::string& path, const std::string& bytes) {
  auto file = files.create(path);
  if (!file)
    return file.error();
  if (auto written = (*file)->append(std::span(bytes.data(), bytes.size())); !written)
    return written;
  return (*file)->close();
}

Result<std::string> read_file(FileSystem& files, const std::string& path) {
  auto file = files.open_for_read(path);
  if (!file)
    return file.error();
  std::string bytes(kMaxChunkBytes, '\0');
  const auto read = read_up_to(**file, 0, bytes);
  if (!read)
    return read.error();
  bytes.resize(*read);
  return bytes;
}

bool holds(const std::string& chunk, const StoredPiece& piece) {
  const std::uint64_t end = std::uint64_t{piece.offset} + piece.length;
  return end <= chunk.size() &&
         crc32c(std::string_view(chunk).substr(piece.offset, piece.length)) == piece.crc32c;
}

}  // namespace

LocalCopies::LocalCopies(RunIo run_io, FileSystem& files, std::string directory,
                         std::uint64_t limit_bytes)
    : run_io_(std::move(run_io)),
      files_(files),
      directory_(std::move(directory)),
      enabled_(limit_bytes > 0),
      chunks_(limit_bytes) {
  if (!enabled_)
    return;
  run_io_([files = &files_,
           directory = directory_] { return without_value(empty_directory(*files, directory)); },
          [this](const Result<std::string>& outcome) {
            if (!outcome)  // there is the store
              enabled_ = false;
          });
}

void LocalCopies::sent(const proto::SnapshotChunk& chunk) {
  if (!enabled_)
    return;
  const std::string ref = chunk.ref().SerializeAsString();
  // What it sent for an older checkpoint was aborted with that, and is never answered.
  unanswered_.erase(unanswered_.lower_bound({ref, 0, 0}),
                    unanswered_.lower_bound({ref, chunk.checkpoint(), 0}));
  unanswered_[{ref, chunk.checkpoint(), chunk.sequence()}] =
      std::make_shared<const std::string>(chunk.data());
}

void LocalCopies::stored(const proto::ChunkStored& stored) {
  const auto found = unanswered_.find(
      Sent(stored.ref().SerializeAsString(), stored.checkpoint(), stored.sequence()));
  if (found == unanswered_.end())
    return;
  const std::shared_ptr<const std::string> bytes = std::move(found->second);
  unanswered_.erase(found);
  const ChunkId id{stored.epoch(), stored.counter()};
  auto admission = chunks_.add(owner_of(stored.ref()), stored.checkpoint(), id, bytes->size());
  remove(std::move(admission.evicted));
  if (admission.admitted)
    write(id, bytes);
}

void LocalCopies::acknowledged(const proto::SubtaskRef& ref,
                               const proto::SubtaskEvent::CheckpointAck& ack) {
  if (!enabled_)
    return;
  std::set<ChunkId> chunks;
  for (const proto::ChunkKey& key : ack.snapshot().chunks())
    chunks.insert({key.epoch(), key.counter()});
  chunks_.acknowledged(owner_of(ref), ack.checkpoint(), std::move(chunks));
}

void LocalCopies::completed(const proto::CheckpointComplete& complete) {
  if (enabled_)
    remove(chunks_.completed(owner_of(complete.ref()), complete.checkpoint()));
}

void LocalCopies::gone(const proto::SubtaskRef& ref) {
  const std::string key = ref.SerializeAsString();
  std::erase_if(unanswered_, [&](const auto& entry) { return std::get<0>(entry.first) == key; });
}

void LocalCopies::write(ChunkId id, std::shared_ptr<const std::string> bytes) {
  run_io_([files = &files_, path = path_of(id),
           bytes = std::move(bytes)] { return without_value(write_file(*files, path, *bytes)); },
          [this, id](const Result<std::string>& outcome) {
            if (outcome)
              return;
            chunks_.forget(id);
            remove({id});
          });
}

void LocalCopies::remove(std::vector<ChunkId> ids) {
  if (ids.empty())
    return;
  std::vector<std::string> paths;
  for (const ChunkId id : ids)
    paths.push_back(path_of(id));
  run_io_(
      [files = &files_, paths = std::move(paths)]() -> Result<std::string> {
        for (const std::string& path : paths)
          (void)files->remove(path);
        return std::string();
      },
      [](const Result<std::string>&) {});
}

bool LocalCopies::fetch(ChunkId id, std::vector<StoredPiece> pieces,
                        std::function<void(std::optional<std::string>)> then) {
  if (!enabled_ || pieces.empty() || !chunks_.contains(id))
    return false;
  // Behind the write, if that is still to be done.
  run_io_(
      [files = &files_, path = path_of(id)] { return read_file(*files, path); },
      [this, id, pieces = std::move(pieces), then = std::move(then)](Result<std::string> chunk) {
        const auto intact = [&](const StoredPiece& piece) { return holds(*chunk, piece); };
        if (chunk && std::all_of(pieces.begin(), pieces.end(), intact))
          return then(std::move(*chunk));
        chunks_.forget(id);
        remove({id});
        then(std::nullopt);
      });
  return true;
}

std::string LocalCopies::path_of(ChunkId id) const {
  return directory_ + "/" + std::to_string(id.epoch) + "-" + std::to_string(id.counter);
}

LocalCopies::Pieces pieces_by_chunk(const proto::RestoreSubtask& restore) {
  LocalCopies::Pieces pieces;
  for_each_piece(restore,
                 [&pieces](const StoredPiece& piece) { pieces[piece.chunk].push_back(piece); });
  return pieces;
}

}  // namespace leat::runtime
