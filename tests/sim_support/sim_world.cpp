#include "tests/sim_support/sim_world.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include <gtest/gtest.h>

namespace leat::sim {

namespace {

constexpr std::int64_t kLeastLatencyUs = 5;
/// In the process nobody belongs to.
constexpr ActorId kNobody{0};

LatencyProfile draw_profile(std::mt19937_64& random) {
  LatencyProfile profile;
  profile.usual_us = 30 + static_cast<std::int64_t>(random() % 600);
  profile.late_us = profile.usual_us + static_cast<std::int64_t>(random() % 4000);
  profile.stuck_us = profile.late_us + static_cast<std::int64_t>(random() % 40'000);
  return profile;
}

struct Later {
  template <class Event>
  bool operator()(const Event& a, const Event& b) const {
    return a.time != b.time ? a.time > b.time : a.number > b.number;
  }
};

}  // namespace

SimWorld::SimWorld(std::uint64_t seed) : random_(seed), profile_(draw_profile(random_)) {
  processes_.push_back({"world", true, false, {}});
  actors_.push_back({ProcessId{0}, true, Time::min(), {}});
  events_.reserve(512);
}

ProcessId SimWorld::add_process(std::string name) {
  processes_.push_back({std::move(name), true, false, {}});
  return ProcessId{static_cast<std::uint32_t>(processes_.size() - 1)};
}

ActorId SimWorld::add_actor(ProcessId process) {
  actors_.push_back({process, true, Time::min(), {}});
  return ActorId{static_cast<std::uint32_t>(actors_.size() - 1)};
}

bool SimWorld::alive(ActorId actor) const {
  return at(actor).alive && at(at(actor).process).alive;
}

void SimWorld::resume(ProcessId process) {
  at(process).paused = false;
  std::vector<Event> waiting = std::exchange(at(process).waiting, {});
  // In the order they came; deadlines among them are long over, so that either may come first.
  for (Event& event : waiting) {
    event.time = now();
    push(std::move(event));
  }
}

void SimWorld::send(ActorId from, ActorId to, Action action) {
  if (!alive(from))
    return;
  Time& last = at(to).last_from[from];
  last = std::max(last, now() + latency() / 4);
  deliver_at(last, to, std::move(action));
}

void SimWorld::deliver_at(Time time, ActorId to, Action action) {
  push({std::max(time, now()), ++sent_, to, std::move(action)});
}

void SimWorld::post_at(Time time, Action action) {
  deliver_at(time, kNobody, std::move(action));
}

Duration SimWorld::latency() {
  const std::uint64_t draw = random_();
  const std::uint64_t kind = draw % 100;
  std::int64_t limit = profile_.usual_us;
  if (kind == 0)
    limit = profile_.stuck_us;
  else if (kind < 10)
    limit = profile_.late_us;
  const auto us =
      kLeastLatencyUs + static_cast<std::int64_t>((draw / 100) % static_cast<std::uint64_t>(limit));
  return std::chrono::microseconds(us);
}

void SimWorld::violate(const std::string& text) const {
  if (on_violation_)
    on_violation_(text);
  else
    ADD_FAILURE() << text;
}

void SimWorld::push(Event event) {
  events_.push_back(std::move(event));
  std::push_heap(events_.begin(), events_.end(), Later{});
}

SimWorld::Event SimWorld::pop() {
  std::pop_heap(events_.begin(), events_.end(), Later{});
  Event event = std::move(events_.back());
  events_.pop_back();
  return event;
}

void SimWorld::advance_to(Time time) {
  if (time > now())
    clock_.advance_to(time);
}

bool SimWorld::step() {
  if (events_.empty())
    return false;
  Event event = pop();
  const Actor& actor = at(event.to);
  Process& process = at(actor.process);
  if (!actor.alive || !process.alive)
    return true;
  advance_to(event.time);
  if (process.paused) {
    process.waiting.push_back(std::move(event));
  } else if (actor.busy_until > now()) {
    event.time = actor.busy_until;
    push(std::move(event));
  } else {
    ++steps_;
    const auto when = static_cast<std::uint64_t>(now().time_since_epoch().count());
    fingerprint_ =
        (fingerprint_ ^ when ^ static_cast<std::uint64_t>(event.to)) * 0x9e3779b97f4a7c15U;
    fingerprint_ ^= fingerprint_ >> 29U;
    event.action();
  }
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
  while (!events_.empty() && events_.front().time <= end)
    step();
  advance_to(end);
}

}  // namespace leat::sim
