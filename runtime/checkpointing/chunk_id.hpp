#pragma once

// The name of a stored chunk. Ascending in the order of writing and never reused: what the store
// writes one after the other lies one after the other on disk.

#include <compare>
#include <cstdint>
#include <string>
#include <utility>

namespace leat {

struct ChunkId {
  std::uint64_t epoch = 0;    ///< of the JobManager that wrote it
  std::uint64_t counter = 0;  ///< from 1 within the epoch

  auto operator<=>(const ChunkId&) const = default;

  template <class H>
  friend H AbslHashValue(H state, const ChunkId& id) {
    return H::combine(std::move(state), id.epoch, id.counter);
  }
};

/// "3/1027", as error messages show it.
[[nodiscard]] inline std::string to_string(const ChunkId& id) {
  return std::to_string(id.epoch) + "/" + std::to_string(id.counter);
}

}  // namespace leat
