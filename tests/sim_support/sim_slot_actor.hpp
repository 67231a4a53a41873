#pragma once

// A slot's actor in the simulation: the phases of its life, its peers, its I/O. One per deployment, as in
// actors/slot_state. Belongs to its TaskManager, which outlives it.

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "tests/sim_support/sim_network.hpp"
#include "tests/sim_support/sim_slot.hpp"
#include "tests/sim_support/sim_world.hpp"

namespace leat::sim {

class SimTaskManager;
class SimSlotActor;

/// A handle on another slot's actor; null for the slot itself.
struct SimPeer {
  SimSlotActor* slot = nullptr;
  ConnectionId connection{};  ///< none: the same process
};

class SimSlotActor final : public SimSlotPort {
 public:
  SimSlotActor(SimTaskManager& owner, proto::DeploySubtask deployment);

  // Messages of its TaskManager, run in this actor.
  void create(const SimSlotFactory& factory);
  void start(std::vector<SimPeer> peers);
  void stop();
  /// `message(slot)` if it takes any.
  void receive(const std::function<void(SimSlot&)>& message);
  void peer_lost(std::uint32_t subtask);

  /// The actor dies without a word; its peers notice.
  void die();
  /// Peers behind a connection that is gone.
  void connection_down(ConnectionId connection);
  [[nodiscard]] ActorId actor() const { return actor_; }

  // SimSlotPort.
  [[nodiscard]] const proto::DeploySubtask& deployment() const override { return deployment_; }
  [[nodiscard]] SimWorld& world() override { return world_; }
  [[nodiscard]] FileSystem& files() override;
  [[nodiscard]] bool lease_valid() const override;
  void event(proto::SubtaskEvent event) override;
  void finish(proto::SubtaskEvent::Finished result) override;
  void fail(proto::SubtaskEvent::Failed failure) override;
  void request_split(std::uint32_t source) override;
  void rows(std::vector<std::string> rows, std::uint64_t before_barrier) override;
  void send_chunk(std::uint64_t checkpoint, std::uint64_t sequence, std::string data) override;
  void fetch_chunk(std::uint64_t epoch, std::uint64_t counter) override;
  void metrics(std::uint64_t records_in, std::uint64_t records_out) override;
  void to_peer(std::uint32_t subtask, std::function<void(SimSlot&)> action) override;
  void later(std::function<void()> action) override;
  void at(Time time, std::function<void()> action) override;
  void compute_for(Duration duration) override;
  void blocking(std::function<Result<void>()> work,
                std::function<void(const Result<void>&)> done) override;

 private:
  enum class Phase {
    kPrepared,  // waits for its peers
    kRunning,   // finished or not: barriers still pass
    kFailed,
    kStopping,  // waits for pending I/O, then quits
  };
  [[nodiscard]] bool takes_messages() const {
    return slot_ != nullptr && (phase_ == Phase::kPrepared || phase_ == Phase::kRunning);
  }
  void quit_when_idle();
  /// To the TaskManager, which passes it on to the JobManager.
  template <class Message>
  void forward(Message message);

  SimTaskManager& owner_;
  SimWorld& world_;
  SimNetwork& network_;
  const proto::DeploySubtask deployment_;
  ActorId actor_;
  ActorId io_worker_;
  std::unique_ptr<SimSlot> slot_;
  std::vector<SimPeer> peers_;
  std::vector<SimSlotActor*> watchers_;  // slots that have this one as a peer
  Phase phase_ = Phase::kPrepared;
  bool finished_ = false;  // its committables are handed over: not ours to remove any more
  std::uint32_t pending_io_ = 0;
};

}  // namespace leat::sim
