#pragma once

// Which subtask owns a key. Pure functions; maximum parallelism is fixed for the state's life, the
// parallelism is not: a key's group never changes, its subtask does.

#include <bit>
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

/// The groups of one subtask, out of all.
struct KeyGroupRange {
  std::uint32_t first = 0;
  std::uint32_t end = 1;  ///< behind the last
  std::uint32_t max_parallelism = 1;

  friend constexpr bool operator==(const KeyGroupRange&, const KeyGroupRange&) = default;
};

/// Exactly the groups whose subtask_of_group is `subtask`.
[[nodiscard]] constexpr KeyGroupRange groups_of_subtask(std::uint32_t subtask,
                                                        std::uint32_t parallelism,
                                                        std::uint32_t max_parallelism) {
  const auto first_of = [=](std::uint64_t which) {
    return static_cast<std::uint32_t>((which * max_parallelism + parallelism - 1) / parallelism);
  };
  return {first_of(subtask), first_of(std::uint64_t{subtask} + 1), max_parallelism};
}

/// The leading bits of a placement that hold the key group.
[[nodiscard]] constexpr unsigned key_group_bits(std::uint32_t max_parallelism) {
  return static_cast<unsigned>(std::bit_width(max_parallelism - 1));
}

/// A key's place in the order by which state is cut into segments: its key group, then the leading bits of
/// its hash. So a group is contiguous, and what is below it is spread evenly.
[[nodiscard]] constexpr std::uint64_t placement(std::uint64_t key_hash,
                                                std::uint32_t max_parallelism) {
  const unsigned bits = key_group_bits(max_parallelism);
  if (std::has_single_bit(max_parallelism))
    return std::rotr(key_hash, static_cast<int>(bits));
  return std::uint64_t{key_group(key_hash, max_parallelism)} << (64U - bits) | key_hash >> bits;
}

/// The lowest placement in a range of groups, and the highest.
[[nodiscard]] constexpr std::uint64_t first_placement(const KeyGroupRange& groups) {
  const unsigned bits = key_group_bits(groups.max_parallelism);
  return bits == 0 ? 0 : std::uint64_t{groups.first} << (64U - bits);
}
[[nodiscard]] constexpr std::uint64_t last_placement(const KeyGroupRange& groups) {
  const unsigned bits = key_group_bits(groups.max_parallelism);
  return bits == 0 ? ~std::uint64_t{0}
                   : (std::uint64_t{groups.end - 1} << (64U - bits)) + (~std::uint64_t{0} >> bits);
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
