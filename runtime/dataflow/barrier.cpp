#include "runtime/dataflow/barrier.hpp"

#include <algorithm>
#include <utility>

#include "serialization/byte_reader.hpp"
#include "serialization/byte_writer.hpp"

namespace leat::runtime {

Barrier barrier_of(const proto::TriggerCheckpoint& trigger) {
  return {.checkpoint = trigger.checkpoint(),
          .base = trigger.base(),
          .chunk_window = std::max(trigger.chunk_window(), 1U),
          .aligned_timeout_ms = trigger.aligned_timeout_ms(),
          .exactly_once = trigger.align(),
          .overtook = false,
          .after_end = trigger.end_sources()};
}

BufferPtr make_barrier_buffer(const Barrier& barrier) {
  ByteWriter writer;
  encode<Barrier>(writer, barrier);
  Buffer buffer;
  buffer.kind = BufferKind::kBarrier;
  buffer.bytes = writer.take();
  return std::make_shared<const Buffer>(std::move(buffer));
}

Result<Barrier> read_barrier(const Buffer& buffer) {
  Barrier barrier;
  ByteReader bytes(buffer.bytes.view());
  if (!Codec<Barrier>::decode(bytes, barrier) || !bytes.empty() || barrier.checkpoint == 0 ||
      barrier.chunk_window == 0)
    return Error(ErrorKind::kProtocol, "bytes that are no barrier");
  return barrier;
}

}  // namespace leat::runtime
