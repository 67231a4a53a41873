#pragma once

// Job objects on disk, `<directory>/<sha256>`: received piece by piece, verified by their hash, then
// renamed into place. The JobManager's copy serves TaskManagers, theirs is what they load. Blocks: used
// from its own actor only.
// Invariant: what has its final name is complete and has the hash it is named after.

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "actors/meta_store.hpp"
#include "actors/protocol.hpp"
#include "actors/sha256_stream.hpp"
#include "runtime/base/file_system.hpp"
#include "runtime/base/result.hpp"
#include "serialization/proto/control.pb.h"

namespace leat::actors {

/// Largest piece of one message.
inline constexpr std::size_t kArtefactPieceBytes = std::size_t{1} << 20U;
/// Largest job object: debug information included, they have some ten megabytes.
inline constexpr std::uint64_t kLargestArtefactBytes = std::uint64_t{1} << 30U;
/// Uploads at a time; the least recently used one has to start over.
inline constexpr std::size_t kMostUploads = 16;

class ArtefactStore {
 public:
  /// Creates the directory; removes what unfinished uploads left there. `files` outlives the store.
  static Result<std::unique_ptr<ArtefactStore>> open(FileSystem& files, std::string directory,
                                                     Durability durability);

  /// Takes the next piece; the reply says where to go on. A piece from elsewhere than where the last
  /// one ended is not taken. Errors in the reply.
  [[nodiscard]] proto::PutArtefactReply put(const proto::PutArtefact& piece);
  [[nodiscard]] proto::ArtefactChunk get(const proto::GetArtefact& request);

  /// Precondition: is_sha256(sha256).
  [[nodiscard]] std::string path_of(const std::string& sha256) const;

 private:
  struct Upload {
    std::unique_ptr<WritableFile> file;
    Sha256Stream hash;
    std::uint64_t size = 0;
    std::uint64_t last_used = 0;
  };

  ArtefactStore(FileSystem& files, std::string directory, Durability durability)
      : files_(files), directory_(std::move(directory)), durability_(durability) {}

  Result<std::uint64_t> take(const proto::PutArtefact& piece);
  Result<Upload*> upload_of(const std::string& sha256);
  Result<void> complete(const std::string& sha256);
  void drop_upload(std::string sha256);
  [[nodiscard]] std::string upload_path(const std::string& sha256) const;

  FileSystem& files_;
  std::string directory_;
  Durability durability_;
  std::map<std::string, Upload> uploads_;  // by hash
  std::uint64_t uses_ = 0;
};

/// Owns the store; spawn it on its own thread.
artefact_store_actor::behavior_type artefact_store(artefact_store_actor::pointer self,
                                                   std::shared_ptr<ArtefactStore> store);

}  // namespace leat::actors
