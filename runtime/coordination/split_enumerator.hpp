#pragma once

// Hands out a source's splits on demand, so that a slow reader does not hold the rest back. Lives
// beside the JobMaster; knows nothing of user code.

#include <cstdint>
#include <optional>

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
};

}  // namespace leat::runtime
