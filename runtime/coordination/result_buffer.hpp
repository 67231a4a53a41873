#pragma once

// Rows of a job's collect sinks on their way to the client. Without checkpoints they are visible at once
// and labelled by the attempt that made them. With checkpoints a row is held until a checkpoint that covers
// it is complete; then it is the client's for good, and the count goes on over all attempts.
// Bounded: a subtask sends a batch per credit, and gets the credit back only while there is room.
// Single-threaded, part of a JobMaster.
// Invariant: rows_ are the visible rows [released_, total()); held_ are those not covered yet.

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "runtime/base/ids.hpp"
#include "serialization/proto/control.pb.h"

namespace leat::runtime {

class ResultBuffer {
 public:
  /// Rows given out in one answer, in bytes; at least one row.
  static constexpr std::size_t kBatchBytes = std::size_t{1} << 20U;

  explicit ResultBuffer(std::size_t limit_bytes) : limit_bytes_(limit_bytes) {}

  /// A new attempt: rows that are visible only because there are no checkpoints are void.
  void restart(Attempt attempt);
  /// Without checkpoints by time, from one taken for another reason: goes on under the label of its rows.
  /// `unconfirmed` is what unconfirmed() was when they were saved.
  void resume(Attempt label, std::uint64_t first_row,
              const google::protobuf::RepeatedPtrField<std::string>& rows,
              std::uint64_t unconfirmed);
  /// Visible rows that came after resume() and before align(): the last ones.
  [[nodiscard]] std::uint64_t unconfirmed() const {
    return resumed_at_ ? total() - *resumed_at_ : 0;
  }
  /// The client goes on at `offset`. After resume() it may have got rows that the checkpoint did not know of:
  /// then what follows the checkpoint begins there.
  void align(std::uint64_t offset);
  void append(std::uint32_t subtask, const proto::CollectRows& batch);

  // With checkpoints.
  /// From now on rows are held; goes on behind `rows`, the first of which is number `first_row`.
  void hold_rows(std::uint64_t first_row,
                 const google::protobuf::RepeatedPtrField<std::string>& rows = {});
  [[nodiscard]] bool holds_rows() const { return attempt_ == kContinuous; }
  /// Rows of attempts that have ended and that no checkpoint covers are made again.
  void forget_held();
  /// Rows before the barrier of `checkpoint`, or of an earlier one that was not completed, are visible.
  void cover(std::uint64_t checkpoint);
  /// All that is held becomes visible.
  void cover_all();
  /// What a manifest or commit says: visible rows and those that cover() would make visible.
  void save(std::uint64_t checkpoint, google::protobuf::RepeatedPtrField<std::string>& into) const;
  /// The subtask has sent all that precedes the barrier.
  [[nodiscard]] bool sealed(std::uint32_t subtask, std::uint64_t checkpoint) const;
  /// No room, and nothing that the client could fetch to make any.
  [[nodiscard]] bool full_of_held() const { return bytes_ >= limit_bytes_ && rows_.empty(); }

  /// The label of rows that no attempt's end makes void.
  static constexpr Attempt kContinuous{UINT32_MAX};
  static constexpr std::uint64_t kAllCheckpoints = UINT64_MAX;

  /// The client has the rows before `offset`. Precondition: offset <= total().
  void release(std::uint64_t offset);
  /// Credits that can be given now, by subtask; they count as given. `barrier`: a checkpoint under way;
  /// rows that precede it are taken even without room, else it would wait for itself.
  [[nodiscard]] std::map<std::uint32_t, std::uint32_t> take_credits(
      std::optional<std::uint64_t> barrier);
  /// Rows from `offset` on. Precondition: released() <= offset <= total().
  void copy_rows(std::uint64_t offset, proto::ResultBatch& into) const;

  [[nodiscard]] Attempt attempt() const { return attempt_; }
  [[nodiscard]] std::uint64_t released() const { return released_; }
  [[nodiscard]] std::uint64_t total() const { return released_ + rows_.size(); }
  [[nodiscard]] std::size_t bytes() const { return bytes_; }

 private:
  struct Held {
    std::map<std::uint64_t, std::vector<std::string>> sealed;  // by the checkpoint they precede
    std::vector<std::string> open;                             // behind the newest barrier
    std::uint64_t newest_barrier = 0;
  };
  void show(std::vector<std::string>& rows);

  std::size_t limit_bytes_;
  Attempt attempt_{};
  std::uint64_t released_ = 0;
  std::deque<std::string> rows_;
  std::optional<std::uint64_t> resumed_at_;      // until the client has said where it goes on
  std::size_t bytes_ = 0;                        // of visible and held ones
  std::map<std::uint32_t, Held> held_;           // by subtask
  std::map<std::uint32_t, std::uint32_t> owed_;  // credits by subtask, given when there is room
};

}  // namespace leat::runtime
