#include "actors/job_manager.hpp"

#include <utility>

#include <caf/actor_cast.hpp>
#include <caf/actor_system.hpp>
#include <caf/stateful_actor.hpp>

#include "actors/error_text.hpp"
#include "actors/job_manager_state.hpp"

namespace leat::actors {

namespace {

using Core = runtime::JobManagerCore;
using Pointer = local_job_manager_actor::stateful_pointer<JobManagerState>;

local_job_manager_actor::behavior_type job_manager(Pointer self, const JobManagerSetup& setup) {
  // A message of no known type is refused without a word on standard error.
  self->set_default_handler(caf::drop);
  self->set_exception_handler([](std::exception_ptr& thrown) { return exception_reason(thrown); });
  self->set_down_handler([self](caf::down_msg& down) { self->state.task_manager_down(down); });
  auto& state = self->state;
  state.start(setup);
  return {
      [&state](const proto::Hello& hello) { return state.hello(hello); },
      [self](const proto::PutArtefact& piece) {
        return self->delegate(self->state.artefacts(), piece);
      },
      [&state](const proto::SubmitJob& job) {
        return state.ask<proto::SubmitReply>(&Core::submit, job);
      },
      [&state](const proto::WatchJob& watch) {
        return state.ask<proto::JobStatus>(&Core::watch, watch);
      },
      [&state](const proto::ListJobs& list) {
        return state.ask<proto::JobList>(&Core::list, list);
      },
      [&state](const proto::CancelJob& cancel) {
        return state.ask<proto::CancelReply>(&Core::cancel, cancel);
      },
      [&state](const proto::FetchResults& fetch) {
        return state.ask<proto::ResultBatch>(&Core::fetch, fetch);
      },
      [&state](const proto::TriggerSavepoint& trigger) {
        return state.ask<proto::SavepointReply>(&Core::trigger_savepoint, trigger);
      },
      [&state](const proto::RescaleJob& rescale) {
        return state.ask<proto::RescaleReply>(&Core::rescale, rescale);
      },
      [&state](const proto::ListCheckpoints& list) {
        return state.ask<proto::CheckpointList>(&Core::checkpoints, list);
      },
      [self](const proto::GetArtefact& request) {
        return self->delegate(self->state.artefacts(), request);
      },
      [&state](const proto::RegisterTaskManager& message, const caf::strong_actor_ptr& hub) {
        return state.register_task_manager(message, hub);
      },
      [&state](const proto::Heartbeat& heartbeat) {
        return state.ask<proto::HeartbeatReply>(&Core::heartbeat, heartbeat);
      },
      [&state](const proto::SubtaskEvent& event) { state.tell(&Core::subtask_event, event); },
      [&state](Incarnation from, const proto::SplitRequest& request) {
        state.tell(&Core::split_request, from, request);
      },
      [&state](Incarnation from, const proto::CollectRows& rows) {
        state.tell(&Core::collect_rows, from, rows);
      },
      [&state](Incarnation from, proto::SnapshotChunk& chunk) {
        state.tell(&Core::snapshot_chunk, from, std::move(chunk));
      },
      [&state](Incarnation from, const proto::FetchChunk& fetch) {
        state.tell(&Core::fetch_chunk, from, fetch);
      },
      [&state](tick_atom) { state.tick(); },
      [&state](KeeperAnswer& answer) { state.answer(answer); },
      [&state](FiguresRequest) { return state.figures(); },
  };
}

}  // namespace

job_manager_actor spawn_job_manager(caf::actor_system& system, JobManagerSetup setup) {
  return system.spawn(job_manager, std::move(setup));
}

SupervisedChild supervised_job_manager(const job_manager_actor& job_manager, LogSink& log,
                                       std::function<void(const Error&)> escalate) {
  SupervisedChild child{
      "job_manager",
      [job_manager](caf::actor_system&) { return caf::actor_cast<caf::actor>(job_manager); },
      std::move(escalate), log};
  child.tolerated = 0;
  return child;
}

}  // namespace leat::actors
