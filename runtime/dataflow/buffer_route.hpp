#pragma once

// Where finished buffers and credits go: to another slot, or straight into this pipeline's own gate.

#include <cstdint>

#include "runtime/dataflow/buffer.hpp"

namespace leat::runtime {

class BufferRoute {
 public:
  virtual ~BufferRoute() = default;
  virtual void send_buffer(ChannelId channel, std::uint64_t sequence, BufferPtr buffer) = 0;
  virtual void send_credit(ChannelId channel, std::uint32_t buffers) = 0;
};

}  // namespace leat::runtime
