#include "runtime/coordination/task_manager_core.hpp"

#include <algorithm>
#include <chrono>
#include <set>
#include <utility>

#include "runtime/base/check.hpp"
#include "runtime/coordination/alarm.hpp"
#include "runtime/coordination/duration_text.hpp"
#include "runtime/coordination/error_info.hpp"
#include "runtime/coordination/lease.hpp"
#include "runtime/coordination/protocol_version.hpp"
#include "runtime/coordination/restart_policy.hpp"
#include "runtime/coordination/slot_table.hpp"
#include "runtime/coordination/task_manager_step.hpp"

namespace leat::runtime {

namespace {

/// A registration without an answer for so long is tried anew.
constexpr Duration kRegistrationTimeout = std::chrono::seconds(5);

RestartBackoffOptions reconnect_options(const TaskManagerOptions& options) {
  RestartBackoffOptions backoff;
  backoff.first_at_once = false;
  backoff.initial = options.reconnect_initial;
  backoff.max = options.reconnect_max;
  return backoff;
}

std::string commit_key(const proto::SubtaskRef& ref, std::uint64_t checkpoint) {
  return std::to_string(checkpoint) + "/" + ref.SerializeAsString();
}

}  // namespace

struct TaskManagerCore::State {
  enum class Link {
    kDown,  // retry_ tells when to dial
    kConnecting,
    kRegistering,  // retry_ tells when to register again
    kRegistered,
    kRefused,  // for good
    kLeft,     // nothing is said or expected any more
  };
  enum class Leaving { kNo, kAnnounced, kAllowed, kDone };

  State(TaskManagerOptions task_manager_options, std::uint64_t seed)
      : options(std::move(task_manager_options)),
        slots(options.slots),
        backoff(reconnect_options(options), seed) {}

  const TaskManagerOptions options;
  SlotTable slots;
  RestartBackoff backoff;
  Link link = Link::kConnecting;
  Leaving leaving = Leaving::kNo;
  Alarm retry;
  std::uint64_t epoch = 0;  // of the registration
  Time register_sent{};
  Lease lease;
  Alarm lease_end;
  Duration heartbeat_interval{};
  Duration heartbeat_timeout{};
  Alarm heartbeat_due;
  Alarm silence;            // of the JobManager
  std::string told_reason;  // for which it cannot be talked to
  std::uint64_t sequence =
      0;  // never reused, so that an answer of an earlier registration is told apart
  std::uint64_t echoed = 0;
  std::set<std::string> committing;  // ref and checkpoint of what is under way
  std::string last_trouble = "it has not been reached yet";  // with the JobManager
  std::uint64_t registrations = 0;
  std::uint64_t losses = 0;
  std::uint64_t leases_expired = 0;

  [[nodiscard]] bool current(std::uint64_t of_epoch) const {
    return link == Link::kRegistered && of_epoch == epoch;
  }
  template <class Message>
  void to_slot(const Message& message, Time now, TaskManagerCommands& out) {
    TaskManagerStep step{now, options, out};
    if (current(message.ref().epoch()))
      slots.pass_on(message, step);
  }
  template <class Message>
  void forward(const Message& message, TaskManagerCommands& out) {
    if (slots.holds(message.ref()))
      out.emplace_back(SendToJobManager{message});
  }
  void dial(TaskManagerStep& step);
  void lose_connection(const std::string& reason, TaskManagerStep& step);
  void send_registration(TaskManagerStep& step);
  void send_heartbeat(TaskManagerStep& step);
  void expire_lease(TaskManagerStep& step);
  /// Something of a slot or a commit is over: the JobManager may have waited for the last of it.
  void something_ended(TaskManagerStep& step);
  /// Nothing that is here matters to anybody.
  void may_leave(TaskManagerStep& step);
  void end_if_empty(TaskManagerStep& step);
};

void TaskManagerCore::State::dial(TaskManagerStep& step) {
  link = Link::kConnecting;
  retry.clear();
  step.out.emplace_back(ConnectToJobManager{});
}

void TaskManagerCore::State::lose_connection(const std::string& reason, TaskManagerStep& step) {
  if (link == Link::kDown || link == Link::kRefused || link == Link::kLeft)
    return;
  if (leaving != Leaving::kNo)
    return may_leave(step);
  last_trouble = reason;
  ++losses;
  // Once for each reason, not for each try.
  if (reason != std::exchange(told_reason, reason))
    step.log(LogLevel::kWarn, "jobmanager_lost", {{"reason", reason}, {"action", "reconnect"}});
  link = Link::kDown;
  heartbeat_due.clear();
  silence.clear();
  retry.set(step.now + backoff.next());
}

void TaskManagerCore::State::send_registration(TaskManagerStep& step) {
  if (leaving != Leaving::kNo)
    return may_leave(step);
  // The JobManager takes a TaskManager that registers for empty.
  slots.stop_all(Error(ErrorKind::kUnreachable, "its TaskManager registers anew"), step);
  slots.forget_releases();
  link = Link::kRegistering;
  heartbeat_due.clear();
  silence.clear();
  register_sent = step.now;
  retry.set(step.now + kRegistrationTimeout);
  proto::RegisterTaskManager message;
  message.set_protocol_version(own_protocol().newest);
  message.set_oldest_protocol_version(own_protocol().oldest);
  message.set_task_manager_id(options.id);
  message.set_incarnation(options.incarnation.hex());
  message.set_data_host(options.data_host);
  message.set_data_port(options.data_port);
  message.set_slots(options.slots);
  step.send(std::move(message));
}

void TaskManagerCore::State::send_heartbeat(TaskManagerStep& step) {
  proto::Heartbeat message;
  message.set_incarnation(options.incarnation.hex());
  message.set_epoch(epoch);
  message.set_sequence(++sequence);
  message.set_echoed_sequence(echoed);
  message.set_leaving(leaving != Leaving::kNo);
  slots.append_metrics(message);
  lease.heartbeat_sent(sequence, step.now);
  heartbeat_due.set(step.now + heartbeat_interval);
  step.send(std::move(message));
}

void TaskManagerCore::State::expire_lease(TaskManagerStep& step) {
  lease_end.clear();
  if (!slots.any_at_work())
    return;
  ++leases_expired;
  step.log(LogLevel::kWarn, "lease_expired",
           {{"reason", "no answer from the JobManager"}, {"action", "stop_slots"}});
  slots.stop_all(Error(ErrorKind::kUnreachable,
                       "its TaskManager has not heard from the JobManager for a whole lease"),
                 step);
}

void TaskManagerCore::State::something_ended(TaskManagerStep& step) {
  if (leaving == Leaving::kAnnounced && link == Link::kRegistered && !slots.any_in_use() &&
      committing.empty())
    send_heartbeat(step);  // its answer is what is waited for
  if (leaving == Leaving::kAllowed)
    end_if_empty(step);
}

void TaskManagerCore::State::may_leave(TaskManagerStep& step) {
  leaving = Leaving::kAllowed;
  link = Link::kLeft;
  retry.clear();
  heartbeat_due.clear();
  silence.clear();
  slots.stop_all(Error(ErrorKind::kUnreachable, "its TaskManager leaves"), step);
  end_if_empty(step);
}

void TaskManagerCore::State::end_if_empty(TaskManagerStep& step) {
  if (slots.any_in_use() || !committing.empty())
    return;
  leaving = Leaving::kDone;
  step.log(LogLevel::kInfo, "left", {});
  step.out.emplace_back(LeaveDone{});
}

TaskManagerCore::TaskManagerCore(TaskManagerOptions options, std::uint64_t seed, Time now,
                                 TaskManagerCommands& out)
    : state_(std::make_unique<State>(std::move(options), seed)) {
  LEAT_CHECK(state_->options.slots > 0);
  TaskManagerStep step{now, state_->options, out};
  state_->dial(step);
}

TaskManagerCore::~TaskManagerCore() = default;

// ---- connection ----

void TaskManagerCore::on_connected(Time now, TaskManagerCommands& out) {
  if (state_->link != State::Link::kConnecting)
    return;
  TaskManagerStep step{now, state_->options, out};
  state_->last_trouble = "it has not answered the registration yet";
  state_->send_registration(step);
}

void TaskManagerCore::on_connection_lost(const std::string& reason, Time now,
                                         TaskManagerCommands& out) {
  TaskManagerStep step{now, state_->options, out};
  state_->lose_connection(reason, step);
}

void TaskManagerCore::on_registered(const proto::RegisterReply& reply, Time now,
                                    TaskManagerCommands& out) {
  State& s = *state_;
  if (s.link != State::Link::kRegistering)
    return;
  TaskManagerStep step{now, s.options, out};
  if (is_error(reply.error()) && s.leaving != State::Leaving::kNo)
    return s.may_leave(step);
  if (is_error(reply.error())) {
    const Error error = to_error(reply.error());
    const bool for_good = error.kind() == ErrorKind::kProtocol;
    if (error.message() != std::exchange(s.told_reason, error.message()))
      step.log(LogLevel::kError, "registration_refused",
               {{"reason", error.message()}, {"action", for_good ? "give_up" : "register_again"}});
    s.retry.clear();
    s.last_trouble = error.message();
    if (for_good) {
      s.link = State::Link::kRefused;
      step.out.emplace_back(EndTaskManager{error});
    } else {
      s.retry.set(now + s.backoff.next());
    }
    return;
  }
  s.link = State::Link::kRegistered;
  s.told_reason.clear();
  ++s.registrations;
  s.retry.clear();
  s.backoff.reset();
  s.epoch = reply.epoch();
  s.heartbeat_interval = std::chrono::milliseconds(std::max(reply.heartbeat_interval_ms(), 1U));
  s.heartbeat_timeout = std::chrono::milliseconds(std::max(reply.heartbeat_timeout_ms(), 1U));
  s.lease.begin(s.register_sent, std::chrono::milliseconds(reply.lease_ms()));
  s.lease_end.set(s.lease.end());
  s.silence.set(now + s.heartbeat_timeout);
  step.log(LogLevel::kInfo, "registered",
           {{"epoch", std::to_string(s.epoch)},
            {"slots", std::to_string(s.options.slots)},
            {"protocol_version", std::to_string(reply.protocol_version())}});
  s.send_heartbeat(step);
}

void TaskManagerCore::on_heartbeat_reply(const proto::HeartbeatReply& reply, Time now,
                                         TaskManagerCommands& out) {
  State& s = *state_;
  if (s.link != State::Link::kRegistered || reply.sequence() > s.sequence)
    return;
  TaskManagerStep step{now, s.options, out};
  if (is_error(reply.error()) || reply.epoch() != s.epoch) {
    s.last_trouble =
        is_error(reply.error()) ? reply.error().message() : "another epoch: it was started anew";
    step.log(LogLevel::kWarn, "jobmanager_lost",
             {{"reason", s.last_trouble}, {"action", "register_again"}});
    return s.send_registration(step);
  }
  if (reply.may_leave() && s.leaving == State::Leaving::kAnnounced)
    return s.may_leave(step);
  s.echoed = std::max(s.echoed, reply.sequence());
  s.lease.heartbeat_answered(reply.sequence());
  s.lease_end.set(s.lease.end());
  s.silence.set(now + s.heartbeat_timeout);
}

// ---- from the JobManager ----

void TaskManagerCore::deploy(const proto::DeploySubtask& message, Time now,
                             TaskManagerCommands& out) {
  TaskManagerStep step{now, state_->options, out};
  if (state_->current(message.ref().epoch()))
    state_->slots.deploy(message, step);
}

void TaskManagerCore::start(const proto::StartSubtask& message, Time now,
                            TaskManagerCommands& out) {
  TaskManagerStep step{now, state_->options, out};
  if (state_->current(message.ref().epoch()))
    state_->slots.start(message.ref(), step);
}

void TaskManagerCore::release(const proto::ReleaseAttempt& message, Time now,
                              TaskManagerCommands& out) {
  TaskManagerStep step{now, state_->options, out};
  const auto job = JobId::parse(message.job_id(), "job id");
  if (job && state_->current(message.epoch()))
    state_->slots.release(*job, Attempt{message.attempt()}, step);
  state_->something_ended(step);
}

void TaskManagerCore::commit(const proto::CommitOutput& message, Time now,
                             TaskManagerCommands& out) {
  TaskManagerStep step{now, state_->options, out};
  if (!state_->current(message.ref().epoch()))
    return;
  if (state_->committing.insert(commit_key(message.ref(), message.checkpoint())).second)
    step.out.emplace_back(CommitPending{message});
}

void TaskManagerCore::grant(const proto::SplitGrant& message, Time now, TaskManagerCommands& out) {
  state_->to_slot(message, now, out);
}

void TaskManagerCore::collect_credit(const proto::CollectCredit& message, Time now,
                                     TaskManagerCommands& out) {
  state_->to_slot(message, now, out);
}

void TaskManagerCore::trigger(const proto::TriggerCheckpoint& message, Time now,
                              TaskManagerCommands& out) {
  state_->to_slot(message, now, out);
}

void TaskManagerCore::abort_checkpoint(const proto::AbortCheckpoint& message, Time now,
                                       TaskManagerCommands& out) {
  state_->to_slot(message, now, out);
}

void TaskManagerCore::checkpoint_complete(const proto::CheckpointComplete& message, Time now,
                                          TaskManagerCommands& out) {
  state_->to_slot(message, now, out);
}

void TaskManagerCore::chunk_stored(const proto::ChunkStored& message, Time now,
                                   TaskManagerCommands& out) {
  state_->to_slot(message, now, out);
}

void TaskManagerCore::chunk_data(const proto::ChunkData& message, Time now,
                                 TaskManagerCommands& out) {
  state_->to_slot(message, now, out);
}

// ---- from below ----

void TaskManagerCore::on_artefact(const std::string& sha256, const Result<void>& outcome, Time now,
                                  TaskManagerCommands& out) {
  TaskManagerStep step{now, state_->options, out};
  state_->slots.artefact(sha256, outcome, step);
}

void TaskManagerCore::on_slot_event(const proto::SubtaskEvent& event, Time now,
                                    TaskManagerCommands& out) {
  TaskManagerStep step{now, state_->options, out};
  state_->slots.slot_event(event, step);
}

void TaskManagerCore::on_slot_gone(const proto::SubtaskRef& ref, Time now,
                                   TaskManagerCommands& out) {
  TaskManagerStep step{now, state_->options, out};
  state_->slots.slot_gone(ref, step);
  state_->something_ended(step);
}

void TaskManagerCore::on_committed(const proto::SubtaskRef& ref, std::uint64_t checkpoint,
                                   const Result<void>& outcome, Time now,
                                   TaskManagerCommands& out) {
  TaskManagerStep step{now, state_->options, out};
  state_->committing.erase(commit_key(ref, checkpoint));
  proto::SubtaskEvent event;
  *event.mutable_ref() = ref;
  event.mutable_committed()->set_checkpoint(checkpoint);
  if (!outcome)
    *event.mutable_committed()->mutable_error() = to_error_info(outcome.error());
  step.send_event(std::move(event));
  state_->something_ended(step);
}

void TaskManagerCore::on_slot_metrics(const proto::SubtaskMetrics& metrics) {
  state_->slots.metrics(metrics);
}

void TaskManagerCore::forward(const proto::SplitRequest& message, TaskManagerCommands& out) {
  state_->forward(message, out);
}

void TaskManagerCore::forward(const proto::CollectRows& message, TaskManagerCommands& out) {
  state_->forward(message, out);
}

void TaskManagerCore::forward(const proto::SnapshotChunk& message, TaskManagerCommands& out) {
  state_->forward(message, out);
}

void TaskManagerCore::forward(const proto::FetchChunk& message, TaskManagerCommands& out) {
  state_->forward(message, out);
}

// ---- leaving ----

void TaskManagerCore::leave(Time now, TaskManagerCommands& out) {
  State& s = *state_;
  if (s.leaving != State::Leaving::kNo)
    return;
  s.leaving = State::Leaving::kAnnounced;
  TaskManagerStep step{now, s.options, out};
  step.log(LogLevel::kInfo, "leaving", {{"slots_in_use", std::to_string(s.slots.in_use())}});
  if (s.link == State::Link::kRegistered)
    s.send_heartbeat(step);
  else if (s.link != State::Link::kRegistering)  // then its answer decides
    s.may_leave(step);
}

// ---- time ----

void TaskManagerCore::tick(Time now, TaskManagerCommands& out) {
  State& s = *state_;
  TaskManagerStep step{now, s.options, out};
  if (s.lease_end.over(now))
    s.expire_lease(step);
  if (s.link == State::Link::kDown && s.retry.over(now))
    return s.dial(step);
  if (s.link == State::Link::kRegistering && s.retry.over(now))
    return s.send_registration(step);  // or leave, without an answer
  if (s.link != State::Link::kRegistered)
    return;
  if (s.silence.over(now))
    return s.lose_connection("no answer for " + milliseconds_text(s.heartbeat_timeout) + " ms",
                             step);
  if (s.heartbeat_due.over(now))
    s.send_heartbeat(step);
}

Time TaskManagerCore::next_deadline() const {
  return std::min({state_->lease_end.deadline(), state_->retry.deadline(),
                   state_->heartbeat_due.deadline(), state_->silence.deadline()});
}

bool TaskManagerCore::lease_valid(Time now) const {
  return state_->lease.valid(now);
}

Time TaskManagerCore::lease_end() const {
  return state_->lease.end();
}

TaskManagerFigures TaskManagerCore::figures() const {
  const State& s = *state_;
  TaskManagerFigures figures;
  const bool leaving = s.leaving != State::Leaving::kNo;
  figures.registered = s.link == State::Link::kRegistered && !leaving;
  if (!figures.registered)
    figures.why_not = leaving ? "it leaves" : s.last_trouble;
  figures.epoch = s.epoch;
  figures.slots = s.options.slots;
  figures.slots_free = s.options.slots - s.slots.in_use();
  figures.registrations = s.registrations;
  figures.job_manager_losses = s.losses;
  figures.leases_expired = s.leases_expired;
  figures.subtasks_deployed = s.slots.deployed_total();
  figures.subtasks_failed = s.slots.failed_total();
  figures.subtasks = s.slots.subtasks();
  return figures;
}

}  // namespace leat::runtime
