#pragma once

// CRC-32C (Castagnoli), the checksum of pieces of snapshots and of savepoints' files. Uses the
// processor's instruction where there is one.

#include <cstdint>
#include <string_view>

namespace leat {

/// `before`: the checksum of what precedes `bytes`, to go on from.
[[nodiscard]] std::uint32_t crc32c(std::string_view bytes, std::uint32_t before = 0);

namespace detail {
/// Without the instruction; for processors that lack it, and tests.
[[nodiscard]] std::uint32_t crc32c_by_table(std::string_view bytes, std::uint32_t before);
}  // namespace detail

}  // namespace leat
