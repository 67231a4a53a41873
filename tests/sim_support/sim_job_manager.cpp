#include "tests/sim_support/sim_job_manager.hpp"

#include <algorithm>
#include <utility>
#include <variant>

#include "runtime/base/check.hpp"
#include "tests/sim_support/sim_task_manager.hpp"

namespace leat::sim {

namespace {

constexpr std::int64_t kUnixMsAtZero = 1'700'000'000'000;
/// Machines are told apart by number; the JobManager's are the odd ones.
std::uint32_t machine_number(std::uint64_t life) {
  return static_cast<std::uint32_t>(2 * life + 1);
}

/// Messages can be long; who and what stands at the beginning.
std::string short_text(const google::protobuf::Message& message) {
  constexpr std::size_t kEnough = 160;
  std::string text = message.ShortDebugString();
  if (text.size() > kEnough)
    text.replace(kEnough, std::string::npos, "…");
  return text;
}

}  // namespace

SimJobManager::SimJobManager(SimWorld& world, SimNetwork& network, test::MemoryFileSystem& storage,
                             SimOutputs& outputs, runtime::JobManagerOptions options)
    : world_(world),
      network_(network),
      storage_(storage),
      outputs_(outputs),
      options_(options),
      chunks_(std::make_shared<test::MemoryChunkDisk>()) {}

void SimJobManager::start() {
  LEAT_CHECK(!alive());
  process_ = world_.add_process("jm-" + std::to_string(++lives_));
  network_.join(process_, [this](ConnectionId connection) {
    world_.send(actor_, actor_, [this, connection] { connection_down(connection); });
  });
  actor_ = world_.add_actor(process_);
  meta_worker_ = world_.add_actor(process_);
  file_worker_ = world_.add_actor(process_);
  chunk_worker_ = world_.add_actor(process_);
  files_ = std::make_unique<SimFiles>(storage_, machine_number(lives_));
  const Epoch epoch{store_.next_epoch()};
  keeper_ = std::make_unique<SimSnapshotKeeper>(SimSnapshotKeeper::Surroundings{
      world_, chunks_, *files_, epoch, chunk_worker_, [this](SimSnapshotKeeper::Answer answer) {
        world_.send(chunk_worker_, actor_, [this, answer = std::move(answer)] { handle(answer); });
      }});
  runtime::JobManagerCommands commands;
  core_ = std::make_unique<runtime::JobManagerCore>(
      options_, epoch, world_.random()(), store_.all(), kUnixMsAtZero, world_.now(), commands);
  network_.listen(kAddress, process_);
  world_.trace([&] { return world_.name(process_) + " starts"; });
  carry_out(commands);
}

void SimJobManager::kill(bool with_machine) {
  world_.trace([&] { return world_.name(process_) + " dies"; });
  world_.end(process_);
  network_.process_ended(process_, with_machine);
  files_->end(with_machine, world_.random());
  chunks_->restart(world_.random()());
  dead_files_.push_back(std::move(files_));
  dead_keepers_.push_back(std::move(keeper_));
  core_.reset();
  timer_.reset();
  task_managers_.clear();
  requests_.clear();
  sentence_.reset();
}

std::size_t SimJobManager::count_logged(const std::string& event) const {
  return static_cast<std::size_t>(std::count_if(
      log_.begin(), log_.end(), [&event](const LogEvent& line) { return line.event == event; }));
}

// ---- questions ----

runtime::RequestId SimJobManager::expect(OnReply on_reply) {
  const runtime::RequestId request{++last_request_};
  requests_.emplace(request, std::move(on_reply));
  return request;
}

void SimJobManager::ask(const Question& question, OnReply on_reply) {
  const runtime::RequestId request = expect(std::move(on_reply));
  handle([&](auto& core, Time now, auto& out) { question(core, request, now, out); });
}

void SimJobManager::ask(ConnectionId connection, ActorId asking, const Question& question,
                        OnReply on_reply) {
  ask(question, [this, connection, asking, on_reply = std::move(on_reply)](const auto& reply) {
    network_.send(connection, actor_, asking, [on_reply, reply] { on_reply(reply); });
  });
}

void SimJobManager::register_task_manager(ConnectionId connection, SimTaskManager& task_manager,
                                          const proto::RegisterTaskManager& message,
                                          OnReply on_reply) {
  task_managers_[task_manager.incarnation()] = {connection, &task_manager};
  // Watching what is gone already is answered at once.
  if (network_.known_down(connection, process_))
    world_.send(actor_, actor_, [this, connection] { connection_down(connection); });
  ask(
      connection, task_manager.actor(),
      [&message](auto& core, auto request, Time now, auto& out) {
        core.register_task_manager(request, message, now, out);
      },
      std::move(on_reply));
}

void SimJobManager::connection_down(ConnectionId connection) {
  std::vector<Incarnation> lost;
  for (const auto& [incarnation, handle] : task_managers_)
    if (handle.connection == connection)
      lost.push_back(incarnation);
  for (const Incarnation incarnation : lost) {
    task_managers_.erase(incarnation);
    handle([&](auto& core, Time now, auto& out) {
      core.task_manager_down(incarnation, "connection broken", now, out);
    });
  }
}

// ---- commands ----

void SimJobManager::carry_out(const runtime::JobManagerCommands& commands) {
  for (const runtime::JobManagerCommand& command : commands) {
    if (dies_of(command, true))
      return;
    std::visit([this](const auto& one) { carry_out_one(one); }, command);
    if (dies_of(command, false))
      return;
  }
  arm();
}

void SimJobManager::arm() {
  timer_.arm(world_, actor_, core_->next_deadline(), [this] {
    if (core_->next_deadline() > world_.now())
      return arm();
    handle([](auto& core, Time now, auto& out) { core.tick(now, out); });
    // A deadline that a tick leaves behind would spin for ever.
    LEAT_CHECK(core_ == nullptr || core_->next_deadline() > world_.now());
  });
}

void SimJobManager::die_at(std::size_t command_index, std::uint32_t nth, bool before,
                           std::function<void()> die) {
  sentence_ = DeathSentence{command_index, nth, before, std::move(die)};
}

bool SimJobManager::dies_of(const runtime::JobManagerCommand& command, bool before) {
  if (!sentence_ || sentence_->command_index != command.index() || sentence_->before != before ||
      --sentence_->left > 0)
    return false;
  const auto die = std::move(sentence_->die);
  die();
  return true;
}

void SimJobManager::carry_out_one(const runtime::SendToTaskManager& command) {
  const auto found = task_managers_.find(command.to);
  if (found == task_managers_.end())
    return;
  SimTaskManager& to = *found->second.task_manager;
  world_.trace([&] {
    return world_.name(process_) + " > " + to.id() + ": " +
           std::visit([](const auto& one) { return one.GetTypeName() + " " + short_text(one); },
                      command.message);
  });
  network_.send(found->second.connection, actor_, to.actor(),
                [&to, message = command.message] { to.receive(message); });
}

void SimJobManager::carry_out_one(const runtime::ReplyTo& command) {
  const auto found = requests_.find(command.request);
  if (found == requests_.end())
    return world_.violate("a request was answered twice");
  const OnReply on_reply = std::move(found->second);
  requests_.erase(found);
  on_reply(command.reply);
}

void SimJobManager::carry_out_one(const runtime::Persist& command) {
  world_.send(actor_, meta_worker_, [this, command] {
    world_.send(meta_worker_, actor_,
                [this, token = command.token, outcome = store_.write(command.writes)] {
                  handle([&](auto& core, Time now, auto& out) {
                    core.on_persisted(token, outcome, now, out);
                  });
                });
  });
}

void SimJobManager::carry_out_one(const runtime::PrepareJob& command) {
  world_.send(actor_, file_worker_, [this, command] {
    const auto outcome =
        std::make_shared<Result<runtime::PreparedJob>>(outputs_.prepare(*files_, command));
    world_.send(file_worker_, actor_, [this, token = command.token, outcome] {
      handle([&](auto& core, Time now, auto& out) {
        core.on_prepared(token, std::move(*outcome), now, out);
      });
    });
  });
}

void SimJobManager::carry_out_one(const runtime::CleanOutputs& command) {
  world_.send(actor_, file_worker_, [this, command] { outputs_.clean(*files_, command); });
}

template <class Command>
void SimJobManager::keep(const Command& command, void (SimSnapshotKeeper::*how)(const Command&)) {
  world_.send(actor_, chunk_worker_,
              [keeper = keeper_.get(), command, how] { (keeper->*how)(command); });
}

void SimJobManager::carry_out_one(const runtime::StoreChunks& command) {
  keep(command, &SimSnapshotKeeper::store);
}

void SimJobManager::carry_out_one(const runtime::LoadChunk& command) {
  keep(command, &SimSnapshotKeeper::load);
}

void SimJobManager::carry_out_one(const runtime::ReleaseChunks& command) {
  keep(command, &SimSnapshotKeeper::release);
}

void SimJobManager::carry_out_one(const runtime::KeepChunks& command) {
  keep(command, &SimSnapshotKeeper::open);
}

void SimJobManager::carry_out_one(const runtime::WriteSavepoint& command) {
  keep<runtime::WriteSavepoint>(command, &SimSnapshotKeeper::begin);
}

void SimJobManager::carry_out_one(const runtime::ReadSavepoint& command) {
  keep<runtime::ReadSavepoint>(command, &SimSnapshotKeeper::begin);
}

void SimJobManager::carry_out_one(const runtime::DropTaskManager& command) {
  task_managers_.erase(command.task_manager);
}

void SimJobManager::carry_out_one(const LogEvent& event) {
  world_.trace([&] {
    std::string line = world_.name(process_) + ": " + event.event;
    for (const auto& [key, value] : event.fields)
      line += " " + key + "=" + value;
    return line;
  });
  log_.push_back(event);
}

}  // namespace leat::sim
