#pragma once

// A JobManagerCore alone: the test plays TaskManagers, clients, disk and clock by hand, and looks at each
// command.

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <gtest/gtest.h>

#include "runtime/coordination/error_info.hpp"
#include "runtime/coordination/job_manager_core.hpp"
#include "runtime/coordination/protocol_version.hpp"
#include "runtime/coordination/subtask_key.hpp"
#include "tests/sim_support/list_enumerator.hpp"
#include "tests/sim_support/scripted_job.hpp"

namespace leat::runtime::test {

using Stored = std::vector<std::pair<std::string, std::string>>;

class JobManagerProbe {
 public:
  explicit JobManagerProbe(const JobManagerOptions& options = {}, std::uint64_t epoch = 1,
                           const Stored& stored = {})
      : options_(options), epoch_(epoch), stored_(stored) {
    core_ =
        std::make_unique<JobManagerCore>(options_, Epoch{epoch}, 1, stored, 1'000'000, now_, out_);
  }

  static Incarnation tm(std::uint64_t number) { return {7, number}; }

  // ---- events
  RequestId ask() { return RequestId{++last_request_}; }
  RequestId register_tm(std::uint64_t number, std::uint32_t slots,
                        std::uint32_t version = kProtocolVersion) {
    proto::RegisterTaskManager message;
    message.set_protocol_version(version);
    message.set_task_manager_id("tm-" + std::to_string(number));
    message.set_incarnation(tm(number).hex());
    message.set_slots(slots);
    const RequestId request = ask();
    core_->register_task_manager(request, message, now_, out_);
    beats_.emplace(number, 0);
    return request;
  }
  /// From now on it sends no heartbeats.
  void silence(std::uint64_t number) { beats_.erase(number); }
  RequestId heartbeat(std::uint64_t number, std::uint64_t sequence, std::uint64_t echoed) {
    proto::Heartbeat message;
    message.set_incarnation(tm(number).hex());
    message.set_epoch(epoch_);
    message.set_sequence(sequence);
    message.set_echoed_sequence(echoed);
    message.set_leaving(leaving_.contains(number));
    const RequestId request = ask();
    core_->heartbeat(request, message, now_, out_);
    return request;
  }
  /// A heartbeat that says that it leaves, as all its later ones do. True if it may.
  bool leave(std::uint64_t number) {
    leaving_.insert(number);
    const std::uint64_t sequence = ++beats_[number];
    const auto answer = reply<proto::HeartbeatReply>(heartbeat(number, sequence, sequence - 1));
    if (answer->may_leave())
      silence(number);
    return answer->may_leave();
  }
  void down(std::uint64_t number) { core_->task_manager_down(tm(number), "killed", now_, out_); }

  RequestId submit(const proto::SubmitJob& job) {
    const RequestId request = ask();
    core_->submit(request, job, now_, out_);
    return request;
  }
  /// Prepares with so many splits, and stores; the job exists afterwards.
  void accept(const proto::SubmitJob& job, std::uint64_t splits = 3) {
    submit(job);
    prepare(splits);
    persist();
  }
  void prepare(std::uint64_t splits = 3) {
    std::vector<proto::Split> all(splits);
    for (std::uint64_t id = 0; id < splits; ++id)
      all[id].set_id(id);
    PreparedJob prepared;
    prepared.enumerators.push_back(std::make_unique<sim::ListEnumerator>(std::move(all)));
    prepared.output_nonces = {"/out/.nonce"};
    core_->on_prepared(last<PrepareJob>().token, std::move(prepared), now_, out_);
  }
  void prepare_fails(const Error& error) {
    core_->on_prepared(last<PrepareJob>().token, error, now_, out_);
  }
  /// The newest write succeeds.
  void persist() { persisted(last<Persist>(), {}); }
  void persist_fails() { persisted(last<Persist>(), Error(ErrorKind::kIo, "no space left")); }
  void persisted(const Persist& write, const Result<void>& outcome) {
    answered_.insert(write.token);
    core_->on_persisted(write.token, outcome, now_, out_);
  }
  /// Those without an answer, in order.
  [[nodiscard]] std::vector<Persist> writes_open() const {
    std::vector<Persist> open;
    for (const Persist& write : all<Persist>()) {
      if (!answered_.contains(write.token))
        open.push_back(write);
    }
    return open;
  }
  /// All writes succeed, also those that follow from it.
  void persist_all() {
    for (auto open = writes_open(); !open.empty(); open = writes_open())
      persisted(open.front(), {});
  }
  RequestId cancel(const proto::SubmitJob& job) {
    proto::CancelJob message;
    message.set_job_id(job.job_id());
    const RequestId request = ask();
    core_->cancel(request, message, now_, out_);
    return request;
  }
  RequestId watch(const proto::SubmitJob& job, std::uint64_t known_version = 0,
                  std::uint32_t max_wait_ms = 0) {
    proto::WatchJob message;
    message.set_job_id(job.job_id());
    message.set_known_version(known_version);
    message.set_max_wait_ms(max_wait_ms);
    const RequestId request = ask();
    core_->watch(request, message, now_, out_);
    return request;
  }
  RequestId fetch(const proto::SubmitJob& job, std::uint32_t attempt, std::uint64_t offset,
                  std::uint32_t max_wait_ms = 0) {
    proto::FetchResults message;
    message.set_job_id(job.job_id());
    message.set_attempt(attempt);
    message.set_offset(offset);
    message.set_max_wait_ms(max_wait_ms);
    const RequestId request = ask();
    core_->fetch(request, message, now_, out_);
    return request;
  }

  // ---- what subtasks say; the TaskManager is the one the subtask was deployed to last
  proto::SubtaskEvent event(const proto::SubtaskRef& ref) const {
    proto::SubtaskEvent event;
    *event.mutable_ref() = ref;
    event.set_incarnation(deployed_to(ref).hex());
    return event;
  }
  void say(const proto::SubtaskEvent& event) { core_->subtask_event(event, now_, out_); }
  void deployed(const proto::SubtaskRef& ref) {
    auto message = event(ref);
    message.mutable_deployed();
    say(message);
  }
  void finished(const proto::SubtaskRef& ref, const std::string& output = "") {
    auto message = event(ref);
    message.mutable_finished()->set_records_in(10);
    if (!output.empty())
      message.mutable_finished()->add_committables()->set_handle(output);
    say(message);
  }
  void failed(const proto::SubtaskRef& ref, proto::ErrorKind kind = proto::ERROR_USER,
              const std::string& reason = "bad record") {
    auto message = event(ref);
    message.mutable_failed()->mutable_error()->set_kind(kind);
    message.mutable_failed()->mutable_error()->set_message(reason);
    say(message);
  }
  void released(const proto::SubtaskRef& ref) {
    auto message = event(ref);
    message.mutable_released();
    say(message);
  }
  void running(const proto::SubtaskRef& ref) {
    auto message = event(ref);
    message.mutable_running();
    say(message);
  }
  void committed(const proto::SubtaskRef& ref, Incarnation by, std::uint64_t checkpoint = 0) {
    proto::SubtaskEvent message;
    *message.mutable_ref() = ref;
    message.set_incarnation(by.hex());
    message.mutable_committed()->set_checkpoint(checkpoint);
    say(message);
  }
  void commit_failed(const proto::SubtaskRef& ref, Incarnation by, std::uint64_t checkpoint = 0) {
    proto::SubtaskEvent message;
    *message.mutable_ref() = ref;
    message.set_incarnation(by.hex());
    message.mutable_committed()->set_checkpoint(checkpoint);
    message.mutable_committed()->mutable_error()->set_kind(proto::ERROR_IO);
    message.mutable_committed()->mutable_error()->set_message("disk full");
    say(message);
  }

  // ---- whole steps
  void deploy_all() {
    for (const auto& ref : deployments())
      deployed(ref);
  }
  void finish_all(bool with_output = true) {
    for (const auto& ref : deployments())
      finished(ref, with_output ? "out-" + std::to_string(ref.subtask()) : "");
  }
  void release_all() {
    for (const auto& ref : deployments())
      released(ref);
  }

  // ---- time
  /// TaskManagers send their heartbeats meanwhile.
  void advance(Duration step) {
    const Time end = now_ + step;
    while (now_ < end) {
      tick_until(std::min(end, now_ + options_.heartbeat_interval));
      for (auto& [number, sequence] : beats_) {
        ++sequence;
        heartbeat(number, sequence, sequence - 1);
      }
    }
  }
  [[nodiscard]] Time now() const { return now_; }

  // ---- what came of it
  template <class Command>
  [[nodiscard]] std::vector<Command> all() const {
    std::vector<Command> found;
    for (const JobManagerCommand& command : out_) {
      if (const auto* one = std::get_if<Command>(&command))
        found.push_back(*one);
    }
    return found;
  }
  template <class Command>
  [[nodiscard]] Command last() const {
    const auto found = all<Command>();
    LEAT_CHECK(!found.empty());
    return found.back();
  }
  template <class Message>
  [[nodiscard]] std::vector<std::pair<Incarnation, Message>> sent() const {
    std::vector<std::pair<Incarnation, Message>> found;
    for (const auto& command : all<SendToTaskManager>()) {
      if (const auto* message = std::get_if<Message>(&command.message))
        found.emplace_back(command.to, *message);
    }
    return found;
  }
  /// The subtasks of the newest attempt deployed.
  [[nodiscard]] std::vector<proto::SubtaskRef> deployments() const {
    std::vector<proto::SubtaskRef> refs;
    for (const auto& [to, message] : sent<proto::DeploySubtask>()) {
      if (!refs.empty() && (refs.back().attempt() != message.ref().attempt() ||
                            refs.back().job_id() != message.ref().job_id()))
        refs.clear();
      refs.push_back(message.ref());
    }
    return refs;
  }
  [[nodiscard]] Incarnation deployed_to(const proto::SubtaskRef& ref) const {
    for (const auto& [to, message] : sent<proto::DeploySubtask>()) {
      if (message.ref().SerializeAsString() == ref.SerializeAsString())
        return to;
    }
    return {};
  }
  template <class Reply>
  [[nodiscard]] std::optional<Reply> reply(RequestId request) const {
    for (const auto& command : all<ReplyTo>()) {
      if (command.request == request)
        return std::get<Reply>(command.reply);
    }
    return std::nullopt;
  }
  [[nodiscard]] proto::JobStatus status(const proto::SubmitJob& job) {
    return reply<proto::JobStatus>(watch(job)).value();
  }
  [[nodiscard]] proto::JobState state(const proto::SubmitJob& job) { return status(job).state(); }
  [[nodiscard]] std::size_t logged(const std::string& event) const {
    const auto events = all<LogEvent>();
    return static_cast<std::size_t>(std::count_if(
        events.begin(), events.end(), [&](const LogEvent& line) { return line.event == event; }));
  }
  /// Everything stored at first and written so far, as a new JobManager would find it.
  [[nodiscard]] Stored store() const {
    std::map<std::string, std::string> store(stored_.begin(), stored_.end());
    for (const auto& command : all<Persist>()) {
      for (const auto& [key, value] : command.writes) {
        if (value.empty())
          store.erase(key);
        else
          store[key] = value;
      }
    }
    return {store.begin(), store.end()};
  }
  void forget_commands() { out_.clear(); }
  [[nodiscard]] JobManagerCore& core() { return *core_; }
  [[nodiscard]] JobManagerCommands& out() { return out_; }

 private:
  void tick_until(Time end) {
    while (core_->next_deadline() <= end) {
      now_ = std::max(now_, core_->next_deadline());
      core_->tick(now_, out_);
      LEAT_CHECK(core_->next_deadline() > now_);
    }
    now_ = end;
  }

  JobManagerOptions options_;
  std::uint64_t epoch_;
  Stored stored_;
  Time now_{std::chrono::seconds(10)};
  JobManagerCommands out_;
  std::unique_ptr<JobManagerCore> core_;
  std::uint64_t last_request_ = 0;
  std::map<std::uint64_t, std::uint64_t> beats_;  // heartbeats sent, by TaskManager
  std::set<std::uint64_t> leaving_;
  std::set<ActionToken> answered_;
};

}  // namespace leat::runtime::test
