// EdgeInput: what a barrier overtakes.

#include <algorithm>
#include <iterator>
#include <utility>

#include "runtime/base/check.hpp"
#include "runtime/base/mutation.hpp"
#include "runtime/dataflow/edge_input.hpp"

namespace leat::runtime {

namespace {

/// A record that was put together, or begun, as it travelled.
void append_fragments(std::string_view record, bool complete, std::vector<BufferPtr>& into) {
  while (!record.empty()) {
    const std::string_view part = record.substr(0, kBufferBytes);
    record.remove_prefix(part.size());
    Buffer buffer;
    const bool last = complete && record.empty();
    buffer.kind = last ? BufferKind::kLastFragment : BufferKind::kFragment;
    buffer.records = last ? 1 : 0;
    buffer.bytes = ByteBlock(part);
    into.push_back(std::make_shared<const Buffer>(std::move(buffer)));
  }
}

}  // namespace

void EdgeInput::capture(std::uint64_t checkpoint) {
  drop_capture();
  capture_checkpoint_ = checkpoint;
  for (std::size_t index = 0; index < channels_.size(); ++index) {
    Channel& channel = channels_[index];
    LEAT_CHECK(!channel.blocked);
    const bool in_front = reading_ && arrivals_.front() == index;
    capture_begun(channel, in_front);
    if (channel.delivered_barrier == checkpoint)
      continue;
    channel.capturing = !capture_queue(index, in_front ? 1 : 0);
    capturing_channels_ += channel.capturing ? 1 : 0;
  }
}

/// What of the front buffer, or of a large record, has not been handed on.
void EdgeInput::capture_begun(Channel& channel, bool in_front) {
  if (!channel.assembly.empty()) {
    append_fragments(channel.assembly, in_front, channel.captured);
    return;
  }
  if (!in_front || records_left_ == 0)
    return;
  ByteReader rest = bytes_;
  std::string_view bytes;
  LEAT_CHECK(rest.read_bytes(rest.remaining(), bytes));
  Buffer buffer;
  buffer.records = records_left_;
  buffer.bytes = ByteBlock(bytes);
  channel.captured.push_back(std::make_shared<const Buffer>(std::move(buffer)));
}

/// What is queued before the barrier; takes the barrier out. False if it has not arrived.
bool EdgeInput::capture_queue(std::size_t index, std::size_t first) {
  Channel& channel = channels_[index];
  for (std::size_t at = first; at < channel.queue.size(); ++at) {
    const Buffer& buffer = *channel.queue[at];
    if (holds_records(buffer) && !LEAT_MUTATION(queued_not_captured))
      channel.captured.push_back(channel.queue[at]);
    if (buffer.kind != BufferKind::kBarrier ||
        read_barrier(buffer)->checkpoint != capture_checkpoint_)
      continue;
    channel.queue.erase(channel.queue.begin() + static_cast<std::ptrdiff_t>(at));
    const auto arrival =
        std::find(arrivals_.rbegin(), arrivals_.rend(), static_cast<std::uint16_t>(index));
    arrivals_.erase(std::next(arrival).base());
    return true;
  }
  return false;
}

/// True if the barrier ends a capture, and is not to be read.
bool EdgeInput::end_capture(Channel& channel, std::uint64_t checkpoint) {
  if (checkpoint > capture_checkpoint_)
    drop_capture();
  if (!channel.capturing || checkpoint != capture_checkpoint_)
    return false;
  channel.capturing = false;
  --capturing_channels_;
  return true;
}

void EdgeInput::drop_capture() {
  capture_checkpoint_ = 0;
  capturing_channels_ = 0;
  for (Channel& channel : channels_) {
    channel.capturing = false;
    channel.captured.clear();
  }
}

void EdgeInput::take_captured(std::vector<CapturedChannel>& into) {
  LEAT_CHECK(!capturing());
  for (Channel& channel : channels_)
    if (!channel.captured.empty())
      into.push_back({channel.id, false, std::exchange(channel.captured, {})});
}

}  // namespace leat::runtime
