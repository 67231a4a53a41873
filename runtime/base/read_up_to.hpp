#pragma once

// Reading as many bytes as are wanted, however few a single read gives.

#include <cstddef>
#include <cstdint>
#include <span>

#include "runtime/base/file_system.hpp"
#include "runtime/base/result.hpp"

namespace leat {

/// How many of the bytes from `offset` on were read into `into`: fewer than it takes at the end of the file
/// only.
[[nodiscard]] Result<std::size_t> read_up_to(ReadableFile& file, std::uint64_t offset,
                                             std::span<char> into);

}  // namespace leat
