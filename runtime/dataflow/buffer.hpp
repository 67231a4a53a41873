#pragma once

// What travels between stages: an immutable block of encoded records, a barrier, or the end of input.
// Shared by pointer within a process, copied as bytes between processes; nobody changes one after it was
// built.

#include <compare>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>

#include "serialization/byte_block.hpp"

namespace leat::runtime {

enum class BufferKind : std::uint8_t {
  kRecords = 0,       ///< `records` whole records
  kFragment = 1,      ///< part of one record that is larger than a buffer; more follow
  kLastFragment = 2,  ///< its last part
  kEndOfInput = 3,    ///< no record follows on this channel; no bytes
  kBarrier = 4,  ///< of a checkpoint (barrier.hpp); takes no credit, also follows the end of input
};
inline constexpr std::uint8_t kLastBufferKind = 4;

/// A buffer is sent when it holds at least this much.
inline constexpr std::size_t kBufferBytes = std::size_t{32} << 10U;
/// Records that would make a buffer larger than this travel as fragments.
inline constexpr std::size_t kLargestBufferBytes = 2 * kBufferBytes;
/// Buffers a receiver grants each channel at the start.
inline constexpr std::uint32_t kInitialCredits = 8;
/// Largest record, encoded.
inline constexpr std::size_t kLargestRecordBytes = std::size_t{64} << 20U;

struct Buffer {
  BufferKind kind = BufferKind::kRecords;
  std::uint32_t records = 0;
  ByteBlock bytes;
};

using BufferPtr = std::shared_ptr<const Buffer>;

/// One channel of an edge: from one subtask to another.
struct ChannelId {
  std::uint16_t edge = 0;
  std::uint16_t from = 0;
  std::uint16_t to = 0;
  auto operator<=>(const ChannelId&) const = default;
};

}  // namespace leat::runtime
