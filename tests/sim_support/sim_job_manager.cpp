#include "tests/sim_support/sim_job_manager.hpp"

#include <algorithm>
#include <utility>
#include <variant>

#include <gtest/gtest.h>

#include "runtime/base/check.hpp"

namespace leat::sim {

namespace {
constexpr std::int64_t kUnixMsAtZero = 1'700'000'000'000;
}  // namespace

SimJobManager::SimJobManager(SimWorld& world, runtime::JobManagerOptions options,
                             SimOutputs& outputs, SimDownlink downlink)
    : world_(world), options_(options), outputs_(outputs), downlink_(std::move(downlink)) {
  world_.add(*this);
}

SimJobManager::~SimJobManager() {
  world_.remove(*this);
}

void SimJobManager::start() {
  ++epoch_;
  const std::vector<std::pair<std::string, std::string>> stored(store_.begin(), store_.end());
  runtime::JobManagerCommands commands;
  core_ = std::make_unique<runtime::JobManagerCore>(options_, Epoch{epoch_}, world_.random()(),
                                                    stored, kUnixMsAtZero, world_.now(), commands);
  carry_out(commands);
}

void SimJobManager::kill() {
  core_.reset();
  requests_.clear();
  world_.drop("jm/store");
  world_.drop("jm/outputs");
}

runtime::RequestId SimJobManager::expect(OnReply on_reply) {
  const runtime::RequestId request{++last_request_};
  requests_.emplace(request, std::move(on_reply));
  return request;
}

Time SimJobManager::next_deadline() const {
  return core_ == nullptr ? Time::max() : core_->next_deadline();
}

void SimJobManager::tick() {
  handle([](auto& core, Time now, auto& out) { core.tick(now, out); });
  // A deadline that a tick leaves behind would spin for ever.
  LEAT_CHECK(next_deadline() > world_.now());
}

std::size_t SimJobManager::count_logged(const std::string& event) const {
  return static_cast<std::size_t>(std::count_if(
      log_.begin(), log_.end(), [&event](const LogEvent& line) { return line.event == event; }));
}

void SimJobManager::carry_out(const runtime::JobManagerCommands& commands) {
  for (const runtime::JobManagerCommand& command : commands)
    std::visit([this](const auto& one) { carry_out_one(one); }, command);
}

void SimJobManager::carry_out_one(const runtime::SendToTaskManager& command) {
  downlink_(command.to, command.message);
}

void SimJobManager::carry_out_one(const runtime::ReplyTo& command) {
  const auto found = requests_.find(command.request);
  ASSERT_NE(found, requests_.end()) << "a request was answered twice";
  const OnReply on_reply = std::move(found->second);
  requests_.erase(found);
  on_reply(command.reply);
}

void SimJobManager::in_background(const std::string& worker, std::function<void()> work) {
  world_.post(worker, [this, life = epoch_, work = std::move(work)] {
    if (alive() && life == epoch_)
      work();
  });
}

void SimJobManager::carry_out_one(const runtime::Persist& command) {
  in_background("jm/store", [this, command] {
    Result<void> outcome;
    if (refused_writes_ > 0) {
      --refused_writes_;
      outcome = Error(ErrorKind::kIo, "no space left on the device");
    } else {
      for (const auto& [key, value] : command.writes) {
        if (value.empty())
          store_.erase(key);
        else
          store_[key] = value;
      }
    }
    handle([&](auto& core, Time now, auto& out) {
      core.on_persisted(command.token, outcome, now, out);
    });
  });
}

void SimJobManager::carry_out_one(const runtime::PrepareJob& command) {
  in_background("jm/outputs", [this, command] {
    auto outcome = outputs_.prepare(command);
    handle([&](auto& core, Time now, auto& out) {
      core.on_prepared(command.token, std::move(outcome), now, out);
    });
  });
}

void SimJobManager::carry_out_one(const runtime::CleanOutputs& command) {
  in_background("jm/outputs", [this, command] { outputs_.clean(command); });
}

// There is no snapshot store here yet: what needs one fails.
namespace {
Error no_store() {
  return {ErrorKind::kIo, "there is no store for snapshots"};
}
}  // namespace

void SimJobManager::carry_out_one(const runtime::StoreChunks& command) {
  in_background("jm/chunks", [this, token = command.token] {
    handle([&](auto& core, Time now, auto& out) {
      core.on_chunks_stored(token, no_store(), now, out);
    });
  });
}

void SimJobManager::carry_out_one(const runtime::LoadChunk& command) {
  in_background("jm/chunks", [this, token = command.token] {
    handle([&](auto& core, Time now, auto& out) {
      core.on_chunk_loaded(token, no_store(), now, out);
    });
  });
}

void SimJobManager::carry_out_one(const runtime::ReleaseChunks& /*command*/) {}

void SimJobManager::carry_out_one(const runtime::KeepChunks& command) {
  in_background("jm/chunks", [this, command] {
    handle([&](auto& core, Time now, auto& out) {
      core.on_chunks_kept(command.token, command.ids, now, out);
    });
  });
}

void SimJobManager::carry_out_one(const runtime::WriteSavepoint& command) {
  in_background("jm/chunks", [this, token = command.token] {
    handle([&](auto& core, Time now, auto& out) {
      core.on_savepoint_written(token, no_store(), now, out);
    });
  });
}

void SimJobManager::carry_out_one(const runtime::ReadSavepoint& command) {
  in_background("jm/chunks", [this, token = command.token] {
    handle([&](auto& core, Time now, auto& out) {
      core.on_savepoint_read(token, no_store(), now, out);
    });
  });
}

void SimJobManager::carry_out_one(const runtime::DropTaskManager& /*command*/) {}

void SimJobManager::carry_out_one(const LogEvent& event) {
  log_.push_back(event);
}

}  // namespace leat::sim
