#pragma once

// Keyed state as a set of segments that split as they grow: what does not depend on the types of keys
// and values. Snapshots are copy-on-write: begin_snapshot() only starts a new generation. Segments are encoded in
// slices; of an entry that is changed before, an image is kept (a segment that is shadowed), so that a
// write behind the mark takes hardly longer than others. Single-threaded.
//
// Which content is sent follows from generations alone, never from a flag that sending clears: a
// snapshot that fails costs nothing but its bytes.

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "runtime/state/keyed_state.hpp"
#include "runtime/state/segment.hpp"
#include "runtime/state/segment_directory.hpp"
#include "serialization/byte_block.hpp"

namespace leat::runtime {

class SegmentedState : public KeyedState {
 public:
  void begin_snapshot(std::uint64_t number, std::uint64_t base, const SnapshotBase& chains) final;
  bool advance_snapshot(std::size_t budget_bytes, SegmentSink& out) final;
  void abort_snapshot() final;
  [[nodiscard]] std::size_t pending_bytes() const final { return pending_bytes_; }
  Result<void> restore(SegmentId id, SegmentContent content, std::string_view bytes) final;
  void finish_restore(std::uint64_t number) final;
  [[nodiscard]] std::size_t entries() const final;
  [[nodiscard]] std::size_t bytes() const final;

  [[nodiscard]] std::size_t segments() const { return segments_.size(); }

 protected:
  explicit SegmentedState(const KeyGroupRange& groups);

  /// The first segments, from covering_segments(): by the constructor of the derived class.
  void adopt(std::unique_ptr<Segment> segment);

  /// Before the first write to a segment in this generation: what the snapshot needs is kept from then on.
  void touch(Segment& segment);
  /// Before most of it changes: encodes what the snapshot needs.
  void set_aside(Segment& segment);
  /// An image of an entry was kept.
  void count_image(std::size_t bytes) { pending_bytes_ += bytes; }
  /// If it has outgrown its limit and can be split. References into the segment are invalid then.
  bool split_if_large(Segment& segment);
  /// Measures a segment whose values vary in size, and splits it if it has outgrown its limit.
  void review(Segment& segment);

  /// Reads an image into the segments that hold its keys; restore() has prepared them.
  virtual Result<void> load(SegmentId id, SegmentContent content, std::string_view bytes) = 0;

  // Looked at for each record, so they come first.
  Generation now_ = kFirstGeneration;
  SegmentDirectory directory_;
  KeyGroupRange groups_;
  ByteWriter scratch_;
  std::vector<std::unique_ptr<Segment>> segments_;

 private:
  struct Encoded {
    SegmentId id;
    SegmentContent content;
    ByteBlock bytes;
  };

  [[nodiscard]] std::optional<Generation> generation_of(std::uint64_t number) const;
  [[nodiscard]] bool pending(const Segment& segment) const {
    return under_way_ && segment.sent != now_;
  }
  SegmentContent encode(Segment& segment);
  void drop_shadow(Segment& segment);
  bool encode_delta(Segment& segment);
  void split(Segment& segment);
  Segment* split_down_to(SegmentId id);

  bool under_way_ = false;
  std::optional<Generation> base_;  // of the snapshot under way
  std::size_t next_ = 0;            // segment to look at next
  std::deque<Encoded> queue_;
  std::size_t pending_bytes_ = 0;
  /// Snapshots that were begun or restored, which later ones may name as their base: number, and the
  /// newest generation they hold. Ascending.
  std::deque<std::pair<std::uint64_t, Generation>> history_;
  std::uint64_t newest_number_ = 0;
};

}  // namespace leat::runtime
