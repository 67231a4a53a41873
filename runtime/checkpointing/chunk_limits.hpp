#pragma once

// How large a chunk of a snapshot may be, on its way to the store and in it.

#include <cstddef>

namespace leat {

/// Largest chunk; larger ones are refused.
inline constexpr std::size_t kMaxChunkBytes = std::size_t{1} << 20U;

}  // namespace leat
