#pragma once

// Rows of a job's collect sinks on their way to the client, labelled by the attempt that made them.
// Bounded: a subtask sends a batch per credit, and gets the credit back only while there is room.
// Single-threaded, part of a JobMaster.
// Invariant: rows_ are the rows [released_, total()) of attempt_.

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <string>

#include "runtime/base/ids.hpp"
#include "serialization/proto/control.pb.h"

namespace leat::runtime {

class ResultBuffer {
 public:
  /// Rows given out in one answer, in bytes; at least one row.
  static constexpr std::size_t kBatchBytes = std::size_t{1} << 20U;

  explicit ResultBuffer(std::size_t limit_bytes) : limit_bytes_(limit_bytes) {}

  /// A new attempt: earlier rows are void.
  void restart(Attempt attempt);
  void append(std::uint32_t subtask, const proto::CollectRows& batch);
  /// The client has the rows before `offset`. Precondition: offset <= total().
  void release(std::uint64_t offset);
  /// Credits that can be given now, by subtask; they count as given.
  [[nodiscard]] std::map<std::uint32_t, std::uint32_t> take_credits();
  /// Rows from `offset` on. Precondition: released() <= offset <= total().
  void copy_rows(std::uint64_t offset, proto::ResultBatch& into) const;

  [[nodiscard]] Attempt attempt() const { return attempt_; }
  [[nodiscard]] std::uint64_t released() const { return released_; }
  [[nodiscard]] std::uint64_t total() const { return released_ + rows_.size(); }
  [[nodiscard]] std::size_t bytes() const { return bytes_; }

 private:
  std::size_t limit_bytes_;
  Attempt attempt_{};
  std::uint64_t released_ = 0;
  std::deque<std::string> rows_;
  std::size_t bytes_ = 0;
  std::map<std::uint32_t, std::uint32_t> owed_;  // credits by subtask, given when there is room
};

}  // namespace leat::runtime
