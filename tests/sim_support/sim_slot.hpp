#pragma once

// What runs in a simulated slot, and what it may do there.

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "runtime/base/engine_time.hpp"
#include "runtime/base/file_system.hpp"
#include "runtime/base/result.hpp"
#include "serialization/proto/control.pb.h"

namespace leat::sim {

class SimWorld;

class SimSlot {
 public:
  virtual ~SimSlot() = default;
  virtual void start() = 0;
  virtual void split_grant(const proto::SplitGrant& grant) = 0;
  virtual void collect_credit(const proto::CollectCredit& credit) = 0;
  // Checkpoints; a slot that does not say otherwise takes no part in them.
  virtual void trigger(const proto::TriggerCheckpoint& /*trigger*/) {}
  virtual void abort_checkpoint(std::uint64_t /*checkpoint*/) {}
  virtual void checkpoint_complete(std::uint64_t /*checkpoint*/) {}
  virtual void chunk_stored(const proto::ChunkStored& /*stored*/) {}
  virtual void chunk_data(const proto::ChunkData& /*data*/) {}
  /// Ends without finishing: removes what is in progress. Not called after finish().
  virtual void abort() = 0;
};

/// A slot's way out; outlives the slot. What is said after the slot's TaskManager died goes nowhere.
class SimSlotPort {
 public:
  virtual ~SimSlotPort() = default;
  [[nodiscard]] virtual const proto::DeploySubtask& deployment() const = 0;
  [[nodiscard]] virtual SimWorld& world() = 0;
  /// The shared storage as this process sees it.
  [[nodiscard]] virtual FileSystem& files() = 0;
  [[nodiscard]] virtual bool lease_valid() const = 0;
  /// The reference is filled in.
  virtual void event(proto::SubtaskEvent event) = 0;
  /// Messages go on coming.
  virtual void finish(proto::SubtaskEvent::Finished result) = 0;
  /// Nothing but abort() follows.
  virtual void fail(proto::SubtaskEvent::Failed failure) = 0;
  virtual void request_split(std::uint32_t source) = 0;
  virtual void rows(std::vector<std::string> rows, std::uint64_t before_barrier) = 0;
  virtual void send_chunk(std::uint64_t checkpoint, std::uint64_t sequence, std::string data) = 0;
  virtual void fetch_chunk(std::uint64_t epoch, std::uint64_t counter) = 0;
  virtual void metrics(std::uint64_t records_in, std::uint64_t records_out) = 0;
  /// In order per peer; lost if that peer is gone.
  virtual void to_peer(std::uint32_t subtask, std::function<void(SimSlot&)> action) = 0;
  /// Later, in the slot's own turn; dropped if the slot is gone by then.
  virtual void later(std::function<void()> action) = 0;
  /// The same, at a time.
  virtual void at(Time time, std::function<void()> action) = 0;
  /// The slot's thread computes for so long: what arrives meanwhile waits.
  virtual void compute_for(Duration duration) = 0;
  /// Blocking work away from the slot, then `done` in the slot's own turn.
  virtual void blocking(std::function<Result<void>()> work,
                        std::function<void(const Result<void>&)> done) = 0;
};

using SimSlotFactory = std::function<std::unique_ptr<SimSlot>(SimSlotPort&)>;

}  // namespace leat::sim
