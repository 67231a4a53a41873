#pragma once

// What a barrier overtook on one channel: it was sent before the barrier, and is processed after the
// snapshot that the barrier stands for.

#include <vector>

#include "runtime/dataflow/buffer.hpp"

namespace leat::runtime {

struct CapturedChannel {
  ChannelId channel;
  /// It had not been sent: it follows what the receiver has captured of this channel.
  bool at_sender = false;
  std::vector<BufferPtr> buffers;  ///< records and fragments, in order
};

[[nodiscard]] inline bool holds_records(const Buffer& buffer) {
  return buffer.kind != BufferKind::kEndOfInput && buffer.kind != BufferKind::kBarrier;
}

}  // namespace leat::runtime
