#pragma once

// Hands out a source's splits on demand, so that a slow reader does not hold the rest back. Lives
// beside the JobMaster; knows nothing of user code.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "runtime/base/result.hpp"
#include "serialization/proto/plan.pb.h"

namespace leat::runtime {

class SplitEnumerator {
 public:
  virtual ~SplitEnumerator() = default;
  /// The next split for a subtask, or nothing when this subtask gets no more.
  virtual std::optional<proto::Split> next(std::uint32_t subtask) = 0;
  /// Starts over for a new attempt of `parallelism` subtasks: all splits are to be handed out
  /// again.
  virtual void reset(std::uint32_t parallelism) = 0;

  /// What has not been handed out, added-back splits included; for restore() of the same kind.
  [[nodiscard]] virtual std::string snapshot() const = 0;
  /// In place of reset(): goes on from a snapshot, for an attempt of `parallelism` subtasks. An error
  /// if it does not decode.
  virtual Result<void> restore(const std::string& snapshot, std::uint32_t parallelism) = 0;
  /// Splits that were handed out and not read to their end, cut down to what is left of them: they are
  /// handed out again before any other.
  virtual void add_back(std::vector<proto::Split> splits) = 0;
};

}  // namespace leat::runtime
