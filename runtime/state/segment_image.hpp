#pragma once

// The bytes of a segment in a snapshot, without what depends on types (docs/formats.md, "Keyed state").

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "runtime/base/result.hpp"
#include "runtime/state/keyed_state.hpp"
#include "serialization/byte_reader.hpp"
#include "serialization/byte_writer.hpp"

namespace leat::runtime {

inline constexpr std::uint8_t kSegmentImageVersion = 1;

/// Version, content, and the number of entries that follow. Precondition: content is not kUnchanged.
void put_image_head(ByteWriter& out, SegmentContent content, std::size_t entries);
/// The number of keys that follow.
void put_image_count(ByteWriter& out, std::size_t count);

/// Reads the counts and says in words what is wrong with the bytes.
class SegmentImageReader {
 public:
  SegmentImageReader(SegmentId id, std::string_view bytes) : in(bytes), id_(id) {}

  /// The number of entries. Not above the number of bytes that follow, beside a single one.
  Result<std::size_t> head(SegmentContent expected);
  Result<std::size_t> count();
  /// Nothing may follow.
  Result<void> end() const;
  [[nodiscard]] Error damaged(std::string_view what) const;

  ByteReader in;

 private:
  SegmentId id_;
};

}  // namespace leat::runtime
