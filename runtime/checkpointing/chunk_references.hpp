#pragma once

// How many holders (manifests, checkpoints under way, savepoints being written) refer to each chunk of a
// job. Single-threaded. Invariant: a chunk is in the map while somebody refers to it.

#include <cstdint>
#include <map>
#include <set>
#include <vector>

#include "runtime/base/check.hpp"
#include "runtime/checkpointing/chunk_id.hpp"

namespace leat::runtime {

class ChunkReferences {
 public:
  void add(ChunkId chunk) { ++holders_[chunk]; }
  void add(const std::set<ChunkId>& chunks) {
    for (const ChunkId chunk : chunks)
      add(chunk);
  }
  /// Takes one holder's references away; returns the chunks that nobody refers to any more.
  [[nodiscard]] std::vector<ChunkId> remove(const std::set<ChunkId>& chunks) {
    std::vector<ChunkId> unused;
    for (const ChunkId chunk : chunks) {
      const auto found = holders_.find(chunk);
      LEAT_CHECK(found != holders_.end());
      if (--found->second > 0)
        continue;
      holders_.erase(found);
      unused.push_back(chunk);
    }
    return unused;
  }
  [[nodiscard]] bool contains(ChunkId chunk) const { return holders_.contains(chunk); }
  [[nodiscard]] std::vector<ChunkId> all() const {
    std::vector<ChunkId> chunks;
    for (const auto& [chunk, holders] : holders_)
      chunks.push_back(chunk);
    return chunks;
  }

 private:
  std::map<ChunkId, std::uint32_t> holders_;
};

}  // namespace leat::runtime
