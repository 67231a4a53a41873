#include "actors/job_manager_state.hpp"

#include <algorithm>
#include <utility>
#include <variant>

#include <caf/actor_cast.hpp>
#include <caf/actor_system.hpp>

#include "actors/error_text.hpp"
#include "actors/io_worker.hpp"
#include "actors/own_thread.hpp"
#include "actors/random_id.hpp"
#include "actors/version_check.hpp"
#include "runtime/base/crash_point.hpp"
#include "runtime/connectors/output_commit.hpp"
#include "runtime/coordination/error_info.hpp"

namespace leat::actors {

namespace {

/// True if a manifest, which makes a checkpoint complete, is among what is written.
bool writes_manifest(const std::vector<std::pair<std::string, std::string>>& writes) {
  return std::any_of(writes.begin(), writes.end(), [](const auto& write) {
    return write.first.find("/checkpoint/") != std::string::npos && !write.second.empty();
  });
}

}  // namespace

void JobManagerState::start(JobManagerSetup setup) {
  meta_ = std::move(setup.meta);
  files_ = &setup.files;
  log_ = &setup.log;
  epoch_ = setup.epoch;
  // Linked: what answers remote requests is kept alive by CAF's registry and would not end by itself.
  meta_worker_ = spawn_on_own_thread<caf::linked>(*self_, io_worker);
  file_worker_ = spawn_on_own_thread<caf::linked>(*self_, io_worker);
  artefacts_ = spawn_on_own_thread<caf::linked>(*self_, artefact_store, std::move(setup.artefacts));
  keeper_ = spawn_snapshot_keeper(
      self_, {std::move(setup.open_snapshots), *files_, *log_, local_job_manager_actor(self_)});
  Commands commands;
  core_ = std::make_unique<Core>(setup.options, epoch_, random_seed(), setup.stored,
                                 unix_ms_at_boot(), clock_.now(), commands);
  carry_out(commands);
}

proto::HelloReply JobManagerState::hello(const proto::Hello& hello) const {
  auto reply = answer_hello(hello, "JobManager", epoch_);
  if (runtime::is_error(reply.error()))
    log_->write({LogLevel::kWarn,
                 "jobmanager",
                 "peer_refused",
                 {{"role", hello.role()}, {"reason", reply.error().message()}}});
  return reply;
}

caf::result<proto::RegisterReply> JobManagerState::register_task_manager(
    const proto::RegisterTaskManager& message, const caf::strong_actor_ptr& hub) {
  proto::RegisterReply refusal;
  const auto incarnation = Incarnation::parse(message.incarnation(), "incarnation");
  if (!incarnation || !hub) {
    *refusal.mutable_error() = runtime::to_error_info(
        Error(ErrorKind::kProtocol, "a TaskManager registers with an incarnation and its hub"));
    return refusal;
  }
  if (auto conflict = node_conflict(message.task_manager_id(), hub)) {
    *refusal.mutable_error() = runtime::to_error_info(*conflict);
    return refusal;
  }
  // The handle must be known before the state machine may send to it. Always the newest: after a
  // broken connection the old one looks equal and leads nowhere.
  forget(*incarnation);
  task_managers_[*incarnation] = {message.task_manager_id(),
                                  caf::actor_cast<task_manager_actor>(hub)};
  self_->monitor(hub);
  return ask<proto::RegisterReply>(&Core::register_task_manager, message);
}

std::optional<Error> JobManagerState::node_conflict(const std::string& id,
                                                    const caf::strong_actor_ptr& hub) const {
  // Several TaskManagers of this process share its node.
  if (hub->node() == self_->system().node())
    return std::nullopt;
  for (const auto& [incarnation, known] : task_managers_)
    if (known.id != id && known.hub.node() == hub->node())
      return Error(ErrorKind::kUnreachable,
                   "the TaskManagers " + known.id + " and " + id +
                       " have one CAF node id, so that messages to one reach the other: start one "
                       "of them again");
  return std::nullopt;
}

void JobManagerState::task_manager_down(const caf::down_msg& down) {
  const auto found =
      std::find_if(task_managers_.begin(), task_managers_.end(),
                   [&](const auto& entry) { return entry.second.hub.address() == down.source; });
  if (found == task_managers_.end())
    return;
  const Incarnation incarnation = found->first;
  task_managers_.erase(found);
  tell(&Core::task_manager_down, incarnation, error_text(down.reason));
}

void JobManagerState::tick() {
  timer_.fired();
  tell(&Core::tick);
}

void JobManagerState::answer(KeeperAnswer& answer) {
  Commands commands;
  answer.tell(*core_, clock_.now(), commands);
  carry_out(commands);
}

void JobManagerState::forget(Incarnation incarnation) {
  const auto found = task_managers_.find(incarnation);
  if (found == task_managers_.end())
    return;
  self_->demonitor(found->second.hub.address());
  task_managers_.erase(found);
}

void JobManagerState::carry_out(Commands& commands) {
  queue_.run(commands, [this](runtime::JobManagerCommand& command) {
    std::visit([this](auto& one) { carry_out(one); }, command);
  });
  timer_.arm(self_, clock_.now(), core_->next_deadline());
}

void JobManagerState::carry_out(runtime::SendToTaskManager& command) {
  const auto found = task_managers_.find(command.to);
  if (found == task_managers_.end())
    return;
  std::visit([&](auto& message) { self_->send(found->second.hub, std::move(message)); },
             command.message);
  if (std::holds_alternative<proto::CommitOutput>(command.message))
    crash_point("commit-sent");
}

void JobManagerState::carry_out(runtime::ReplyTo& command) {
  const auto found = promises_.find(command.request);
  LEAT_CHECK(found != promises_.end());
  std::visit([&](auto& reply) { found->second.deliver(std::move(reply)); }, command.reply);
  promises_.erase(found);
}

void JobManagerState::carry_out(runtime::Persist& command) {
  run_on<void>(
      self_, meta_worker_,
      [store = meta_, writes = std::move(command.writes)] {
        const bool manifest = writes_manifest(writes);
        if (manifest)
          crash_point("before-manifest");
        auto outcome = store->write(writes);
        if (manifest)
          crash_point("manifest-written");
        return outcome;
      },
      [this, token = command.token](const Result<void>& outcome) {
        tell(&Core::on_persisted, token, outcome);
      });
}

void JobManagerState::carry_out(runtime::PrepareJob& command) {
  const auto token = command.token;
  run_on<runtime::PreparedJob>(
      self_, file_worker_,
      [files = files_, command = std::move(command)] {
        return runtime::prepare_job(*files, command.plan, command.job, command.parallelism,
                                    command.from);
      },
      [this, token](Result<runtime::PreparedJob> outcome) {
        tell(&Core::on_prepared, token, std::move(outcome));
      });
}

void JobManagerState::carry_out(runtime::CleanOutputs& command) {
  run_on<void>(
      self_, file_worker_,
      [files = files_, command = std::move(command)]() -> Result<void> {
        runtime::clean_outputs(*files, command.plan, command.job, command.attempt, command.ended);
        return {};
      },
      [](const Result<void>&) {});
}

void JobManagerState::carry_out(runtime::DropTaskManager& command) {
  forget(command.task_manager);
}

void JobManagerState::carry_out(LogEvent& event) {
  log_->write(event);
}

}  // namespace leat::actors
