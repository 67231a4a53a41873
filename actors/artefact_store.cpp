#include "actors/artefact_store.hpp"

#include <algorithm>
#include <span>
#include <utility>

#include <caf/typed_event_based_actor.hpp>

#include "runtime/coordination/error_info.hpp"

namespace leat::actors {

namespace {

const std::string kUploadPrefix = ".upload-";

Result<void> check_piece(const proto::PutArtefact& piece) {
  if (!is_sha256(piece.sha256()))
    return Error(ErrorKind::kProtocol, "a job object is named by 64 hex digits");
  if (piece.total_bytes() == 0 || piece.total_bytes() > kLargestArtefactBytes)
    return Error(ErrorKind::kInput, "a job object of " + std::to_string(piece.total_bytes()) +
                                        " bytes is not accepted: 1 to " +
                                        std::to_string(kLargestArtefactBytes) + " are");
  if (piece.data().size() > kArtefactPieceBytes)
    return Error(ErrorKind::kProtocol, "a piece of a job object is larger than 1 MiB");
  return {};
}

}  // namespace

Result<std::unique_ptr<ArtefactStore>> ArtefactStore::open(FileSystem& files, std::string directory,
                                                           Durability durability) {
  if (auto made = files.create_directories(directory); !made)
    return made.error();
  auto names = files.list(directory);
  if (!names)
    return names.error();
  for (const auto& name : *names)
    if (name.starts_with(kUploadPrefix))
      if (auto removed = files.remove(directory + "/" + name); !removed)
        return removed.error();
  return std::unique_ptr<ArtefactStore>(new ArtefactStore(files, std::move(directory), durability));
}

std::string ArtefactStore::path_of(const std::string& sha256) const {
  LEAT_CHECK(is_sha256(sha256));
  return directory_ + "/" + sha256;
}

std::string ArtefactStore::upload_path(const std::string& sha256) const {
  return directory_ + "/" + kUploadPrefix + sha256;
}

proto::PutArtefactReply ArtefactStore::put(const proto::PutArtefact& piece) {
  proto::PutArtefactReply reply;
  auto next = take(piece);
  if (next)
    reply.set_next_offset(*next);
  else
    *reply.mutable_error() = runtime::to_error_info(next.error());
  return reply;
}

Result<std::uint64_t> ArtefactStore::take(const proto::PutArtefact& piece) {
  if (auto checked = check_piece(piece); !checked)
    return checked.error();
  auto present = files_.exists(path_of(piece.sha256()));
  if (!present)
    return present.error();
  if (*present)
    return piece.total_bytes();
  auto found = upload_of(piece.sha256());
  if (!found)
    return found.error();
  Upload& upload = **found;
  upload.last_used = ++uses_;
  if (piece.offset() != upload.size || piece.data().empty())
    return upload.size;
  auto appended = upload.file->append(std::span(piece.data().data(), piece.data().size()));
  if (!appended) {
    drop_upload(piece.sha256());
    return appended.error();
  }
  upload.hash.add(piece.data());
  upload.size += piece.data().size();
  if (upload.size < piece.total_bytes())
    return upload.size;
  if (auto completed = complete(piece.sha256()); !completed)
    return completed.error();
  return piece.total_bytes();
}

Result<ArtefactStore::Upload*> ArtefactStore::upload_of(const std::string& sha256) {
  if (auto found = uploads_.find(sha256); found != uploads_.end())
    return &found->second;
  if (uploads_.size() >= kMostUploads)
    drop_upload(
        std::min_element(uploads_.begin(), uploads_.end(), [](const auto& a, const auto& b) {
          return a.second.last_used < b.second.last_used;
        })->first);
  auto file = files_.create(upload_path(sha256));
  if (!file)
    return file.error();
  Upload& upload = uploads_[sha256];
  upload.file = std::move(*file);
  return &upload;
}

Result<void> ArtefactStore::complete(const std::string& sha256) {
  Upload& upload = uploads_.at(sha256);
  const std::string actual = upload.hash.finish();
  Result<void> outcome;
  if (actual != sha256)
    outcome = Error(ErrorKind::kInput,
                    "the job object changed while it was sent: it was announced "
                    "as " +
                        sha256 + " and is " + actual);
  if (outcome && durability_ == Durability::kSynced)
    outcome = upload.file->sync();
  if (outcome)
    outcome = upload.file->close();
  if (outcome)
    outcome = files_.rename(upload_path(sha256), path_of(sha256));
  drop_upload(sha256);
  return outcome;
}

// Also after completion: the file then has its final name, and there is nothing left to remove.
void ArtefactStore::drop_upload(std::string sha256) {
  const std::string path = upload_path(sha256);
  uploads_.erase(sha256);
  // What cannot be removed now is removed at the next start.
  [[maybe_unused]] const auto removed = files_.remove(path);
}

proto::ArtefactChunk ArtefactStore::get(const proto::GetArtefact& request) {
  proto::ArtefactChunk chunk;
  auto read = [&]() -> Result<void> {
    if (!is_sha256(request.sha256()))
      return Error(ErrorKind::kProtocol, "a job object is named by 64 hex digits");
    const std::string path = path_of(request.sha256());
    auto info = files_.info(path);
    if (!info)
      return info.error().within("the job object " + request.sha256() + " is not here");
    auto file = files_.open_for_read(path);
    if (!file)
      return file.error();
    std::string bytes(std::min<std::uint64_t>(kArtefactPieceBytes, info->size), '\0');
    auto size = (*file)->read_at(request.offset(), std::span(bytes.data(), bytes.size()));
    if (!size)
      return size.error();
    bytes.resize(*size);
    chunk.set_total_bytes(info->size);
    chunk.set_offset(request.offset());
    chunk.set_data(std::move(bytes));
    return {};
  };
  if (auto outcome = read(); !outcome)
    *chunk.mutable_error() = runtime::to_error_info(outcome.error());
  return chunk;
}

artefact_store_actor::behavior_type artefact_store(artefact_store_actor::pointer,
                                                   std::shared_ptr<ArtefactStore> store) {
  return {[store](const proto::PutArtefact& piece) { return store->put(piece); },
          [store](const proto::GetArtefact& request) { return store->get(request); }};
}

}  // namespace leat::actors
