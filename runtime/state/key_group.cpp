#include "runtime/state/key_group.hpp"

#include <bit>

#include "runtime/base/check.hpp"

namespace leat::runtime {

KeyRouter::KeyRouter(std::uint32_t parallelism, std::uint32_t max_parallelism) {
  LEAT_CHECK(parallelism >= 1 && parallelism <= max_parallelism);
  LEAT_CHECK(max_parallelism <= kLargestMaxParallelism);
  for (std::uint32_t group = 0; group < max_parallelism; ++group)
    subtasks_.push_back(
        static_cast<std::uint16_t>(subtask_of_group(group, parallelism, max_parallelism)));
  if (std::has_single_bit(max_parallelism))
    mask_ = max_parallelism - 1;
}

}  // namespace leat::runtime
