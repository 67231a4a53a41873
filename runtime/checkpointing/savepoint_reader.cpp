#include "runtime/checkpointing/savepoint_reader.hpp"

#include <algorithm>
#include <utility>

#include "runtime/base/check.hpp"
#include "runtime/base/read_up_to.hpp"
#include "runtime/checkpointing/savepoint_directory.hpp"

namespace leat {

namespace {

/// Chunks are stored in batches of about this size: one synced write each.
constexpr std::size_t kBatchBytes = std::size_t{4} << 20U;
/// Larger metadata is not read: it could not be a Protobuf message.
constexpr std::uint64_t kLargestMetadata = std::uint64_t{1} << 31U;

Error damaged(const std::string& path, const std::string& how) {
  return {ErrorKind::kInput, path + " is damaged: " + how +
                                 ". Copy the savepoint again from where it came, or use another"};
}

std::string without_metadata_name(std::string path) {
  const std::string ending = "/" + std::string(kSavepointMetadata);
  if (path.ends_with(ending))
    path.resize(path.size() - ending.size());
  while (path.size() > 1 && path.ends_with('/'))
    path.pop_back();
  return path;
}

}  // namespace

SavepointReader::SavepointReader(FileSystem& files, SnapshotStore& store, std::string path)
    : files_(files), store_(store), path_(without_metadata_name(std::move(path))) {}

SavepointReader::~SavepointReader() {
  if (!stored_.empty())
    store_.release(stored_);
}

Result<std::unique_ptr<SavepointReader>> SavepointReader::begin(FileSystem& files,
                                                                SnapshotStore& store,
                                                                const std::string& path) {
  std::unique_ptr<SavepointReader> reader(new SavepointReader(files, store, path));
  if (auto read = reader->read_metadata(); !read)
    return read.error();
  if (auto checked = reader->check_files(); !checked)
    return checked.error();
  return reader;
}

Result<void> SavepointReader::read_metadata() {
  const std::string name(kSavepointMetadata);
  const auto exists = files_.exists(path_of(name));
  if (!exists)
    return exists.error();
  if (!*exists)
    return not_a_savepoint();
  const auto bytes = read_all(name);
  if (!bytes)
    return bytes.error();
  auto manifest = decode_savepoint_metadata(*bytes, path_of(name));
  if (!manifest)
    return manifest.error();
  manifest_ = std::move(*manifest);
  pieces_ = pieces_in_order(manifest_);
  return {};
}

/// Says what could have been meant.
Result<void> SavepointReader::not_a_savepoint() const {
  const auto exists = files_.exists(path_);
  if (!exists)
    return exists.error();
  if (!*exists)
    return Error(ErrorKind::kInput, "there is no savepoint " + path_ +
                                        ": the JobManager finds no such directory; name one that "
                                        "it sees, by its absolute path");
  std::string found;
  if (const auto names = files_.list(path_))
    for (const std::string& name : *names)
      if (name.starts_with("savepoint-"))
        found += (found.empty() ? "" : ", ") + name;
  if (!found.empty())
    return Error(ErrorKind::kInput,
                 path_ + " is no savepoint itself; name one of those in it: " + found);
  return Error(ErrorKind::kInput, path_ + " is no savepoint: it has no " +
                                      std::string(kSavepointMetadata) +
                                      ", which is written last, when all else is complete");
}

/// Missing and truncated files are told before gigabytes are read.
Result<void> SavepointReader::check_files() {
  std::map<std::uint64_t, std::uint64_t> sizes;
  for (const runtime::PieceRef& ref : pieces_) {
    const runtime::StoredPiece piece = ref.get();
    if (piece.length > kMaxChunkBytes)
      return damaged(path_of(std::string(kSavepointMetadata)),
                     "it names a piece of " + std::to_string(piece.length) + " bytes");
    auto& size = sizes[piece.chunk.counter];
    size = std::max(size, std::uint64_t{piece.offset} + piece.length);
  }
  for (const auto& [number, size] : sizes) {
    const std::string path = path_of(savepoint_file_name(number));
    const auto exists = files_.exists(path);
    if (!exists)
      return exists.error();
    if (!*exists)
      return Error(ErrorKind::kInput, path +
                                          " is missing from the savepoint. Copy the savepoint "
                                          "again from where it came, or use another");
    const auto info = files_.target_info(path);
    if (!info)
      return info.error();
    if (info->size != size)
      return damaged(path, "it has " + std::to_string(info->size) + " bytes instead of " +
                               std::to_string(size));
  }
  return {};
}

Result<std::string> SavepointReader::read_all(const std::string& name) {
  const std::string path = path_of(name);
  const auto info = files_.target_info(path);
  if (!info)
    return info.error();
  if (info->size > kLargestMetadata)
    return damaged(path, "it has " + std::to_string(info->size) + " bytes");
  auto file = files_.open_for_read(path);
  if (!file)
    return file.error();
  std::string bytes(info->size, '\0');
  const auto read = read_up_to(**file, 0, bytes);
  if (!read)
    return read.error();
  bytes.resize(*read);
  return bytes;
}

Result<std::string_view> SavepointReader::read_piece(const runtime::StoredPiece& piece) {
  const std::string path = path_of(savepoint_file_name(piece.chunk.counter));
  if (file_number_ != piece.chunk.counter || !file_) {
    auto opened = files_.open_for_read(path);
    if (!opened)
      return opened.error();
    file_ = std::move(*opened);
    file_number_ = piece.chunk.counter;
  }
  buffer_.resize(piece.length);
  const auto read = read_up_to(*file_, piece.offset, buffer_);
  if (!read)
    return read.error();
  buffer_.resize(*read);
  if (auto checked = check_piece(piece, buffer_, path); !checked)
    return checked.error();
  return std::string_view(buffer_);
}

Result<bool> SavepointReader::step(std::size_t budget_bytes) {
  LEAT_CHECK(phase_ != Phase::kDone);
  std::size_t read = 0;
  while (next_ < pieces_.size() && read < budget_bytes) {
    read += pieces_[next_].get().length;
    if (auto done = verify_or_gather(next_); !done)
      return done.error();
    ++next_;
  }
  if (next_ < pieces_.size())
    return true;
  if (phase_ == Phase::kVerify) {
    phase_ = Phase::kStore;
    next_ = 0;
    return true;
  }
  if (auto stored = store_gathered(); !stored)
    return stored.error();
  phase_ = Phase::kDone;
  return false;
}

Result<void> SavepointReader::verify_or_gather(std::size_t index) {
  runtime::StoredPiece piece = pieces_[index].get();
  const bool repeated = index > 0 && same_place(pieces_[index - 1].get(), piece);
  if (phase_ == Phase::kVerify) {
    if (repeated)
      return {};
    const auto read = read_piece(piece);
    return read ? Result<void>() : Result<void>(read.error());
  }
  const auto bytes = read_piece(piece);
  if (!bytes)
    return bytes.error();
  if (gathered_bytes_ + bytes->size() > kBatchBytes)
    if (auto stored = store_gathered(); !stored)
      return stored;
  if (gathered_.empty() || gathered_.back().bytes.size() + bytes->size() > kMaxChunkBytes)
    gathered_.emplace_back();
  Gathered& chunk = gathered_.back();
  // Only the offset is known yet; the place in the files is not needed any more.
  piece.offset = static_cast<std::uint32_t>(chunk.bytes.size());
  pieces_[index].set(piece);
  chunk.bytes += *bytes;
  chunk.pieces.push_back(pieces_[index]);
  gathered_bytes_ += bytes->size();
  return {};
}

Result<void> SavepointReader::store_gathered() {
  if (gathered_.empty())
    return {};
  std::vector<std::string_view> chunks;
  for (const Gathered& chunk : gathered_)
    chunks.emplace_back(chunk.bytes);
  const auto ids = store_.put(chunks);
  if (!ids)
    return ids.error();
  LEAT_CHECK(ids->size() == gathered_.size());
  for (std::size_t index = 0; index < gathered_.size(); ++index)
    for (runtime::PieceRef& ref : gathered_[index].pieces) {
      runtime::StoredPiece piece = ref.get();
      piece.chunk = (*ids)[index];
      ref.set(piece);
    }
  stored_.insert(stored_.end(), ids->begin(), ids->end());
  gathered_.clear();
  gathered_bytes_ = 0;
  return {};
}

proto::StoredCheckpoint SavepointReader::take() {
  LEAT_CHECK(phase_ == Phase::kDone);
  stored_.clear();
  pieces_.clear();
  return std::move(manifest_);
}

}  // namespace leat
