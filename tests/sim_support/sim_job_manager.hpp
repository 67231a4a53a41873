#pragma once

// The JobManager's process in the simulation: a JobManagerCore, its metadata store (which outlives it)
// and what carries out its commands. Carries no decision of its own.

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "runtime/coordination/job_manager_core.hpp"
#include "tests/sim_support/sim_outputs.hpp"
#include "tests/sim_support/sim_world.hpp"

namespace leat::sim {

/// Sends a message on its way to a TaskManager.
using SimDownlink = std::function<void(Incarnation, const runtime::ToTaskManager&)>;

class SimJobManager final : public SimTicker {
 public:
  using OnReply = std::function<void(const runtime::AnyReply&)>;

  SimJobManager(SimWorld& world, runtime::JobManagerOptions options, SimOutputs& outputs,
                SimDownlink downlink);
  ~SimJobManager() override;

  void start();
  void kill();
  [[nodiscard]] bool alive() const { return core_ != nullptr; }
  /// Changes with every start: what was sent to an earlier life never arrives.
  [[nodiscard]] std::uint64_t life() const { return epoch_; }

  /// One event: `event(core, now, out)`, and its commands are carried out.
  template <class Event>
  void handle(Event event) {
    if (core_ == nullptr)
      return;
    runtime::JobManagerCommands commands;
    event(*core_, world_.now(), commands);
    carry_out(commands);
  }
  /// Registers who is told the answer of a request.
  [[nodiscard]] runtime::RequestId expect(OnReply on_reply);

  [[nodiscard]] Time next_deadline() const override;
  void tick() override;

  [[nodiscard]] const std::map<std::string, std::string>& store() const { return store_; }
  [[nodiscard]] const std::vector<LogEvent>& log() const { return log_; }
  [[nodiscard]] std::size_t count_logged(const std::string& event) const;
  /// The next `count` writes are refused.
  void refuse_writes(std::uint32_t count) { refused_writes_ = count; }
  [[nodiscard]] std::size_t requests_open() const { return requests_.size(); }

 private:
  void carry_out(const runtime::JobManagerCommands& commands);
  void carry_out_one(const runtime::SendToTaskManager& command);
  void carry_out_one(const runtime::ReplyTo& command);
  void carry_out_one(const runtime::Persist& command);
  void carry_out_one(const runtime::PrepareJob& command);
  void carry_out_one(const runtime::CleanOutputs& command);
  void carry_out_one(const runtime::StoreChunks& command);
  void carry_out_one(const runtime::LoadChunk& command);
  void carry_out_one(const runtime::ReleaseChunks& command);
  void carry_out_one(const runtime::KeepChunks& command);
  void carry_out_one(const runtime::WriteSavepoint& command);
  void carry_out_one(const runtime::ReadSavepoint& command);
  void carry_out_one(const runtime::DropTaskManager& command);
  void carry_out_one(const LogEvent& event);
  /// In the background, in order; dies with the process.
  void in_background(const std::string& worker, std::function<void()> work);

  SimWorld& world_;
  runtime::JobManagerOptions options_;
  SimOutputs& outputs_;
  SimDownlink downlink_;
  std::unique_ptr<runtime::JobManagerCore> core_;
  std::map<std::string, std::string> store_;
  std::map<runtime::RequestId, OnReply> requests_;
  std::uint64_t last_request_ = 0;
  std::uint64_t epoch_ = 0;
  std::uint32_t refused_writes_ = 0;
  std::vector<LogEvent> log_;
};

}  // namespace leat::sim
