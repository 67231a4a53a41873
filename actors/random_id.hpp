#pragma once

// Randomness from the operating system: ids that nobody else has, seeds for jitter.

#include <cstdint>
#include <string>

#include "runtime/base/ids.hpp"

namespace leat::actors {

[[nodiscard]] std::uint64_t random_seed();

template <class Id>
[[nodiscard]] Id random_id() {
  return Id(random_seed(), random_seed());
}

/// "tm-3f2a9c01"
[[nodiscard]] std::string random_name(const std::string& prefix);

}  // namespace leat::actors
