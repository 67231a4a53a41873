#include "tests/sim_support/sim_world.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

namespace leat::sim {

namespace {
constexpr std::int64_t kMinLatencyUs = 20;
constexpr std::int64_t kMaxLatencyUs = 3000;
}  // namespace

void SimWorld::post(const std::string& channel, Action action) {
  std::uniform_int_distribution<std::int64_t> latency(kMinLatencyUs, kMaxLatencyUs);
  Time at = now() + std::chrono::microseconds(latency(random_));
  std::deque<Message>& queue = channels_[channel];
  if (!queue.empty())
    at = std::max(at, queue.back().at);
  queue.push_back({at, std::move(action)});
}

void SimWorld::post_at(Time time, Action action) {
  channels_["timer/" + std::to_string(++timers_)].push_back(
      {std::max(time, now()), std::move(action)});
}

SimWorld::Channels::iterator SimWorld::next_channel() {
  auto next = channels_.end();
  for (auto channel = channels_.begin(); channel != channels_.end(); ++channel) {
    if (channel->second.empty() || held_.contains(channel->first))
      continue;
    if (next == channels_.end() || channel->second.front().at < next->second.front().at)
      next = channel;
  }
  return next;
}

SimTicker* SimWorld::next_ticker() const {
  SimTicker* next = nullptr;
  for (SimTicker* ticker : tickers_) {
    if (ticker->next_deadline() == Time::max())
      continue;
    if (next == nullptr || ticker->next_deadline() < next->next_deadline())
      next = ticker;
  }
  return next;
}

void SimWorld::advance_to(Time time) {
  if (time > now())
    clock_.advance_to(time);
}

bool SimWorld::step() {
  const auto channel = next_channel();
  SimTicker* ticker = next_ticker();
  if (channel == channels_.end() && ticker == nullptr)
    return false;
  const Time message_at = channel == channels_.end() ? Time::max() : channel->second.front().at;
  if (ticker != nullptr && ticker->next_deadline() <= message_at) {
    advance_to(ticker->next_deadline());
    ticker->tick();
    return true;
  }
  advance_to(message_at);
  const Action action = std::move(channel->second.front().action);
  channel->second.pop_front();
  if (channel->second.empty())
    channels_.erase(channel);
  action();
  return true;
}

bool SimWorld::run_until(const std::function<bool()>& done, Duration limit) {
  const Time end = now() + limit;
  while (!done()) {
    if (now() >= end || !step())
      return false;
  }
  return true;
}

void SimWorld::run_for(Duration duration) {
  const Time end = now() + duration;
  while (true) {
    const auto channel = next_channel();
    const SimTicker* ticker = next_ticker();
    const Time message_at = channel == channels_.end() ? Time::max() : channel->second.front().at;
    const Time tick_at = ticker == nullptr ? Time::max() : ticker->next_deadline();
    if (std::min(message_at, tick_at) > end)
      break;
    step();
  }
  advance_to(end);
}

}  // namespace leat::sim
