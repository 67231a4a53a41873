#include "runtime/checkpointing/chunk_format.hpp"

#include <cstddef>

#include <xxhash.h>

#include "serialization/little_endian.hpp"

namespace leat {

namespace {

constexpr std::size_t kKeyBytes = 16;

constexpr std::size_t kEntryBytes = kKeyBytes + sizeof(StoredChunk::bytes);

std::uint64_t checksum(ChunkId id, std::string_view chunk) {
  const std::string key = chunk_key(id);
  return XXH3_64bits_withSeed(chunk.data(), chunk.size(), XXH3_64bits(key.data(), key.size()));
}

}  // namespace

std::string chunk_key(ChunkId id) {
  std::string key;
  key.reserve(kKeyBytes);
  append_little_endian(key, __builtin_bswap64(id.epoch));
  append_little_endian(key, __builtin_bswap64(id.counter));
  return key;
}

std::optional<ChunkId> parse_chunk_key(std::string_view key) {
  if (key.size() != kKeyBytes)
    return std::nullopt;
  return ChunkId{__builtin_bswap64(little_endian_at<std::uint64_t>(key, 0)),
                 __builtin_bswap64(little_endian_at<std::uint64_t>(key, 8))};
}

std::string chunk_value(ChunkId id, std::string_view chunk) {
  std::string value;
  value.reserve(chunk.size() + kChunkTrailerBytes);
  value.append(chunk);
  append_little_endian(value, checksum(id, chunk));
  return value;
}

std::optional<std::string_view> parse_chunk_value(ChunkId id, std::string_view value) {
  if (value.size() < kChunkTrailerBytes)
    return std::nullopt;
  const std::string_view chunk = value.substr(0, value.size() - kChunkTrailerBytes);
  if (little_endian_at<std::uint64_t>(value, chunk.size()) != checksum(id, chunk))
    return std::nullopt;
  return chunk;
}

std::string encode_directory(const std::vector<StoredChunk>& chunks) {
  std::string bytes;
  bytes.reserve(chunks.size() * kEntryBytes);
  for (const StoredChunk& chunk : chunks) {
    bytes += chunk_key(chunk.id);
    append_little_endian(bytes, chunk.bytes);
  }
  return bytes;
}

std::optional<std::vector<StoredChunk>> decode_directory(std::string_view bytes) {
  if (bytes.size() % kEntryBytes != 0)
    return std::nullopt;
  std::vector<StoredChunk> chunks;
  chunks.reserve(bytes.size() / kEntryBytes);
  for (; !bytes.empty(); bytes.remove_prefix(kEntryBytes))
    chunks.push_back({*parse_chunk_key(bytes.substr(0, kKeyBytes)),
                      little_endian_at<std::uint32_t>(bytes, kKeyBytes)});
  return chunks;
}

}  // namespace leat
