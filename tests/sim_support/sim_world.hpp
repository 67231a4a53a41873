#pragma once

// Simulated time and message queues, all of it repeatable from one seed. A channel delivers in order,
// each message after a random latency; between channels anything may overtake anything.

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "runtime/base/engine_time.hpp"
#include "tests/support/stepped_clock.hpp"

namespace leat::sim {

/// Something with deadlines of its own.
class SimTicker {
 public:
  virtual ~SimTicker() = default;
  [[nodiscard]] virtual Time next_deadline() const = 0;
  virtual void tick() = 0;
};

class SimWorld {
 public:
  using Action = std::function<void()>;

  explicit SimWorld(std::uint64_t seed) : random_(seed) {}

  [[nodiscard]] Time now() const { return clock_.now(); }
  [[nodiscard]] const Clock& clock() const { return clock_; }
  [[nodiscard]] std::mt19937_64& random() { return random_; }

  /// Delivered in order within the channel.
  void post(const std::string& channel, Action action);
  /// At that time, in no channel: cannot be dropped or held.
  void post_at(Time time, Action action);
  /// What is under way is lost.
  void drop(const std::string& channel) { channels_.erase(channel); }
  /// Nothing is delivered until resume(); then all of it is, as after a stalled connection.
  void hold(const std::string& channel) { held_.insert(channel); }
  void resume(const std::string& channel) { held_.erase(channel); }

  void add(SimTicker& ticker) { tickers_.push_back(&ticker); }
  void remove(SimTicker& ticker) { std::erase(tickers_, &ticker); }

  /// The next message or deadline. False if there is none: nothing will ever happen again.
  bool step();
  /// Steps until `done()`; false if `limit` of simulated time passes, or nothing happens, before.
  bool run_until(const std::function<bool()>& done, Duration limit);
  void run_for(Duration duration);

 private:
  struct Message {
    Time at;
    Action action;
  };
  using Channels = std::map<std::string, std::deque<Message>>;
  [[nodiscard]] Channels::iterator next_channel();
  [[nodiscard]] SimTicker* next_ticker() const;
  void advance_to(Time time);

  test::SteppedClock clock_;
  std::mt19937_64 random_;
  std::uint64_t timers_ = 0;
  Channels channels_;
  std::set<std::string> held_;
  std::vector<SimTicker*> tickers_;
};

}  // namespace leat::sim
