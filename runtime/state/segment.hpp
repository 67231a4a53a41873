#pragma once

// A part of keyed state that is snapshotted as one piece, its types erased: what SegmentedState needs to
// cut, encode and account for it. Single-threaded.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>

#include "runtime/state/keyed_state.hpp"
#include "runtime/state/segment_id.hpp"
#include "runtime/state/state_cell.hpp"
#include "serialization/byte_writer.hpp"

namespace leat::runtime {

/// What was restored.
inline constexpr Generation kRestoredGeneration = 1;
inline constexpr Generation kFirstGeneration = 2;

/// A segment beyond so many encoded bytes is split. Not a power of two, so that tables do not double just
/// before.
inline constexpr std::size_t kSplitBytes = std::size_t{448} << 10U;

inline constexpr std::size_t kCacheLineBytes = 64;

struct Segment {
  explicit Segment(SegmentId its_id) : id(its_id) {}
  Segment(const Segment&) = delete;
  Segment& operator=(const Segment&) = delete;
  virtual ~Segment() = default;

  Generation version_before = kNoGeneration;  ///< `version` at the mark, while `shadowed`
  Generation sent = kNoGeneration;  ///< the generation after the snapshot it went into last
  SegmentId id;
  std::size_t bytes = 0;  ///< estimated encoded size
  std::size_t split_at = kSplitBytes;
  std::optional<ChainSize> chain;  ///< what the base of the snapshot under way holds

  // What each write looks at: on one cache line with the first members of TypedSegment.
  alignas(kCacheLineBytes) Generation version = kFirstGeneration;  ///< of its newest change
  /// All changes of later generations are listed, see encode_delta().
  Generation listed_after = kFirstGeneration;
  std::uint32_t writes_to_review = 0;  ///< until `bytes` is measured anew, if values vary in size
  /// It is changed while the snapshot under way lacks it: what it was at the mark is kept.
  bool shadowed = false;

  [[nodiscard]] virtual std::size_t entries() const = 0;

  // While it is shadowed, of the entries as they were at the mark.
  [[nodiscard]] virtual std::size_t marked_entries() const = 0;
  virtual void encode_whole(ByteWriter& out) const = 0;
  /// The entries changed and removed after a generation. Precondition: listed_after <= after.
  virtual void encode_delta(Generation after, ByteWriter& out) const = 0;
  /// Before the first change behind the mark.
  virtual void begin_shadow() = 0;
  /// Returns the bytes of the images that were kept.
  virtual std::size_t drop_shadow() = 0;
  /// Forgets the changes listed up to a generation.
  virtual void forget_listed(Generation up_to) = 0;

  /// Measures `bytes`.
  virtual void measure(ByteWriter& scratch) = 0;
  /// Keeps the half whose next bit is 0; the other half is returned. Changes its id.
  [[nodiscard]] virtual std::unique_ptr<Segment> split(std::uint32_t max_parallelism) = 0;
};

}  // namespace leat::runtime
