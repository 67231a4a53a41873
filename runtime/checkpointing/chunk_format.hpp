#pragma once

// Chunks as they stand in a generation's database; docs/formats.md has them byte by byte. Keys are of
// fixed width and big-endian, so that the order of bytes is the order of ids. Every value ends with a
// checksum that covers its key as well: a value found under another key does not pass.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/checkpointing/chunk_id.hpp"

namespace leat {

/// What the directory of a generation says of a chunk.
struct StoredChunk {
  ChunkId id;
  std::uint32_t bytes = 0;

  bool operator==(const StoredChunk&) const = default;
};

/// Bytes behind the chunk's own in a value.
inline constexpr std::size_t kChunkTrailerBytes = 8;

/// No chunk's id; its key sorts behind all others.
inline constexpr ChunkId kDirectoryId{~std::uint64_t{0}, ~std::uint64_t{0}};

[[nodiscard]] std::string chunk_key(ChunkId id);
/// Nothing unless `key` is one of chunk_key().
[[nodiscard]] std::optional<ChunkId> parse_chunk_key(std::string_view key);

[[nodiscard]] std::string chunk_value(ChunkId id, std::string_view chunk);
/// The chunk in `value`; nothing when the checksum does not fit.
[[nodiscard]] std::optional<std::string_view> parse_chunk_value(ChunkId id, std::string_view value);

/// The chunk that stands under kDirectoryId: what a complete generation holds.
[[nodiscard]] std::string encode_directory(const std::vector<StoredChunk>& chunks);
[[nodiscard]] std::optional<std::vector<StoredChunk>> decode_directory(std::string_view bytes);

}  // namespace leat
