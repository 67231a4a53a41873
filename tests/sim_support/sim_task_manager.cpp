#include "tests/sim_support/sim_task_manager.hpp"

#include <chrono>
#include <iterator>
#include <memory>
#include <sstream>
#include <utility>
#include <variant>

#include "runtime/base/check.hpp"
#include "tests/sim_support/sim_cluster.hpp"

namespace leat::sim {

namespace {

constexpr Duration kRequestTimeout = std::chrono::seconds(5);
constexpr const char* kCopies = "/copies";
constexpr std::uint64_t kCopiesBytes = 400;

template <class... Functions>
struct Dispatch : Functions... {
  using Functions::operator()...;
};
template <class... Functions>
Dispatch(Functions...) -> Dispatch<Functions...>;

std::string key_of(const proto::SubtaskRef& ref) {
  return ref.SerializeAsString();
}

}  // namespace

SimTaskManager::SimTaskManager(Surroundings surroundings, runtime::TaskManagerOptions options,
                               std::uint32_t number)
    : around_(surroundings),
      options_(std::move(options)),
      process_(around_.world.add_process(options_.id)),
      actor_(around_.world.add_actor(process_)),
      load_worker_(around_.world.add_actor(process_)),
      commit_worker_(around_.world.add_actor(process_)),
      files_(around_.storage, 2 * number),
      copies_worker_(around_.world.add_actor(process_)),
      // Some have room for little, some for none.
      copies_([this](auto work, auto then) { run_copies_io(std::move(work), std::move(then)); },
              local_disk_, kCopies, number % 4 * kCopiesBytes) {}

void SimTaskManager::start() {
  SimNetwork& network = around_.network;
  network.join(process_, [this](ConnectionId connection) {
    around_.world.send(actor_, actor_, [this, connection] { connection_down(connection); });
    for (const auto& [key, slot] : slots_)
      if (slot.actor)
        around_.world.deliver_at(
            around_.world.now() + around_.world.latency(), slot.actor->actor(),
            [actor = slot.actor.get(), connection] { actor->connection_down(connection); });
  });
  network.listen(options_.incarnation.hex(), process_);
  runtime::TaskManagerCommands commands;
  core_ = std::make_unique<runtime::TaskManagerCore>(options_, around_.world.random()(),
                                                     around_.world.now(), commands);
  carry_out(commands);
}

void SimTaskManager::kill(bool with_machine) {
  around_.world.trace([this] { return id() + " dies"; });
  around_.world.end(process_);
  around_.network.process_ended(process_, with_machine);
  files_.end(with_machine, around_.world.random());
  for (auto& [key, slot] : slots_)
    if (slot.actor)
      gone_.push_back(std::move(slot.actor));
  slots_.clear();
}

void SimTaskManager::connection_down(ConnectionId connection) {
  if (connection != job_manager_)
    return;
  connection_lost("the connection is broken");
}

void SimTaskManager::connection_lost(const std::string& reason) {
  job_manager_ = {};
  ++generation_;
  handle([&](auto& core, Time now, auto& out) { core.on_connection_lost(reason, now, out); });
}

void SimTaskManager::receive(const runtime::ToTaskManager& message) {
  handle([this, &message](auto& core, Time now, auto& out) {
    const Dispatch dispatch{
        [&](const proto::DeploySubtask& one) { core.deploy(one, now, out); },
        [&](const proto::StartSubtask& one) { core.start(one, now, out); },
        [&](const proto::ReleaseAttempt& one) { core.release(one, now, out); },
        [&](const proto::CommitOutput& one) { core.commit(one, now, out); },
        [&](const proto::SplitGrant& one) { core.grant(one, now, out); },
        [&](const proto::CollectCredit& one) { core.collect_credit(one, now, out); },
        [&](const proto::TriggerCheckpoint& one) { core.trigger(one, now, out); },
        [&](const proto::AbortCheckpoint& one) { core.abort_checkpoint(one, now, out); },
        [&](const proto::CheckpointComplete& one) {
          copies_.completed(one);
          core.checkpoint_complete(one, now, out);
        },
        [&](const proto::ChunkStored& one) {
          copies_.stored(one);
          core.chunk_stored(one, now, out);
        },
        [&](const proto::ChunkData& one) { core.chunk_data(one, now, out); }};
    std::visit(dispatch, message);
  });
}

void SimTaskManager::event(const proto::SubtaskEvent& event) {
  if (event.has_checkpoint_ack())
    copies_.acknowledged(event.ref(), event.checkpoint_ack());
  handle([&](auto& core, Time now, auto& out) { core.on_slot_event(event, now, out); });
}

void SimTaskManager::forward(const proto::SnapshotChunk& chunk) {
  copies_.sent(chunk);
  handle([&](auto& core, Time, auto& out) { core.forward(chunk, out); });
}

void SimTaskManager::forward(const proto::FetchChunk& fetch) {
  const auto slot = slots_.find(key_of(fetch.ref()));
  if (slot == slots_.end())
    return;
  const auto ask = [this, fetch] {
    handle([&](auto& core, Time, auto& out) { core.forward(fetch, out); });
  };
  const ChunkId id{fetch.epoch(), fetch.counter()};
  const auto pieces = slot->second.restored_from.find(id);
  const bool here =
      pieces != slot->second.restored_from.end() &&
      copies_.fetch(id, pieces->second, [this, fetch, ask](std::optional<std::string> chunk) {
        if (!chunk)
          return ask();
        proto::ChunkData data;
        *data.mutable_ref() = fetch.ref();
        data.set_epoch(fetch.epoch());
        data.set_counter(fetch.counter());
        data.set_data(std::move(*chunk));
        carry_out_one(runtime::ToSlot{std::move(data)});
      });
  if (!here)
    ask();
}

void SimTaskManager::run_copies_io(runtime::LocalCopies::Work work,
                                   runtime::LocalCopies::Then then) {
  around_.world.send(
      actor_, copies_worker_, [this, work = std::move(work), then = std::move(then)] {
        const auto outcome = std::make_shared<Result<std::string>>(work());
        around_.world.send(copies_worker_, actor_, [outcome, then] { then(std::move(*outcome)); });
      });
}

void SimTaskManager::damage_copy(std::uint64_t seed) {
  std::istringstream names(local_disk_.names(kCopies));
  const std::vector<std::string> all{std::istream_iterator<std::string>(names), {}};
  if (all.empty())
    return;
  const std::string path = std::string(kCopies) + "/" + all[seed % all.size()];
  std::string bytes = local_disk_.bytes(path).value_or("");
  if (bytes.empty())
    return;
  bytes[seed / 7 % bytes.size()] ^= static_cast<char>(1U << (seed % 8));
  local_disk_.add_file(path, bytes);
}

// ---- to the JobManager ----

void SimTaskManager::to_job_manager(std::function<void(ConnectionId)> delivery) {
  around_.network.send(
      job_manager_, actor_, around_.job_manager.actor(),
      [delivery = std::move(delivery), connection = job_manager_] { delivery(connection); });
}

template <class Reply, class Handler>
SimJobManager::OnReply SimTaskManager::answered_by(Handler handler) {
  return [this, handler, generation = generation_](const runtime::AnyReply& reply) {
    if (generation == generation_)
      handle([&](auto& core, Time now, auto& out) {
        handler(core, std::get<Reply>(reply), now, out);
      });
  };
}

void SimTaskManager::deliver(const proto::RegisterTaskManager& message) {
  auto on_reply =
      answered_by<proto::RegisterReply>([](auto& core, const auto& reply, Time now, auto& out) {
        core.on_registered(reply, now, out);
      });
  to_job_manager([this, message, on_reply = std::move(on_reply)](ConnectionId connection) {
    around_.job_manager.register_task_manager(connection, *this, message, on_reply);
  });
}

void SimTaskManager::deliver(const proto::Heartbeat& message) {
  auto on_reply =
      answered_by<proto::HeartbeatReply>([](auto& core, const auto& reply, Time now, auto& out) {
        core.on_heartbeat_reply(reply, now, out);
      });
  to_job_manager([this, message, on_reply = std::move(on_reply)](ConnectionId connection) {
    around_.job_manager.ask(
        connection, actor_,
        [&message](auto& core, auto request, Time now, auto& out) {
          core.heartbeat(request, message, now, out);
        },
        on_reply);
  });
}

void SimTaskManager::deliver(const proto::SubtaskEvent& message) {
  around_.world.trace([&] { return id() + ": " + message.ShortDebugString(); });
  to_job_manager([this, message](ConnectionId) {
    around_.job_manager.handle(
        [&](auto& core, Time now, auto& out) { core.subtask_event(message, now, out); });
  });
}

void SimTaskManager::deliver(const proto::SplitRequest& message) {
  to_job_manager([this, message](ConnectionId) {
    around_.job_manager.handle([&](auto& core, Time now, auto& out) {
      core.split_request(incarnation(), message, now, out);
    });
  });
}

void SimTaskManager::deliver(const proto::CollectRows& message) {
  to_job_manager([this, message](ConnectionId) {
    around_.job_manager.handle([&](auto& core, Time now, auto& out) {
      core.collect_rows(incarnation(), message, now, out);
    });
  });
}

void SimTaskManager::deliver(const proto::SnapshotChunk& message) {
  to_job_manager([this, message](ConnectionId) {
    around_.job_manager.handle([&](auto& core, Time now, auto& out) {
      core.snapshot_chunk(incarnation(), message, now, out);
    });
  });
}

void SimTaskManager::deliver(const proto::FetchChunk& message) {
  to_job_manager([this, message](ConnectionId) {
    around_.job_manager.handle([&](auto& core, Time now, auto& out) {
      core.fetch_chunk(incarnation(), message, now, out);
    });
  });
}

// ---- commands ----

void SimTaskManager::carry_out(const runtime::TaskManagerCommands& commands) {
  for (const runtime::TaskManagerCommand& command : commands) {
    if (dies_of(command, true))
      return;
    std::visit([this](const auto& one) { carry_out_one(one); }, command);
    if (dies_of(command, false))
      return;
  }
  arm();
}

void SimTaskManager::arm() {
  timer_.arm(around_.world, actor_, core_->next_deadline(), [this] {
    if (core_->next_deadline() > around_.world.now())
      return arm();
    handle([](auto& core, Time now, auto& out) { core.tick(now, out); });
    LEAT_CHECK(!alive() || core_->next_deadline() > around_.world.now());
  });
}

void SimTaskManager::die_at(std::size_t command_index, std::uint32_t nth, bool before,
                            std::function<void()> die) {
  sentence_ = DeathSentence{command_index, nth, before, std::move(die)};
}

bool SimTaskManager::dies_of(const runtime::TaskManagerCommand& command, bool before) {
  if (!sentence_ || sentence_->command_index != command.index() || sentence_->before != before ||
      --sentence_->left > 0)
    return !alive();
  const auto die = std::move(sentence_->die);
  sentence_.reset();
  die();
  return true;
}

void SimTaskManager::carry_out_one(const runtime::ConnectToJobManager& /*command*/) {
  job_manager_ = {};
  around_.network.connect(process_, actor_, SimJobManager::kAddress,
                          [this, generation = ++generation_](auto connection) {
                            if (generation != generation_)
                              return;
                            if (connection)
                              say_hello(*connection);
                            else
                              connection_lost("the connection is refused");
                          });
}

void SimTaskManager::say_hello(ConnectionId connection) {
  SimJobManager& job_manager = around_.job_manager;
  const std::uint64_t generation = generation_;
  around_.world.deliver_at(around_.world.now() + kRequestTimeout, actor_, [this, generation] {
    if (generation == generation_ && job_manager_ == ConnectionId{})
      connection_lost("no answer");
  });
  if (around_.network.peer(connection, process_) != job_manager.process())
    return;
  const ActorId there = job_manager.actor();
  around_.network.send(connection, actor_, there, [=, this] {
    around_.network.send(connection, there, actor_, [=, this] {
      if (generation != generation_ || job_manager_ != ConnectionId{})
        return;
      job_manager_ = connection;
      if (around_.network.known_down(connection, process_))
        return connection_lost("the connection is broken");
      handle([](auto& core, Time now, auto& out) { core.on_connected(now, out); });
    });
  });
}

void SimTaskManager::carry_out_one(const runtime::SendToJobManager& command) {
  std::visit([this](const auto& message) { deliver(message); }, command.message);
}

void SimTaskManager::carry_out_one(const runtime::FetchArtefact& command) {
  around_.world.deliver_at(
      around_.world.now() + around_.world.latency(), actor_, [this, sha256 = command.sha256] {
        handle([&](auto& core, Time now, auto& out) { core.on_artefact(sha256, {}, now, out); });
      });
}

void SimTaskManager::carry_out_one(const runtime::CommitPending& command) {
  around_.world.send(actor_, commit_worker_, [this, commit = command.commit] {
    Result<void> outcome;
    for (const proto::Committable& committable : commit.committables()) {
      if (outcome)
        outcome = around_.outputs.commit(files_, committable);
    }
    around_.world.send(commit_worker_, actor_, [this, commit, outcome] {
      handle([&](auto& core, Time now, auto& out) {
        core.on_committed(commit.ref(), commit.checkpoint(), outcome, now, out);
      });
    });
  });
}

void SimTaskManager::carry_out_one(const runtime::ToSlot& command) {
  const auto& ref = std::visit([](const auto& message) { return message.ref(); }, command.message);
  const auto found = slots_.find(key_of(ref));
  if (found == slots_.end() || !found->second.actor)
    return;
  SimSlotActor* there = found->second.actor.get();
  around_.world.send(actor_, there->actor(), [there, message = command.message] {
    there->receive([&message](SimSlot& slot) {
      const Dispatch dispatch{
          [&](const proto::SplitGrant& one) { slot.split_grant(one); },
          [&](const proto::CollectCredit& one) { slot.collect_credit(one); },
          [&](const proto::TriggerCheckpoint& one) { slot.trigger(one); },
          [&](const proto::AbortCheckpoint& one) { slot.abort_checkpoint(one.checkpoint()); },
          [&](const proto::CheckpointComplete& one) { slot.checkpoint_complete(one.checkpoint()); },
          [&](const proto::ChunkStored& one) { slot.chunk_stored(one); },
          [&](const proto::ChunkData& one) { slot.chunk_data(one); }};
      std::visit(dispatch, message);
    });
  });
}

void SimTaskManager::carry_out_one(const runtime::EndTaskManager& /*command*/) {
  gave_up_ = true;
}

void SimTaskManager::leave() {
  leaving_ = true;
  around_.world.deliver_at(around_.world.now(), actor_, [this] {
    handle([](auto& core, Time now, auto& out) { core.leave(now, out); });
  });
}

void SimTaskManager::carry_out_one(const runtime::LeaveDone& /*command*/) {
  left_ = true;
  around_.world.send(actor_, actor_, [this] { kill(false); });
}

void SimTaskManager::carry_out_one(const LogEvent& event) {
  around_.world.trace([&] {
    std::string line = id() + ": " + event.event;
    for (const auto& [key, value] : event.fields)
      line += " " + key + "=" + value;
    return line;
  });
  log_.push_back(event);
}

}  // namespace leat::sim
