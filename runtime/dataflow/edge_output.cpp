#include "runtime/dataflow/edge_output.hpp"

#include <algorithm>
#include <stdexcept>
#include <string>
#include <utility>

#include "runtime/base/check.hpp"
#include "runtime/base/mutation.hpp"

namespace leat::runtime {

EdgeOutput::EdgeOutput(std::uint16_t edge, std::uint16_t from, std::uint16_t first_target,
                       std::uint32_t channels, OutputRoom& room, BufferRoute& route)
    : room_(room), route_(route), first_target_(first_target) {
  for (std::uint32_t i = 0; i < channels; ++i) {
    Channel& channel = channels_.emplace_back();
    channel.id = {edge, from, static_cast<std::uint16_t>(first_target + i)};
  }
}

void EdgeOutput::finish_full(Channel& channel, std::size_t last_record_at) {
  if (channel.writer.size() <= kLargestBufferBytes) {
    finish_partial(channel);
    return;
  }
  const std::string record(channel.writer.view().substr(last_record_at));
  if (record.size() > kLargestRecordBytes)
    throw std::length_error("a record of " + std::to_string(record.size()) +
                            " bytes is larger than the limit of " +
                            std::to_string(kLargestRecordBytes));
  channel.writer.truncate(last_record_at);
  --channel.records;
  if (channel.records > 0)
    finish_partial(channel);
  channel.writer.clear();
  cut_into_fragments(channel, record);
}

void EdgeOutput::cut_into_fragments(Channel& channel, std::string_view record) {
  while (!record.empty()) {
    const std::string_view part = record.substr(0, kBufferBytes);
    record.remove_prefix(part.size());
    Buffer buffer;
    buffer.kind = record.empty() ? BufferKind::kLastFragment : BufferKind::kFragment;
    buffer.records = record.empty() ? 1 : 0;
    buffer.bytes = ByteBlock(part);
    dispatch(channel, std::move(buffer));
  }
}

void EdgeOutput::finish_partial(Channel& channel) {
  Buffer buffer;
  buffer.records = std::exchange(channel.records, 0);
  buffer.bytes = channel.writer.take();
  dispatch(channel, std::move(buffer));
}

void EdgeOutput::dispatch(Channel& channel, Buffer buffer) {
  auto shared = std::make_shared<const Buffer>(std::move(buffer));
  if (channel.credits > 0 && channel.parked.empty()) {
    send(channel, std::move(shared));
    return;
  }
  park(channel, std::move(shared));
}

void EdgeOutput::park(Channel& channel, BufferPtr buffer) {
  if (channel.parked.empty())
    room_.park();
  parked_barriers_ += buffer->kind == BufferKind::kBarrier ? 1 : 0;
  channel.parked.push_back(std::move(buffer));
}

void EdgeOutput::pass(const Barrier& barrier) {
  const BufferPtr buffer = make_barrier_buffer(barrier);
  for (Channel& channel : channels_) {
    if (channel.records > 0)
      finish_partial(channel);
    if (channel.parked.empty())
      send(channel, buffer);
    else
      park(channel, buffer);
  }
}

void EdgeOutput::overtake(const Barrier& barrier, std::vector<CapturedChannel>& captured) {
  Barrier overtaking = barrier;
  overtaking.overtook = true;
  const BufferPtr buffer = make_barrier_buffer(overtaking);
  for (Channel& channel : channels_)
    overtake(channel, buffer, barrier.checkpoint, captured);
}

void EdgeOutput::overtake(Channel& channel, const BufferPtr& barrier, std::uint64_t checkpoint,
                          std::vector<CapturedChannel>& captured) {
  const auto number = [](const BufferPtr& buffer) {
    return buffer->kind == BufferKind::kBarrier ? read_barrier(*buffer)->checkpoint : 0;
  };
  const auto waiting =
      std::find_if(channel.parked.begin(), channel.parked.end(),
                   [&](const BufferPtr& buffer) { return number(buffer) == checkpoint; });
  if (waiting == channel.parked.end())
    return;
  CapturedChannel passed{channel.id, true, {}};
  for (auto buffer = channel.parked.begin(); buffer != waiting; ++buffer)
    if (holds_records(**buffer) && !LEAT_MUTATION(parked_not_captured))
      passed.buffers.push_back(*buffer);
  if (!passed.buffers.empty())
    captured.push_back(std::move(passed));
  // Older barriers are over, and must not come behind this one.
  const auto gone = std::erase_if(channel.parked, [&](const BufferPtr& buffer) {
    return number(buffer) != 0 && number(buffer) <= checkpoint;
  });
  parked_barriers_ -= static_cast<std::uint32_t>(gone);
  if (channel.parked.empty())
    room_.unpark();
  send(channel, barrier);
}

bool EdgeOutput::can_unpark(const Channel& channel) {
  return !channel.parked.empty() &&
         (channel.credits > 0 || channel.parked.front()->kind == BufferKind::kBarrier);
}

void EdgeOutput::send(Channel& channel, BufferPtr buffer) {
  if (buffer->kind != BufferKind::kBarrier) {
    LEAT_CHECK(channel.credits > 0);
    --channel.credits;
  }
  route_.send_buffer(channel.id, channel.sequence++, std::move(buffer));
}

void EdgeOutput::add_credit(std::uint16_t to, std::uint32_t buffers) {
  LEAT_CHECK(to >= first_target_ && to - first_target_ < static_cast<int>(channels_.size()));
  Channel& channel = channels_[static_cast<std::size_t>(to - first_target_)];
  channel.credits = std::min(channel.credits + buffers, kInitialCredits);
  if (channel.parked.empty())
    return;
  while (can_unpark(channel)) {
    BufferPtr buffer = std::move(channel.parked.front());
    channel.parked.pop_front();
    parked_barriers_ -= buffer->kind == BufferKind::kBarrier ? 1 : 0;
    send(channel, std::move(buffer));
  }
  if (channel.parked.empty())
    room_.unpark();
}

void EdgeOutput::flush(Flush reason) {
  const std::uint32_t needed = reason == Flush::kIdle ? kInitialCredits : 1;
  for (Channel& channel : channels_) {
    if (channel.records > 0 && channel.credits >= needed)
      finish_partial(channel);
  }
}

void EdgeOutput::end() {
  for (Channel& channel : channels_) {
    if (channel.records > 0)
      finish_partial(channel);
    Buffer end;
    end.kind = BufferKind::kEndOfInput;
    dispatch(channel, std::move(end));
  }
}

bool EdgeOutput::drained() const {
  return std::all_of(channels_.begin(), channels_.end(),
                     [](const Channel& channel) { return channel.parked.empty(); });
}

}  // namespace leat::runtime
