#pragma once

// Keyed state of one operator in one subtask, its types erased: what checkpointing sees of it. It is
// snapshotted in segments while records go on changing it. Single-threaded, the slot's thread.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "runtime/base/result.hpp"
#include "runtime/state/segment_id.hpp"

namespace leat::runtime {

/// What is handed out for a segment, relative to what the base snapshot holds for the same id.
enum class SegmentContent : std::uint8_t {
  kUnchanged,  ///< no bytes: what the base holds, image and deltas, is the content
  kDelta,      ///< the bytes go behind what the base holds
  kWhole,      ///< the bytes are all
};

/// What a snapshot holds for a segment: a whole image and the deltas on it.
struct ChainSize {
  std::uint64_t whole_bytes = 0;
  std::uint64_t delta_bytes = 0;
  std::uint32_t deltas = 0;
};

/// The base of an incremental snapshot: an earlier, complete one.
class SnapshotBase {
 public:
  virtual ~SnapshotBase() = default;
  /// Null if the base holds nothing for this segment.
  [[nodiscard]] virtual const ChainSize* find(SegmentId id) const = 0;
};

/// Takes a snapshot's segments: exactly those it consists of, each once, in any order. What the base
/// holds and is not named here is not part of the snapshot. Empty segments are not named.
class SegmentSink {
 public:
  virtual ~SegmentSink() = default;
  /// `bytes` are valid during the call; empty for kUnchanged.
  virtual void segment(SegmentId id, SegmentContent content, std::string_view bytes) = 0;
};

class KeyedState {
 public:
  KeyedState() = default;
  KeyedState(const KeyedState&) = delete;
  KeyedState& operator=(const KeyedState&) = delete;
  virtual ~KeyedState() = default;

  /// Which types key and value have, from their encodings: what was written by a state with another
  /// fingerprint must not be given to restore().
  [[nodiscard]] virtual std::string type_fingerprint() const = 0;

  /// Marks the state as of now as snapshot `number`, which ascends over the job's life; gaps are
  /// allowed. `base` is the number of an earlier, complete snapshot, 0 for none; one that this state
  /// does not know makes all segments whole. Takes time by the number of segments, encodes nothing.
  /// `chains` is asked during the call only. Discards what is left of a snapshot under way.
  virtual void begin_snapshot(std::uint64_t number, std::uint64_t base,
                              const SnapshotBase& chains) = 0;

  /// Hands out segments not out yet, about `budget_bytes` of them; true when all are out. True at once
  /// without a snapshot under way.
  virtual bool advance_snapshot(std::size_t budget_bytes, SegmentSink& out) = 0;

  /// Discards what is left of the snapshot under way, if there is one.
  virtual void abort_snapshot() = 0;

  /// Bytes encoded because records were about to change them, not yet handed out.
  [[nodiscard]] virtual std::size_t pending_bytes() const = 0;

  /// One piece of a segment that a snapshot holds: its whole image, then its deltas in order. All
  /// segments that overlap the own key groups (segment_id.hpp: overlaps) must come, from whichever
  /// subtask they are; keys of other groups are skipped. Only before the first record. After an
  /// error the state is unusable.
  virtual Result<void> restore(SegmentId id, SegmentContent content, std::string_view bytes) = 0;

  /// Ends restoring. `number` is that of the restored snapshot, if later ones may name it as their base
  /// (so that the first one is incremental); else 0.
  virtual void finish_restore(std::uint64_t number) = 0;

  [[nodiscard]] virtual std::size_t entries() const = 0;
  /// Estimated size of all whole images.
  [[nodiscard]] virtual std::size_t bytes() const = 0;
};

}  // namespace leat::runtime
