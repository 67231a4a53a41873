#include "actors/supervisor.hpp"

#include <optional>
#include <utility>

#include <caf/actor_system.hpp>
#include <caf/send.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include "actors/boot_clock.hpp"
#include "actors/error_text.hpp"
#include "actors/random_id.hpp"

namespace leat::actors {

namespace {

std::string milliseconds(Duration duration) {
  return std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(duration).count());
}

/// The child and how often it has failed. Lives on the supervisor's thread.
class SupervisorState {
 public:
  explicit SupervisorState(supervisor_actor::base* self) : self_(self) {}

  void supervise(const SupervisedChild& child) {
    spec_.emplace(child);
    policy_.emplace(child.backoff, runtime::FailureWindow(child.tolerated, child.window),
                    random_seed());
    start();
  }

  void start() {
    if (leaving_)
      return;
    child_ = spec_->spawn(self_->system());
    self_->monitor(child_);
  }

  [[nodiscard]] Supervision supervision() const {
    return {{spec_->name, child_ != nullptr, failures_, last_failure_}, child_};
  }

  void on_down(const caf::down_msg& down) {
    if (!child_ || down.source != child_.address())
      return;
    child_ = nullptr;
    if (is_orderly_end(down.reason))
      return end();
    ++failures_;
    last_failure_ = error_text(down.reason);
    if (leaving_) {
      log(LogLevel::kWarn, last_failure_, {{"action", "none"}});
      return end();
    }
    const Time now = clock_.now();
    const auto delay = policy_->on_failure(runtime::FailureOrigin::kCluster, now);
    if (!delay)
      return give_up(last_failure_);
    log(LogLevel::kWarn, last_failure_,
        {{"action", "restart"}, {"attempt", attempt(now)}, {"backoff_ms", milliseconds(*delay)}});
    self_->delayed_send(self_, *delay, start_atom::value);
  }

  void stop(const caf::error& reason) {
    if (child_)
      self_->send_exit(child_, reason);
    self_->quit(reason);
  }

  void leave() {
    leaving_ = true;
    if (child_)
      caf::anon_send(child_, leave_atom::value);
    else
      end();
  }

  static inline constexpr const char* name = "supervisor";

 private:
  void end() {
    if (spec_->ended)
      spec_->ended();
    self_->quit();
  }

  void give_up(const std::string& reason) {
    log(LogLevel::kError, reason, {{"action", "end_process"}});
    spec_->escalate(Error(ErrorKind::kInternal, spec_->name + " failed: " + reason));
    self_->quit();
  }

  [[nodiscard]] std::string attempt(Time now) const {
    return std::to_string(policy_->failures(now) + 1) + "/" +
           std::to_string(policy_->tolerated() + 1);
  }

  void log(LogLevel level, const std::string& reason,
           const std::vector<std::pair<std::string, std::string>>& more) {
    LogEvent event{
        level, "supervisor", "child_failed", {{"child", spec_->name}, {"reason", reason}}};
    event.fields.insert(event.fields.end(), more.begin(), more.end());
    spec_->log.write(event);
  }

  supervisor_actor::base* self_;
  BootClock clock_;
  std::optional<SupervisedChild> spec_;
  std::optional<runtime::RestartPolicy> policy_;
  caf::actor child_;
  bool leaving_ = false;
  std::uint64_t failures_ = 0;
  std::string last_failure_;
};

supervisor_actor::behavior_type supervisor(supervisor_actor::stateful_pointer<SupervisorState> self,
                                           const SupervisedChild& child) {
  auto& state = self->state;
  self->set_down_handler([&state](caf::down_msg& down) { state.on_down(down); });
  self->set_exit_handler([&state](caf::exit_msg& exit) { state.stop(exit.reason); });
  state.supervise(child);
  return {[&state](start_atom) { state.start(); }, [&state](leave_atom) { state.leave(); },
          [&state](SupervisionRequest) { return state.supervision(); }};
}

}  // namespace

supervisor_actor spawn_supervisor(caf::actor_system& system, const SupervisedChild& child) {
  return system.spawn(supervisor, child);
}

}  // namespace leat::actors
