#include "runtime/dataflow/edge_input.hpp"

#include <algorithm>
#include <utility>

#include "runtime/base/check.hpp"

namespace leat::runtime {

EdgeInput::EdgeInput(std::uint16_t edge, std::uint16_t first_sender, std::uint32_t channels,
                     std::uint16_t to, std::unique_ptr<EdgeReader> reader, BufferRoute& route)
    : first_sender_(first_sender), reader_(std::move(reader)), route_(route) {
  for (std::uint32_t i = 0; i < channels; ++i)
    channels_.emplace_back().id = {edge, static_cast<std::uint16_t>(first_sender + i), to};
}

Error EdgeInput::malformed(const Channel& channel, const std::string& what) const {
  return Error(ErrorKind::kProtocol, "edge " + std::to_string(channel.id.edge) + " from subtask " +
                                         std::to_string(channel.id.from) + ": " + what);
}

Result<void> EdgeInput::add(ChannelId id, std::uint64_t sequence, BufferPtr buffer) {
  const std::size_t index = static_cast<std::size_t>(id.from) - first_sender_;
  if (id.from < first_sender_ || index >= channels_.size() || id != channels_[index].id)
    return Error(ErrorKind::kProtocol,
                 "a buffer for an unknown channel of edge " + std::to_string(id.edge) + " arrived");
  Channel& channel = channels_[index];
  if (auto checked = check(channel, sequence, *buffer); !checked)
    return checked;
  ++channel.next_sequence;
  if (buffer->kind == BufferKind::kBarrier) {
    if (auto noted = note_barrier(channel, *buffer); !noted)
      return noted;
    if (end_capture(channel, channel.newest_barrier))
      return {};
  } else {
    --channel.granted;
    channel.end_arrived = buffer->kind == BufferKind::kEndOfInput;
    if (channel.capturing && holds_records(*buffer))
      channel.captured.push_back(buffer);
  }
  channel.queue.push_back(std::move(buffer));
  if (channel.blocked)
    held_.push_back(static_cast<std::uint16_t>(index));
  else
    arrivals_.push_back(static_cast<std::uint16_t>(index));
  return {};
}

Result<void> EdgeInput::check(const Channel& channel, std::uint64_t sequence,
                              const Buffer& buffer) const {
  if (sequence != channel.next_sequence)
    return malformed(channel, "buffer " + std::to_string(channel.next_sequence) +
                                  " was expected, buffer " + std::to_string(sequence) + " arrived");
  if (buffer.kind == BufferKind::kBarrier)
    return {};
  if (channel.end_arrived)
    return malformed(channel, "a buffer arrived after the end of input");
  if (channel.granted == 0)
    return malformed(channel, "a buffer arrived without credit");
  return {};
}

Result<void> EdgeInput::note_barrier(Channel& channel, const Buffer& buffer) {
  const auto barrier = read_barrier(buffer);
  if (!barrier)
    return malformed(channel, barrier.error().message());
  if (barrier->checkpoint <= channel.newest_barrier)
    return malformed(channel, "the barrier of checkpoint " + std::to_string(barrier->checkpoint) +
                                  " arrived after that of checkpoint " +
                                  std::to_string(channel.newest_barrier));
  channel.newest_barrier = barrier->checkpoint;
  const bool newer = !announced_ || announced_->checkpoint < barrier->checkpoint;
  const bool same = announced_ && announced_->checkpoint == barrier->checkpoint;
  if (newer || (same && barrier->overtook))
    announced_ = *barrier;
  return {};
}

Result<std::uint32_t> EdgeInput::read(std::uint32_t max_records, const bool& blocked) {
  std::uint32_t left = max_records;
  while (left > 0 && !blocked && !arrivals_.empty() && !barrier_) {
    last_read_ = arrivals_.front();
    Channel& channel = channels_[last_read_];
    if (!reading_) {
      if (auto begun = begin_front(channel); !begun)
        return begun.error();
    }
    const std::uint32_t asked = std::min(left, records_left_);
    records_left_ -= asked;
    channel.records_read += asked;
    unread_ = asked;
    const bool readable = reader_->read(bytes_, unread_, blocked);
    const std::uint32_t back = std::exchange(unread_, 0);
    records_left_ += back;
    channel.records_read -= back;
    left -= asked - back;
    if (!readable)
      return malformed(channel, "bytes that are no record of this type");
    if (records_left_ > 0)
      break;
    if (!bytes_.empty())
      return malformed(channel, "bytes are left over after the last record of a buffer");
    finish_front(channel);
  }
  return max_records - left;
}

Result<void> EdgeInput::begin_front(Channel& channel) {
  const Buffer& buffer = *channel.queue.front();
  reading_ = true;
  bytes_ = ByteReader();
  records_left_ = 0;
  switch (buffer.kind) {
    case BufferKind::kRecords:
      bytes_ = ByteReader(buffer.bytes.view());
      records_left_ = buffer.records;
      break;
    case BufferKind::kFragment:
    case BufferKind::kLastFragment:
      return assemble(channel, buffer);
    case BufferKind::kBarrier:
      // It may have overtaken the rest of a large record.
      barrier_ = *read_barrier(buffer);
      channel.delivered_barrier = barrier_->checkpoint;
      return {};
    case BufferKind::kEndOfInput:
      ++ended_channels_;
      break;
  }
  if (buffer.kind != BufferKind::kFragment && !channel.assembly.empty())
    return malformed(channel, "a large record broke off");
  return {};
}

Result<void> EdgeInput::assemble(Channel& channel, const Buffer& buffer) {
  if (channel.assembly.size() + buffer.bytes.size() > kLargestRecordBytes)
    return malformed(channel, "a record larger than the limit of " +
                                  std::to_string(kLargestRecordBytes) + " bytes");
  channel.assembly.append(buffer.bytes.view());
  if (buffer.kind == BufferKind::kLastFragment) {
    bytes_ = ByteReader(channel.assembly);
    records_left_ = 1;
  }
  return {};
}

void EdgeInput::finish_front(Channel& channel) {
  if (channel.queue.front()->kind == BufferKind::kLastFragment)
    channel.assembly = {};
  if (channel.queue.front()->kind != BufferKind::kBarrier)
    ++channel.owed;
  channel.queue.pop_front();
  arrivals_.pop_front();
  reading_ = false;
  // Half a window at once keeps credit messages few; an empty queue must not wait for more.
  const bool due = channel.owed >= kInitialCredits / 2 || channel.queue.empty();
  if (due && channel.owed > 0 && !channel.end_arrived) {
    channel.granted += channel.owed;
    route_.send_credit(channel.id, std::exchange(channel.owed, 0));
  }
}

void EdgeInput::block() {
  LEAT_CHECK(!reading_);
  channels_[last_read_].blocked = true;
  const auto index = static_cast<std::uint16_t>(last_read_);
  const auto held = std::erase(arrivals_, index);
  held_.insert(held_.end(), held, index);
}

void EdgeInput::unblock() {
  for (Channel& channel : channels_)
    channel.blocked = false;
  // They have waited longest; but a buffer that is being read stays in front.
  arrivals_.insert(arrivals_.begin() + (reading_ ? 1 : 0), held_.begin(), held_.end());
  held_.clear();
}

std::string EdgeInput::position() const {
  const Channel& channel = channels_[last_read_];
  // An operator that throws leaves read() in the middle: what it did not get to is still unread.
  return "near record " + std::to_string(channel.records_read - unread_) + " from subtask " +
         std::to_string(channel.id.from);
}

}  // namespace leat::runtime
