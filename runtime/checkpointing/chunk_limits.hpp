#pragma once

// How large a piece of a snapshot on its way to the JobManager's store may be.

#include <cstddef>

namespace leat::runtime {

/// Snapshots travel and lie in chunks of at most this size.
inline constexpr std::size_t kLargestChunkBytes = std::size_t{1} << 20U;

}  // namespace leat::runtime
