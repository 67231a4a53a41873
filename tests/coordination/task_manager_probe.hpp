#pragma once

// A TaskManagerCore alone: the test plays the JobManager, the slots and the clock by hand.

#include <algorithm>
#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "runtime/base/check.hpp"
#include "runtime/coordination/error_info.hpp"
#include "runtime/coordination/subtask_key.hpp"
#include "runtime/coordination/task_manager_core.hpp"

namespace leat::runtime::test {

class TaskManagerProbe {
 public:
  explicit TaskManagerProbe(std::uint32_t slots = 2) {
    TaskManagerOptions options;
    options.id = "tm-1";
    options.incarnation = Incarnation(7, 1);
    options.slots = slots;
    core_ = std::make_unique<TaskManagerCore>(options, 1, now_, out_);
  }

  void register_here(std::uint64_t epoch = 1) {
    core_->on_connected(now_, out_);
    registered(epoch);
  }
  void registered(std::uint64_t epoch = 1) {
    proto::RegisterReply reply;
    reply.set_epoch(epoch);
    reply.set_heartbeat_interval_ms(500);
    reply.set_heartbeat_timeout_ms(3000);
    reply.set_lease_ms(10'000);
    core_->on_registered(reply, now_, out_);
    epoch_ = epoch;
  }
  void answer_heartbeat() {
    proto::HeartbeatReply reply;
    reply.set_epoch(epoch_);
    reply.set_sequence(sent<proto::Heartbeat>().back().sequence());
    core_->on_heartbeat_reply(reply, now_, out_);
  }

  proto::SubtaskRef ref(std::uint32_t subtask, std::uint32_t attempt = 1,
                        std::uint64_t job = 1) const {
    return to_ref(Epoch{epoch_}, {JobId(0, job), Attempt{attempt}, subtask});
  }
  void deploy(const proto::SubtaskRef& ref, std::uint32_t slot, char artefact = 'a') {
    proto::DeploySubtask message;
    *message.mutable_ref() = ref;
    message.set_slot(slot);
    message.set_artefact_sha256(std::string(64, artefact));
    core_->deploy(message, now_, out_);
  }
  void artefact(char artefact = 'a', const Result<void>& outcome = {}) {
    core_->on_artefact(std::string(64, artefact), outcome, now_, out_);
  }
  void start(const proto::SubtaskRef& ref) {
    proto::StartSubtask message;
    *message.mutable_ref() = ref;
    core_->start(message, now_, out_);
  }
  void release(std::uint32_t up_to, std::uint64_t job = 1) {
    proto::ReleaseAttempt message;
    message.set_epoch(epoch_);
    message.set_job_id(JobId(0, job).hex());
    message.set_attempt(up_to);
    core_->release(message, now_, out_);
  }
  void commit(const proto::SubtaskRef& ref) {
    proto::CommitOutput message;
    *message.mutable_ref() = ref;
    core_->commit(message, now_, out_);
  }
  void slot_deployed(const proto::SubtaskRef& ref) {
    proto::SubtaskEvent event;
    *event.mutable_ref() = ref;
    event.mutable_deployed();
    core_->on_slot_event(event, now_, out_);
  }
  void slot_finished(const proto::SubtaskRef& ref) {
    proto::SubtaskEvent event;
    *event.mutable_ref() = ref;
    event.mutable_finished();
    core_->on_slot_event(event, now_, out_);
  }
  void slot_failed(const proto::SubtaskRef& ref) {
    proto::SubtaskEvent event;
    *event.mutable_ref() = ref;
    event.mutable_failed();
    core_->on_slot_event(event, now_, out_);
  }
  void slot_gone(const proto::SubtaskRef& ref) { core_->on_slot_gone(ref, now_, out_); }
  /// From nothing to running, in a slot that is free.
  void run(const proto::SubtaskRef& ref, std::uint32_t slot) {
    deploy(ref, slot);
    artefact();
    slot_deployed(ref);
    start(ref);
  }

  void advance(Duration step) {
    const Time end = now_ + step;
    while (core_->next_deadline() <= end) {
      now_ = std::max(now_, core_->next_deadline());
      core_->tick(now_, out_);
      LEAT_CHECK(core_->next_deadline() > now_);
    }
    now_ = end;
  }
  /// The same, with every heartbeat answered.
  void advance_answered(Duration step) {
    const Time end = now_ + step;
    while (now_ < end) {
      advance(std::min<Duration>(std::chrono::milliseconds(500), end - now_));
      answer_heartbeat();
    }
  }

  template <class Command>
  [[nodiscard]] std::vector<Command> all() const {
    std::vector<Command> found;
    for (const TaskManagerCommand& command : out_) {
      if (const auto* one = std::get_if<Command>(&command))
        found.push_back(*one);
    }
    return found;
  }
  template <class Message>
  [[nodiscard]] std::vector<Message> sent() const {
    std::vector<Message> found;
    for (const auto& command : all<SendToJobManager>()) {
      if (const auto* message = std::get_if<Message>(&command.message))
        found.push_back(*message);
    }
    return found;
  }
  /// "deployed/0 failed/1 released/1": what was said of subtasks, in order.
  [[nodiscard]] std::string said() const {
    std::string said;
    for (const auto& event : sent<proto::SubtaskEvent>()) {
      const char* what = event.has_deployed()              ? "deployed"
                         : event.has_running()             ? "running"
                         : event.has_failed()              ? "failed"
                         : event.has_finished()            ? "finished"
                         : event.has_committed()           ? "committed"
                         : event.has_checkpoint_ack()      ? "acknowledged"
                         : event.has_checkpoint_declined() ? "declined"
                                                           : "released";
      said += (said.empty() ? "" : " ") + std::string(what) + "/" +
              std::to_string(event.ref().subtask());
      if (is_error(event.committed().error()))
        said += " (failed)";
    }
    return said;
  }
  [[nodiscard]] std::size_t logged(const std::string& event) const {
    const auto events = all<LogEvent>();
    return static_cast<std::size_t>(std::count_if(
        events.begin(), events.end(), [&](const LogEvent& line) { return line.event == event; }));
  }
  void forget_commands() { out_.clear(); }
  [[nodiscard]] Time now() const { return now_; }
  [[nodiscard]] TaskManagerCore& core() { return *core_; }
  [[nodiscard]] TaskManagerCommands& out() { return out_; }

 private:
  Time now_{std::chrono::seconds(10)};
  TaskManagerCommands out_;
  std::unique_ptr<TaskManagerCore> core_;
  std::uint64_t epoch_ = 1;
};

}  // namespace leat::runtime::test
