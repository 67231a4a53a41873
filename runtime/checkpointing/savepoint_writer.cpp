#include "runtime/checkpointing/savepoint_writer.hpp"

#include <span>
#include <string_view>
#include <utility>

#include "runtime/base/check.hpp"
#include "runtime/base/crash_point.hpp"
#include "runtime/checkpointing/savepoint_directory.hpp"

namespace leat {

namespace {

/// Until it is renamed into place.
const std::string kUnfinishedMetadata = "._metadata.unfinished";

}  // namespace

SavepointWriter::SavepointWriter(FileSystem& files, SnapshotStore& store, std::string path,
                                 proto::StoredCheckpoint manifest)
    : files_(files), store_(store), path_(std::move(path)), manifest_(std::move(manifest)) {
  pieces_ = pieces_in_order(manifest_);
}

SavepointWriter::~SavepointWriter() {
  file_.reset();
  // What cannot be removed is no savepoint all the same.
  if (!complete_)
    (void)remove_leftovers();
}

Result<std::unique_ptr<SavepointWriter>> SavepointWriter::begin(FileSystem& files,
                                                                SnapshotStore& store,
                                                                std::string path,
                                                                proto::StoredCheckpoint manifest) {
  const auto exists = files.exists(path + "/" + std::string(kSavepointMetadata));
  if (!exists)
    return exists.error();
  if (*exists)
    return Error(ErrorKind::kInput, path + " is a savepoint already: choose another directory");
  std::unique_ptr<SavepointWriter> writer(
      new SavepointWriter(files, store, std::move(path), std::move(manifest)));
  if (auto made = writer->make_directory(); !made)
    return made.error();
  return writer;
}

Result<void> SavepointWriter::make_directory() {
  if (auto made = files_.create_directories(path_); !made)
    return made;
  return remove_leftovers();
}

Result<void> SavepointWriter::remove_leftovers() {
  const auto names = files_.list(path_);
  if (!names)
    return names.error();
  for (const std::string& name : *names) {
    if (name != kUnfinishedMetadata && !name.starts_with("data-"))
      continue;
    if (auto removed = files_.remove(path_of(name)); !removed)
      return removed;
  }
  return {};
}

Result<bool> SavepointWriter::step(std::size_t budget_bytes) {
  LEAT_CHECK(!complete_);
  std::size_t copied = 0;
  while (next_ < pieces_.size() && copied < budget_bytes) {
    runtime::PieceRef& piece = pieces_[next_];
    copied += piece.get().length;
    if (auto done = copy(piece); !done)
      return done.error().within("the savepoint " + path_);
    ++next_;
  }
  if (next_ < pieces_.size())
    return true;
  if (auto done = finish(); !done)
    return done.error().within("the savepoint " + path_);
  complete_ = true;
  return false;
}

Result<void> SavepointWriter::copy(runtime::PieceRef& piece) {
  const runtime::StoredPiece source = piece.get();
  if (copied_ && same_place(*copied_, source)) {
    piece.set(pieces_[next_ - 1].get());
    return {};
  }
  if (auto loaded = load_chunk(source.chunk); !loaded)
    return loaded;
  const std::uint64_t end = std::uint64_t{source.offset} + source.length;
  const std::string_view bytes = end <= chunk_.size()
                                     ? std::string_view(chunk_).substr(source.offset, source.length)
                                     : std::string_view();
  const std::string place = "chunk " + to_string(*chunk_id_) + " of the snapshot store";
  if (auto checked = check_piece(source, bytes, place); !checked)
    return checked;
  if (auto opened = open_file(); !opened)
    return opened;
  if (auto written = file_->append(std::span(bytes.data(), bytes.size())); !written)
    return written;
  runtime::StoredPiece target = source;
  target.chunk = {0, file_number_};
  target.offset = static_cast<std::uint32_t>(file_bytes_);
  piece.set(target);
  file_bytes_ += bytes.size();
  copied_ = source;
  return {};
}

Result<void> SavepointWriter::load_chunk(ChunkId id) {
  if (chunk_id_ == id)
    return {};
  auto loaded = store_.get(id);
  if (!loaded)
    return loaded.error();
  chunk_id_ = id;
  chunk_ = std::move(*loaded);
  return {};
}

Result<void> SavepointWriter::open_file() {
  if (file_ && file_bytes_ < kSavepointFileBytes)
    return {};
  if (auto closed = close_file(); !closed)
    return closed;
  auto created = files_.create(path_of(savepoint_file_name(++file_number_)));
  if (!created)
    return created.error();
  file_ = std::move(*created);
  file_bytes_ = 0;
  return {};
}

Result<void> SavepointWriter::close_file() {
  if (!file_)
    return {};
  if (auto synced = file_->sync(); !synced)
    return synced;
  const auto closed = file_->close();
  file_.reset();
  return closed;
}

Result<void> SavepointWriter::finish() {
  if (auto closed = close_file(); !closed)
    return closed;
  if (auto written = write_file(kUnfinishedMetadata, encode_savepoint_metadata(manifest_));
      !written)
    return written;
  // Before the name that makes it a savepoint: its files' names must be durable.
  if (auto synced = files_.sync_directory(path_); !synced)
    return synced;
  crash_point("savepoint-written");
  return files_.rename(path_of(kUnfinishedMetadata), path_of(std::string(kSavepointMetadata)));
}

Result<void> SavepointWriter::write_file(const std::string& name, const std::string& bytes) {
  auto file = files_.create(path_of(name));
  if (!file)
    return file.error();
  if (auto written = (*file)->append(std::span(bytes.data(), bytes.size())); !written)
    return written;
  if (auto synced = (*file)->sync(); !synced)
    return synced;
  return (*file)->close();
}

}  // namespace leat
