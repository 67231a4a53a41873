#include "actors/task_manager_state.hpp"

#include <algorithm>
#include <chrono>
#include <set>
#include <variant>

#include <caf/actor_cast.hpp>
#include <caf/actor_system.hpp>
#include <caf/exit_reason.hpp>

#include "actors/dialler.hpp"
#include "actors/error_text.hpp"
#include "actors/io_worker.hpp"
#include "actors/node.hpp"
#include "actors/own_thread.hpp"
#include "actors/random_id.hpp"
#include "actors/slot.hpp"
#include "actors/slot_loader.hpp"
#include "actors/slot_rendezvous.hpp"
#include "actors/version_check.hpp"
#include "runtime/base/crash_point.hpp"
#include "runtime/connectors/output_commit.hpp"
#include "runtime/coordination/error_info.hpp"

namespace leat::actors {

namespace {

constexpr std::chrono::seconds kRequestTimeout{5};

std::string key_of(const proto::SubtaskRef& ref) {
  return ref.SerializeAsString();
}

std::string slot_name(const proto::SubtaskRef& ref) {
  return "slot/" + ref.job_id().substr(0, 8) + "/" + std::to_string(ref.attempt()) + "/" +
         std::to_string(ref.subtask());
}

}  // namespace

// ---- start --------------------------------------------------------------------------------------

void TaskManagerState::start(const TaskManagerSetup& setup) {
  setup_.emplace(setup);
  incarnation_ = random_id<Incarnation>();
  load_worker_ = spawn_on_own_thread<caf::linked>(*self_, io_worker);
  commit_worker_ = spawn_on_own_thread<caf::linked>(*self_, io_worker);
  fetcher_.emplace(self_,
                   spawn_on_own_thread<caf::linked>(*self_, artefact_store, setup_->artefacts));
  open_copies();
  if (!setup_->hub)
    run(0);
  else if (*setup_->hub->bound_port == 0)
    publish();
  else
    close_old_port();
}

void TaskManagerState::open_copies() {
  if (setup_->local_state_bytes > 0)
    copies_worker_ = spawn_on_own_thread<caf::linked>(*self_, background_io_worker);
  copies_.emplace(
      [this](runtime::LocalCopies::Work work, runtime::LocalCopies::Then then) {
        run_on<std::string>(self_, copies_worker_, std::move(work), std::move(then));
      },
      setup_->files, setup_->local_state_dir, setup_->local_state_bytes);
}

// A port whose actor has died still hands out its handle: it must be closed before it is ours.
void TaskManagerState::close_old_port() {
  self_
      ->request(middleman_of(self_->system()), kRequestTimeout, caf::close_atom::value,
                *setup_->hub->bound_port)
      .then([this] { publish(); }, [this](const caf::error&) { publish(); });
}

void TaskManagerState::publish() {
  HubAddress& hub = *setup_->hub;
  const std::uint16_t port = *hub.bound_port != 0 ? *hub.bound_port : hub.listen.port;
  self_
      ->request(middleman_of(self_->system()), kRequestTimeout, caf::publish_atom::value, port,
                caf::actor_cast<caf::strong_actor_ptr>(self_), std::set<std::string>{},
                hub.listen.host, true)
      .then(
          [this](std::uint16_t bound) {
            *setup_->hub->bound_port = bound;
            setup_->log.write({LogLevel::kInfo,
                               "taskmanager",
                               "listening",
                               {{"taskmanager", setup_->id},
                                {"address", Endpoint{setup_->hub->listen.host, bound}.text()}}});
            run(bound);
          },
          [this](const caf::error&) {
            setup_->on_fatal(listen_error(setup_->hub->listen, "the TaskManager"));
          });
}

void TaskManagerState::run(std::uint16_t data_port) {
  runtime::TaskManagerOptions options;
  options.id = setup_->id;
  options.incarnation = incarnation_;
  options.data_host = setup_->hub ? setup_->hub->advertise : "";
  options.data_port = data_port;
  options.slots = setup_->slots;
  const auto dialler = spawn_dialler(self_->system());
  if (dialler)
    self_->link_to(dialler);
  link_.emplace(self_, dialler, setup_->job_manager,
                JobManagerLink::Listener{
                    [this] { tell(&Core::on_connected); },
                    [this](const std::string& reason) { tell(&Core::on_connection_lost, reason); },
                    [this](const Error& error) { setup_->on_fatal(error); }});
  peers_.emplace(self_, dialler, incarnation_, Endpoint{options.data_host, data_port});
  Commands commands;
  core_ = std::make_unique<Core>(options, random_seed(), clock_.now(), commands);
  carry_out(commands);
}

// ---- messages -----------------------------------------------------------------------------------

caf::result<proto::HelloReply, Incarnation> TaskManagerState::hello(
    const proto::Hello& hello, Incarnation from, const caf::strong_actor_ptr& hub) {
  auto reply = answer_hello(hello, "TaskManager", Epoch{});
  if (runtime::is_error(reply.error()))
    setup_->log.write({LogLevel::kWarn,
                       "taskmanager",
                       "peer_refused",
                       {{"role", hello.role()}, {"reason", reply.error().message()}}});
  else if (peers_)
    peers_->greeted(from, hub);
  return {std::move(reply), incarnation_};
}

caf::strong_actor_ptr TaskManagerState::resolve(const proto::ResolveSubtask& question) const {
  const auto found = slots_.find(key_of(question.ref()));
  return found == slots_.end() ? nullptr
                               : caf::actor_cast<caf::strong_actor_ptr>(found->second.actor);
}

void TaskManagerState::metrics(const proto::SubtaskMetrics& metrics) {
  if (core_)
    core_->on_slot_metrics(metrics);
}

void TaskManagerState::slot_event(const proto::SubtaskEvent& event) {
  if (event.has_checkpoint_ack())
    copies_->acknowledged(event.ref(), event.checkpoint_ack());
  tell(&Core::on_slot_event, event);
}

void TaskManagerState::send_chunk(proto::SnapshotChunk& chunk) {
  copies_->sent(chunk);
  forward(std::move(chunk));
}

void TaskManagerState::fetch_chunk(const proto::FetchChunk& fetch) {
  const auto slot = slots_.find(key_of(fetch.ref()));
  if (slot == slots_.end())
    return;
  const ChunkId id{fetch.epoch(), fetch.counter()};
  const auto pieces = slot->second.restored_from.find(id);
  const bool here =
      pieces != slot->second.restored_from.end() &&
      copies_->fetch(id, pieces->second, [this, fetch](std::optional<std::string> chunk) {
        if (!chunk)
          return forward(fetch);
        proto::ChunkData data;
        *data.mutable_ref() = fetch.ref();
        data.set_epoch(fetch.epoch());
        data.set_counter(fetch.counter());
        data.set_data(std::move(*chunk));
        to_slot(data);
      });
  if (!here)
    forward(fetch);
}

void TaskManagerState::chunk_stored(const proto::ChunkStored& stored) {
  copies_->stored(stored);
  tell(&Core::chunk_stored, stored);
}

void TaskManagerState::checkpoint_complete(const proto::CheckpointComplete& complete) {
  copies_->completed(complete);
  tell(&Core::checkpoint_complete, complete);
}

void TaskManagerState::down(const caf::down_msg& down) {
  if ((link_ && link_->down(down)) || (peers_ && peers_->down(down.source)))
    return;
  const auto slot = std::find_if(slots_.begin(), slots_.end(), [&](const auto& entry) {
    return entry.second.actor && entry.second.actor.address() == down.source;
  });
  if (slot != slots_.end())
    slot_down(slot->first, down.reason);
}

void TaskManagerState::leave() {
  if (core_)
    tell(&Core::leave);
  else
    self_->quit(caf::exit_reason::user_shutdown);  // nobody knows of it yet
}

void TaskManagerState::tick() {
  timer_.fired();
  if (peers_)
    peers_->tick(clock_.now());
  tell(&Core::tick);
}

runtime::TaskManagerFigures TaskManagerState::figures() const {
  if (core_)
    return core_->figures();
  runtime::TaskManagerFigures figures;
  figures.why_not = "it does not listen yet";
  figures.slots = figures.slots_free = setup_->slots;
  return figures;
}

// ---- commands -----------------------------------------------------------------------------------

void TaskManagerState::carry_out(Commands& commands) {
  // Before slots hear of anything that relies on it.
  lease_->set_end(core_->lease_end());
  queue_.run(commands, [this](runtime::TaskManagerCommand& command) {
    std::visit([this](auto& one) { carry_out(one); }, command);
  });
  timer_.arm(self_, clock_.now(), std::min(core_->next_deadline(), peers_->next_deadline()));
}

void TaskManagerState::carry_out(runtime::ConnectToJobManager&) {
  link_->connect();
}

void TaskManagerState::carry_out(runtime::SendToJobManager& command) {
  if (link_->handle())
    std::visit([this](auto& message) { send(message); }, command.message);
}

void TaskManagerState::carry_out(runtime::FetchArtefact& command) {
  fetcher_->fetch(command.sha256, link_->handle(),
                  [this, sha256 = command.sha256](const Result<void>& outcome) {
                    tell(&Core::on_artefact, sha256, outcome);
                  });
}

void TaskManagerState::carry_out(runtime::SpawnSlot& command) {
  const std::string key = key_of(command.deployment.ref());
  slots_[key] = {command.deployment, local_slot_actor{}, false, {}};
  const std::string path = setup_->artefacts->path_of(command.deployment.artefact_sha256());
  run_on<Graph>(
      self_, load_worker_,
      [files = &setup_->files, path, deployment = command.deployment] {
        return load_graph(*files, path, deployment);
      },
      [this, key](const Result<Graph>& graph) { loaded(key, graph); });
}

void TaskManagerState::loaded(const std::string& key, const Result<Graph>& graph) {
  const auto found = slots_.find(key);
  if (found == slots_.end())
    return;
  Slot& slot = found->second;
  const proto::SubtaskRef ref = slot.deployment.ref();
  if (slot.stop_requested) {
    slots_.erase(found);
    return tell(&Core::on_slot_gone, ref);
  }
  if (!graph) {
    slots_.erase(found);
    return slot_failed(ref, graph.error());
  }
  SlotSetup setup{ref,
                  {*JobId::parse(ref.job_id(), "job id"), Attempt{ref.attempt()}},
                  slot.deployment.parallelism(),
                  slot.deployment.max_parallelism(),
                  *graph,
                  lease_,
                  nullptr,
                  local_task_manager_actor(self_),
                  setup_->files};
  if (slot.deployment.has_restore()) {
    slot.restored_from = runtime::pieces_by_chunk(slot.deployment.restore());
    setup.restore = std::make_shared<const proto::RestoreSubtask>(
        std::move(*slot.deployment.mutable_restore()));
  }
  slot.actor = spawn_slot(self_->system(), setup);
  self_->monitor(slot.actor);
}

void TaskManagerState::carry_out(runtime::StartSlot& command) {
  const auto found = slots_.find(key_of(command.ref));
  if (found == slots_.end() || !found->second.actor)
    return;
  const local_slot_actor slot = found->second.actor;
  const auto rendezvous = std::make_shared<SlotRendezvous>(
      self_, found->second.deployment, incarnation_,
      SlotRendezvous::Outcome{
          [this, slot](SlotPeers peers) { self_->send(slot, start_atom::value, std::move(peers)); },
          [this, ref = command.ref](const UnreachablePeer& peer) {
            slot_failed(ref,
                        Error(ErrorKind::kUnreachable, "subtask " + std::to_string(peer.subtask) +
                                                           " cannot be reached: " + peer.reason),
                        peer.subtask);
          }});
  rendezvous->run(*peers_, clock_.now(), [this](const proto::SubtaskRef& ref) {
    const auto local = slots_.find(key_of(ref));
    return local == slots_.end() ? local_slot_actor{} : local->second.actor;
  });
}

void TaskManagerState::carry_out(runtime::StopSlot& command) {
  const auto found = slots_.find(key_of(command.ref));
  if (found == slots_.end())
    return tell(&Core::on_slot_gone, command.ref);
  found->second.stop_requested = true;
  if (found->second.actor)
    self_->send(found->second.actor, stop_atom::value);
}

void TaskManagerState::carry_out(runtime::CommitPending& command) {
  run_on<void>(
      self_, commit_worker_,
      [files = &setup_->files, commit = command.commit]() -> Result<void> {
        for (const auto& committable : commit.committables()) {
          if (auto outcome = runtime::commit_output(*files, committable); !outcome)
            return outcome;
          crash_point("output-committed");
        }
        return {};
      },
      [this, ref = command.commit.ref(), checkpoint = command.commit.checkpoint()](
          const Result<void>& outcome) { tell(&Core::on_committed, ref, checkpoint, outcome); });
}

void TaskManagerState::carry_out(runtime::ToSlot& command) {
  std::visit([this](auto& message) { to_slot(message); }, command.message);
}

template <class Message>
void TaskManagerState::to_slot(Message& message) {
  const auto found = slots_.find(key_of(message.ref()));
  if (found != slots_.end() && found->second.actor)
    self_->send(found->second.actor, std::move(message));
}

void TaskManagerState::carry_out(runtime::EndTaskManager& command) {
  setup_->on_fatal(command.error);
}

void TaskManagerState::carry_out(runtime::LeaveDone&) {
  self_->quit(caf::exit_reason::user_shutdown);  // with those linked to it
}

void TaskManagerState::carry_out(LogEvent& event) {
  setup_->log.write(event);
}

// ---- to the JobManager --------------------------------------------------------------------------

void TaskManagerState::send(proto::RegisterTaskManager& message) {
  // Without an answer the state machine registers again, or notices that the connection is lost.
  self_
      ->request(link_->handle(), kRequestTimeout, std::move(message),
                caf::actor_cast<caf::strong_actor_ptr>(self_))
      .then(
          [this, generation = link_->generation()](const proto::RegisterReply& reply) {
            if (generation == link_->generation())
              tell(&Core::on_registered, reply);
          },
          [](const caf::error&) {});
}

void TaskManagerState::send(proto::Heartbeat& message) {
  self_->request(link_->handle(), kRequestTimeout, std::move(message))
      .then(
          [this, generation = link_->generation()](const proto::HeartbeatReply& reply) {
            if (generation == link_->generation())
              tell(&Core::on_heartbeat_reply, reply);
          },
          [](const caf::error&) {});
}

void TaskManagerState::send(proto::SubtaskEvent& message) {
  self_->send(link_->handle(), std::move(message));
}

void TaskManagerState::send(proto::SplitRequest& message) {
  self_->send(link_->handle(), incarnation_, std::move(message));
}

void TaskManagerState::send(proto::CollectRows& message) {
  self_->send(link_->handle(), incarnation_, std::move(message));
}

void TaskManagerState::send(proto::SnapshotChunk& message) {
  self_->send(link_->handle(), incarnation_, std::move(message));
}

void TaskManagerState::send(proto::FetchChunk& message) {
  self_->send(link_->handle(), incarnation_, std::move(message));
}

// ---- slots --------------------------------------------------------------------------------------

void TaskManagerState::slot_failed(const proto::SubtaskRef& ref, const Error& error,
                                   std::optional<std::uint32_t> unreachable_peer) {
  proto::SubtaskEvent event;
  *event.mutable_ref() = ref;
  *event.mutable_failed()->mutable_error() = runtime::to_error_info(error);
  if (unreachable_peer)
    event.mutable_failed()->add_unreachable_peers(*unreachable_peer);
  tell(&Core::on_slot_event, event);
}

void TaskManagerState::slot_down(const std::string& key, const caf::error& reason) {
  const proto::SubtaskRef ref = slots_.at(key).deployment.ref();
  slots_.erase(key);
  copies_->gone(ref);
  if (!is_orderly_end(reason)) {
    setup_->log.write(
        {LogLevel::kWarn,
         "supervisor",
         "child_failed",
         {{"child", slot_name(ref)}, {"reason", error_text(reason)}, {"action", "free_slot"}}});
    slot_failed(ref, Error(ErrorKind::kInternal, "the slot's actor died: " + error_text(reason)));
  }
  tell(&Core::on_slot_gone, ref);
}

}  // namespace leat::actors
