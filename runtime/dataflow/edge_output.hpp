#pragma once

// The sending side of an edge in one subtask: a partly filled buffer per channel, credits, and what
// waits for them. Memory is bounded by the credits plus what one call of user code emits.

#include <cstdint>
#include <deque>
#include <vector>

#include "runtime/dataflow/barrier.hpp"
#include "runtime/dataflow/buffer.hpp"
#include "runtime/dataflow/buffer_route.hpp"
#include "runtime/dataflow/captured_channel.hpp"
#include "runtime/dataflow/output_room.hpp"
#include "serialization/byte_writer.hpp"
#include "serialization/codec.hpp"

namespace leat::runtime {

class EdgeOutput {
 public:
  /// Channels `first_target` to `first_target + channels - 1` of `edge`. `room` and `route` outlive it.
  EdgeOutput(std::uint16_t edge, std::uint16_t from, std::uint16_t first_target,
             std::uint32_t channels, OutputRoom& room, BufferRoute& route);

  [[nodiscard]] std::uint32_t channels() const {
    return static_cast<std::uint32_t>(channels_.size());
  }

  /// Encodes a record into a channel's buffer; sends or parks the buffer when it is full.
  template <class T>
  void write(std::uint32_t channel, In<T> record) {
    Channel& target = channels_[channel];
    char* const begin = target.writer.reserve(Codec<T>::bound(record));
    target.writer.commit(Codec<T>::put(begin, record));
    ++target.records;
    if (target.writer.size() >= kBufferBytes) [[unlikely]]
      finish_full(target, static_cast<std::size_t>(begin - target.writer.data()));
  }

  /// The receiver of `to` has room for more.
  void add_credit(std::uint16_t to, std::uint32_t buffers);

  enum class Flush {
    kIdle,     ///< nothing else to do: send a partial buffer where none is on its way
    kOverdue,  ///< the buffer timeout has passed: send wherever there is credit
  };
  void flush(Flush reason);

  /// Puts a barrier behind what was written, on every channel. It takes no credit, but waits behind
  /// buffers that do.
  void pass(const Barrier& barrier);
  /// This barrier leaves wherever it waits; what it passes over is appended to `captured`.
  void overtake(const Barrier& barrier, std::vector<CapturedChannel>& captured);
  /// A barrier waits somewhere.
  [[nodiscard]] bool holds_barrier() const { return parked_barriers_ > 0; }

  /// No record follows: sends what is left and the end of input on every channel.
  void end();
  /// All of it has left.
  [[nodiscard]] bool drained() const;

 private:
  /// A little more than a buffer, so that the record that fills it does not make it grow.
  static constexpr std::size_t kWriterBytes = kBufferBytes + 1024;

  /// What a record touches lies in one cache line.
  struct alignas(64) Channel {
    ByteWriter writer{kWriterBytes};
    std::uint32_t records = 0;  // in writer
    ChannelId id;
    std::uint32_t credits = kInitialCredits;
    std::uint64_t sequence = 0;
    std::deque<BufferPtr> parked;
  };

  void finish_full(Channel& channel, std::size_t last_record_at);
  void finish_partial(Channel& channel);
  void cut_into_fragments(Channel& channel, std::string_view record);
  void dispatch(Channel& channel, Buffer buffer);
  void overtake(Channel& channel, const BufferPtr& barrier, std::uint64_t checkpoint,
                std::vector<CapturedChannel>& captured);
  void park(Channel& channel, BufferPtr buffer);
  void send(Channel& channel, BufferPtr buffer);
  /// May the first parked buffer leave?
  [[nodiscard]] static bool can_unpark(const Channel& channel);

  OutputRoom& room_;
  BufferRoute& route_;
  std::uint16_t first_target_;
  std::uint32_t parked_barriers_ = 0;
  std::vector<Channel> channels_;
};

}  // namespace leat::runtime
