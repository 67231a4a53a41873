#pragma once

// The mark that divides the records before a checkpoint from those behind it. It tells a slot all that it
// needs to take its part, for it may arrive before the JobManager's trigger does.

#include <cstdint>

#include "runtime/base/result.hpp"
#include "runtime/dataflow/buffer.hpp"
#include "serialization/proto/control.pb.h"
#include "serialization/record.hpp"

namespace leat::runtime {

struct Barrier {
  std::uint64_t checkpoint = 0;          ///< from 1, ascending over a job's life
  std::uint64_t base = 0;                ///< a complete checkpoint that may be referred to; 0: none
  std::uint32_t chunk_window = 0;        ///< chunks that may be sent before the first is stored
  std::uint32_t aligned_timeout_ms = 0;  ///< it overtakes buffers after so long; 0: never
  bool exactly_once = true;              ///< a channel that has delivered it waits for the others
  bool overtook = false;                 ///< there may be records before it that it has passed
  bool after_end = false;  ///< sources ended for it: it follows all that stages emit then

  bool operator==(const Barrier&) const = default;
};

[[nodiscard]] Barrier barrier_of(const proto::TriggerCheckpoint& trigger);

[[nodiscard]] BufferPtr make_barrier_buffer(const Barrier& barrier);
/// kProtocol if the bytes are no barrier.
[[nodiscard]] Result<Barrier> read_barrier(const Buffer& buffer);

}  // namespace leat::runtime

LEAT_RECORD(leat::runtime::Barrier, checkpoint, base, chunk_window, aligned_timeout_ms,
            exactly_once, overtook, after_end)
