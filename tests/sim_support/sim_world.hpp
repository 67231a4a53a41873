#pragma once

// Simulated time, processes, actors and their mailboxes, all of it repeatable from one seed. What one
// actor sends another arrives in order, each message after a random time; between pairs anything may
// overtake anything. A process can stand still (SIGSTOP) or be gone (SIGKILL).

#include <cstdint>
#include <functional>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "runtime/base/engine_time.hpp"
#include "tests/support/stepped_clock.hpp"

namespace leat::sim {

enum class ProcessId : std::uint32_t {};
enum class ActorId : std::uint32_t {};

/// How long messages take; a world draws its own, so that some are slow and some even.
struct LatencyProfile {
  std::int64_t usual_us = 300;   ///< most take up to so long …
  std::int64_t late_us = 3000;   ///< … some up to this …
  std::int64_t stuck_us = 3000;  ///< … and one in a hundred up to this
};

class SimWorld {
 public:
  using Action = std::function<void()>;

  explicit SimWorld(std::uint64_t seed);

  [[nodiscard]] Time now() const { return clock_.now(); }
  [[nodiscard]] const Clock& clock() const { return clock_; }
  [[nodiscard]] std::mt19937_64& random() { return random_; }
  [[nodiscard]] std::uint64_t below(std::uint64_t limit) { return random_() % limit; }
  [[nodiscard]] bool chance(std::uint32_t percent) { return below(100) < percent; }

  // Processes and actors. Ids are never used again; the world's own actor never ends.
  [[nodiscard]] ProcessId add_process(std::string name);
  [[nodiscard]] ActorId add_actor(ProcessId process);
  [[nodiscard]] const std::string& name(ProcessId process) const { return at(process).name; }
  [[nodiscard]] bool alive(ProcessId process) const { return at(process).alive; }
  [[nodiscard]] bool alive(ActorId actor) const;
  [[nodiscard]] ProcessId process_of(ActorId actor) const { return at(actor).process; }
  /// Nothing runs there any more; what is under way to it vanishes.
  void end(ProcessId process) { at(process).alive = false; }
  void end(ActorId actor) { at(actor).alive = false; }
  /// What comes due there waits until resume(), and is then delivered as after a long breath.
  void pause(ProcessId process) { at(process).paused = true; }
  void resume(ProcessId process);
  [[nodiscard]] bool paused(ProcessId process) const { return at(process).paused; }
  /// The actor computes until then; its messages wait.
  void busy_until(ActorId actor, Time time) { at(actor).busy_until = time; }

  // Messages.
  /// Within one process.
  void send(ActorId from, ActorId to, Action action);
  /// Over the network; the network decides when.
  void deliver_at(Time time, ActorId to, Action action);
  /// Later, for nobody in particular: faults, clients of the test.
  void post_at(Time time, Action action);
  /// A draw of how long a message takes.
  [[nodiscard]] Duration latency();

  /// The next message. False if there is none: nothing will ever happen again.
  bool step();
  /// Steps until `done()`; false if `limit` of simulated time passes, or nothing happens, before.
  bool run_until(const std::function<bool()>& done, Duration limit);
  void run_for(Duration duration);
  [[nodiscard]] std::uint64_t steps() const { return steps_; }
  /// Differs when anything happened at another time, or to another actor.
  [[nodiscard]] std::uint64_t fingerprint() const { return fingerprint_; }

  /// Something that must never happen has happened.
  void violate(const std::string& text) const;
  /// Who is told; without it the test fails.
  void on_violation(std::function<void(const std::string&)> told) {
    on_violation_ = std::move(told);
  }

  /// Where a run can be read; null: nowhere. `text` is only called if somebody reads.
  void set_trace(std::function<void(Time, const std::string&)> trace) { trace_ = std::move(trace); }
  template <class Text>
  void trace(Text text) const {
    if (trace_)
      trace_(now(), text());
  }

 private:
  struct Event {
    Time time;
    std::uint64_t number;  // ties are settled by the order of sending
    ActorId to;
    Action action;
  };
  struct Process {
    std::string name;
    bool alive = true;
    bool paused = false;
    std::vector<Event> waiting;  // while paused, in order
  };
  struct Actor {
    ProcessId process;
    bool alive = true;
    Time busy_until = Time::min();
    std::map<ActorId, Time> last_from;  // when the last message of a sender arrives
  };
  [[nodiscard]] Process& at(ProcessId id) { return processes_[static_cast<std::size_t>(id)]; }
  [[nodiscard]] const Process& at(ProcessId id) const {
    return processes_[static_cast<std::size_t>(id)];
  }
  [[nodiscard]] Actor& at(ActorId id) { return actors_[static_cast<std::size_t>(id)]; }
  [[nodiscard]] const Actor& at(ActorId id) const { return actors_[static_cast<std::size_t>(id)]; }

  void push(Event event);
  [[nodiscard]] Event pop();
  void advance_to(Time time);

  test::SteppedClock clock_;
  std::mt19937_64 random_;
  LatencyProfile profile_;
  std::vector<Process> processes_;
  std::vector<Actor> actors_;
  std::vector<Event> events_;  // a heap, the earliest first
  std::uint64_t sent_ = 0;
  std::uint64_t steps_ = 0;
  std::uint64_t fingerprint_ = 0;
  std::function<void(Time, const std::string&)> trace_;
  std::function<void(const std::string&)> on_violation_;
};

}  // namespace leat::sim
