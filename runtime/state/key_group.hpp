#pragma once

// Which subtask owns a key. Pure functions; maximum parallelism is fixed for the state's life, the
// parallelism is not: a key's group never changes, its subtask does.

#include <cstdint>
#include <vector>

namespace leat::runtime {

inline constexpr std::uint32_t kDefaultMaxParallelism = 128;
/// Subtask numbers travel as 16 bits.
inline constexpr std::uint32_t kLargestMaxParallelism = 32768;

[[nodiscard]] constexpr std::uint32_t key_group(std::uint64_t key_hash,
                                                std::uint32_t max_parallelism) {
  return static_cast<std::uint32_t>(key_hash % max_parallelism);
}

/// Groups are dealt out in contiguous ranges.
[[nodiscard]] constexpr std::uint32_t subtask_of_group(std::uint32_t group,
                                                       std::uint32_t parallelism,
                                                       std::uint32_t max_parallelism) {
  return static_cast<std::uint32_t>(static_cast<std::uint64_t>(group) * parallelism /
                                    max_parallelism);
}

/// Looks up subtask_of_group(key_group(hash)) without a division per record where it can.
class KeyRouter {
 public:
  KeyRouter(std::uint32_t parallelism, std::uint32_t max_parallelism);

  [[nodiscard]] std::uint32_t subtask(std::uint64_t key_hash) const {
    const std::uint64_t group = mask_ != 0 ? key_hash & mask_ : key_hash % subtasks_.size();
    return subtasks_[group];
  }

 private:
  std::vector<std::uint16_t> subtasks_;  // by key group
  std::uint64_t mask_ = 0;               // max_parallelism - 1 if that is a power of two
};

}  // namespace leat::runtime
