#pragma once

// The TaskManagers that are alive, as the JobManager sees them. Alive means both directions work:
// heartbeats arrive and echo answers that were sent since registration (a heartbeat that echoes
// nothing new proves only that one direction works). Single-threaded, owned by the JobManagerCore.
// Invariant: incarnations and ids are unique among the registered.

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "runtime/base/engine_time.hpp"
#include "runtime/base/ids.hpp"
#include "runtime/base/result.hpp"
#include "serialization/proto/control.pb.h"

namespace leat::runtime {

struct TaskManagerInfo {
  Incarnation incarnation;
  std::string id;
  std::string data_host;  ///< empty: the JobManager's own process
  std::uint32_t data_port = 0;
  std::uint32_t slots = 0;
  std::uint32_t protocol_version = 0;   ///< the one to talk in
  bool leaving = false;                 ///< gets no more subtasks
  Time alive_at{};                      ///< when both directions were last seen to work
  std::uint64_t answered_sequence = 0;  ///< of the newest heartbeat answered
  std::uint64_t echoed_sequence = 0;    ///< newest answer it has confirmed
};

class TaskManagerRegistry {
 public:
  explicit TaskManagerRegistry(Duration timeout) : timeout_(timeout) {}

  /// Whether `message` may register, in words if not: no protocol version in common (kProtocol, for
  /// good), nonsense (kProtocol), or an id that another live incarnation holds (kUnreachable: that
  /// one may just not have been noticed dead yet, so try again). An incarnation that is registered
  /// already may register anew; the caller removes it first, as everything it held is gone.
  [[nodiscard]] Result<TaskManagerInfo> check(const proto::RegisterTaskManager& message) const;
  /// Precondition: check() accepted it and its incarnation is not registered.
  void add(TaskManagerInfo task_manager, Time now);
  void remove(Incarnation incarnation) { alive_.erase(incarnation); }

  /// False if the incarnation is not registered. The caller answers what this accepted.
  [[nodiscard]] bool heartbeat(Incarnation from, const proto::Heartbeat& message, Time now);
  /// It has said that it leaves. False if that was known, or it is not registered.
  bool note_leaving(Incarnation task_manager);
  [[nodiscard]] bool leaving(Incarnation task_manager) const;
  /// This process itself stood still: what was sent meanwhile has yet to be read. Nobody is called
  /// silent for it; the timeout begins anew.
  void forgive(Time now);
  /// Silent for the timeout or longer.
  [[nodiscard]] std::vector<Incarnation> silent(Time now) const;
  [[nodiscard]] Time next_deadline() const;

  [[nodiscard]] const TaskManagerInfo* find(Incarnation incarnation) const;
  /// The id for people; the incarnation if it is not registered.
  [[nodiscard]] std::string name(Incarnation incarnation) const;
  [[nodiscard]] const std::map<Incarnation, TaskManagerInfo>& all() const { return alive_; }

 private:
  Duration timeout_;
  std::map<Incarnation, TaskManagerInfo> alive_;
};

}  // namespace leat::runtime
