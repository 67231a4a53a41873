#include "runtime/checkpointing/ballast_file.hpp"

#include <algorithm>
#include <memory>
#include <string>

#include <leveldb/env.h>

namespace leat {

namespace {

constexpr std::size_t kPieceBytes = std::size_t{1} << 16;

/// Bytes that no file system stores for less than their number.
std::string incompressible_piece() {
  std::string piece;
  piece.reserve(kPieceBytes);
  std::uint64_t state = 0x9e3779b97f4a7c15;
  while (piece.size() < kPieceBytes) {
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    piece.append(reinterpret_cast<const char*>(&state), sizeof state);
  }
  return piece;
}

leveldb::Status write_pieces(leveldb::WritableFile& file, std::uint64_t bytes) {
  const std::string piece = incompressible_piece();
  leveldb::Status status;
  for (std::uint64_t left = bytes; status.ok() && left > 0;) {
    const std::size_t count = std::min<std::uint64_t>(left, piece.size());
    status = file.Append(leveldb::Slice(piece.data(), count));
    left -= count;
  }
  if (status.ok())
    status = file.Sync();
  const leveldb::Status closed = file.Close();
  return status.ok() ? closed : status;
}

}  // namespace

bool BallastFile::present() const {
  std::uint64_t size = 0;
  return env_->GetFileSize(path_, &size).ok() && size == bytes_;
}

void BallastFile::take() const {
  leveldb::WritableFile* opened = nullptr;
  if (!env_->NewWritableFile(path_, &opened).ok())
    return;
  std::unique_ptr<leveldb::WritableFile> file(opened);
  const bool written = write_pieces(*file, bytes_).ok();
  file.reset();
  if (!written)
    static_cast<void>(env_->RemoveFile(path_));
}

bool BallastFile::release() const {
  return env_->FileExists(path_) && env_->RemoveFile(path_).ok();
}

}  // namespace leat
