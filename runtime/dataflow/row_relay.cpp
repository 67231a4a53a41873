#include "runtime/dataflow/row_relay.hpp"

#include <algorithm>
#include <utility>

#include "runtime/base/check.hpp"

namespace leat::runtime {

RowRelay::Channel& RowRelay::add_channel() {
  return channels_.emplace_back(*this);
}

void RowRelay::NoChannel::send(std::vector<std::string> /*rows*/) {
  LEAT_CHECK(false);
}

void RowRelay::send(Channel& channel, std::vector<std::string> rows) {
  if (channel.passed_ > over_)
    channel.held_.push_back(std::move(rows));
  else
    forward(std::move(rows), 0);
}

void RowRelay::pass(Channel& channel, std::uint64_t checkpoint) {
  // What it emitted behind an older barrier precedes this one, and the older checkpoint is over.
  release(channel);
  channel.passed_ = checkpoint;
  const bool all =
      std::all_of(channels_.begin(), channels_.end(),
                  [checkpoint](const Channel& one) { return one.passed_ >= checkpoint; });
  if (!all)
    return;
  forward({}, checkpoint);
  finish(checkpoint);
}

void RowRelay::finish(std::uint64_t checkpoint) {
  over_ = std::max(over_, checkpoint);
  for (Channel& channel : channels_)
    if (channel.passed_ <= over_)
      release(channel);
}

void RowRelay::release(Channel& channel) {
  for (auto& rows : std::exchange(channel.held_, {}))
    forward(std::move(rows), 0);
}

void RowRelay::forward(std::vector<std::string> rows, std::uint64_t before_barrier) {
  --credits_;
  outbox_.send_rows(std::move(rows), before_barrier);
}

}  // namespace leat::runtime
