#pragma once

// The receiving side of an edge in one subtask (a gate): queues of arrived buffers per channel, read in
// order of arrival, and the credits that go back once a buffer has been read. Reading ends at each barrier;
// a channel can be blocked behind it. Single-threaded.
// Invariant: arrivals_ and held_ together name a channel once per queued buffer; held_ the blocked ones.

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "runtime/base/result.hpp"
#include "runtime/dataflow/barrier.hpp"
#include "runtime/dataflow/buffer.hpp"
#include "runtime/dataflow/buffer_route.hpp"
#include "runtime/dataflow/captured_channel.hpp"
#include "runtime/dataflow/edge_reader.hpp"

namespace leat::runtime {

class EdgeInput {
 public:
  /// Channels from `first_sender` to `first_sender + channels - 1`; `route` outlives it.
  EdgeInput(std::uint16_t edge, std::uint16_t first_sender, std::uint32_t channels,
            std::uint16_t to, std::unique_ptr<EdgeReader> reader, BufferRoute& route);

  /// Refuses (kProtocol) an unknown channel, a gap in the sequence, more than was granted, barriers out of
  /// order, and what but barriers comes after the end of input.
  Result<void> add(ChannelId channel, std::uint64_t sequence, BufferPtr buffer);

  /// Reads up to `max_records` records in order of arrival; stops when `blocked` becomes true, and behind
  /// a barrier: see take_barrier(). Returns how many were read.
  Result<std::uint32_t> read(std::uint32_t max_records, const bool& blocked);

  /// The barrier that read() stopped at, once.
  [[nodiscard]] std::optional<Barrier> take_barrier() { return std::exchange(barrier_, {}); }
  /// The channel of the barrier that was taken last delivers nothing until unblock().
  void block();
  /// All channels deliver again.
  void unblock();

  /// The newest barrier that has arrived; whether it was read or not.
  [[nodiscard]] const std::optional<Barrier>& announced() const { return announced_; }
  /// The stage stands at this checkpoint's barrier although not all channels have delivered it: what comes
  /// before it there is kept, as it is now and as it arrives, beside being read. The barrier itself is not read any
  /// more. No channel is blocked.
  void capture(std::uint64_t checkpoint);
  void drop_capture();
  /// Some barrier has not arrived yet.
  [[nodiscard]] bool capturing() const { return capturing_channels_ > 0; }
  void take_captured(std::vector<CapturedChannel>& into);

  [[nodiscard]] std::size_t channels() const { return channels_.size(); }
  /// There is something to read.
  [[nodiscard]] bool has_data() const { return !arrivals_.empty(); }
  /// All channels have ended and everything was read.
  [[nodiscard]] bool ended() const { return ended_channels_ == channels_.size(); }
  /// "near record 17 from subtask 3": the last ones read, which are handed on a few at a time.
  [[nodiscard]] std::string position() const;

 private:
  struct Channel {
    ChannelId id;
    std::deque<BufferPtr> queue;
    std::uint64_t next_sequence = 0;
    std::uint64_t records_read = 0;
    std::uint32_t granted = kInitialCredits;  // what the sender may still send
    std::uint32_t owed = 0;                   // read, not yet granted again
    bool end_arrived = false;
    bool blocked = false;
    bool capturing = false;
    std::uint64_t newest_barrier = 0;     // arrived
    std::uint64_t delivered_barrier = 0;  // read
    std::string assembly;                 // fragments of one large record
    std::vector<BufferPtr> captured;
  };

  Result<void> check(const Channel& channel, std::uint64_t sequence, const Buffer& buffer) const;
  Result<void> note_barrier(Channel& channel, const Buffer& buffer);
  Result<void> begin_front(Channel& channel);
  Result<void> assemble(Channel& channel, const Buffer& buffer);
  void finish_front(Channel& channel);
  void capture_begun(Channel& channel, bool in_front);
  bool capture_queue(std::size_t index, std::size_t first);
  bool end_capture(Channel& channel, std::uint64_t checkpoint);
  [[nodiscard]] Error malformed(const Channel& channel, const std::string& what) const;

  std::uint16_t first_sender_;
  std::unique_ptr<EdgeReader> reader_;
  BufferRoute& route_;
  std::vector<Channel> channels_;
  std::deque<std::uint16_t> arrivals_;  // channel indexes, one per queued buffer
  std::vector<std::uint16_t> held_;     // the same of blocked channels
  std::optional<Barrier> barrier_;
  std::optional<Barrier> announced_;
  std::uint64_t capture_checkpoint_ = 0;
  std::size_t capturing_channels_ = 0;
  std::size_t ended_channels_ = 0;
  // The buffer being read: the front of channels_[arrivals_.front()].
  bool reading_ = false;
  ByteReader bytes_;
  std::uint32_t records_left_ = 0;
  std::size_t last_read_ = 0;
  std::uint32_t unread_ =
      0;  // of those handed to the reader; not 0 only while it runs or has thrown
};

}  // namespace leat::runtime
