#pragma once

// One generation of chunks: a LevelDB in a directory of its own, written from its first chunk to its
// last in ascending keys, then sealed: its directory of contents is added, and nothing more. Nothing is
// ever deleted from it; it goes as a whole. Blocks; used from one thread at a time.
//
// Errors of kind kProtocol mean damaged bytes, kIo that the operating system refused.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/base/result.hpp"
#include "runtime/checkpointing/chunk_format.hpp"
#include "runtime/checkpointing/durability.hpp"

namespace leveldb {
class DB;
class Env;
}  // namespace leveldb

namespace leat {

struct GenerationSettings {
  leveldb::Env* env = nullptr;
  std::size_t write_buffer_bytes = 0;
  Durability durability = Durability::kSynced;
};

struct ChunkToWrite {
  ChunkId id;
  std::string_view bytes;
};

class ChunkGeneration {
 public:
  static Result<std::unique_ptr<ChunkGeneration>> create(const std::string& directory,
                                                         const GenerationSettings& settings);
  /// Opens what an earlier process left. If it is damaged it is repaired, which leaves whole chunks, and
  /// sealed; kProtocol when that is not possible.
  static Result<std::unique_ptr<ChunkGeneration>> open(const std::string& directory,
                                                       const GenerationSettings& settings);
  ~ChunkGeneration();
  ChunkGeneration(const ChunkGeneration&) = delete;
  ChunkGeneration& operator=(const ChunkGeneration&) = delete;

  /// One atomic write, synced if the durability asks for it. Not after seal().
  Result<void> write(const std::vector<ChunkToWrite>& chunks);
  /// The chunk, verified.
  [[nodiscard]] Result<std::string> read(ChunkId id) const;
  /// Writes the directory of contents, and moves the last chunks from LevelDB's log and memory to a
  /// table, so that a sealed generation costs no memory and opens without replaying a log.
  Result<void> seal();

  /// What has been written; ascending unless older chunks were copied in later.
  [[nodiscard]] const std::vector<StoredChunk>& chunks() const { return chunks_; }
  /// Of all chunks, dead ones as well.
  [[nodiscard]] std::uint64_t bytes() const { return bytes_; }
  [[nodiscard]] bool sealed() const { return sealed_; }

 private:
  ChunkGeneration(std::string directory, Durability durability, std::unique_ptr<leveldb::DB> db);
  /// False when there is none, or none that can be used.
  Result<bool> load_directory();
  Result<void> scan();
  void note(StoredChunk chunk);

  std::string directory_;
  Durability durability_;
  std::unique_ptr<leveldb::DB> db_;
  std::vector<StoredChunk> chunks_;
  std::uint64_t bytes_ = 0;
  bool sealed_ = false;
};

}  // namespace leat
