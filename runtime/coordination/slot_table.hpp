#pragma once

// The slots of one TaskManager: what sits in each and how far it has come. Single-threaded, part of
// the TaskManagerCore. Invariant: each deployment accepted is answered by exactly one Released,
// when nothing of it is left; a slot never holds two subtasks, a newer one waits until the older
// one is gone.

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "runtime/base/ids.hpp"
#include "runtime/base/result.hpp"
#include "runtime/coordination/subtask_key.hpp"
#include "runtime/coordination/task_manager_step.hpp"
#include "runtime/metrics/task_manager_figures.hpp"

namespace leat::runtime {

class SlotTable {
 public:
  explicit SlotTable(std::uint32_t slots) : slots_(slots) {}

  // From the JobManager; the caller has checked the epoch.
  void deploy(const proto::DeploySubtask& message, TaskManagerStep& step);
  void start(const proto::SubtaskRef& ref, TaskManagerStep& step);
  void release(JobId job, Attempt up_to, TaskManagerStep& step);
  /// A finished slot still takes part in checkpoints.
  template <class Message>
  void pass_on(const Message& message, TaskManagerStep& step) {
    const Slot* slot = find(message.ref());
    if (slot != nullptr && (slot->phase == Phase::kStarted || slot->phase == Phase::kFinished))
      step.out.emplace_back(ToSlot{message});
  }

  // From below.
  void artefact(const std::string& sha256, const Result<void>& outcome, TaskManagerStep& step);
  /// Passes on what is news from a slot that is wanted.
  void slot_event(const proto::SubtaskEvent& event, TaskManagerStep& step);
  void slot_gone(const proto::SubtaskRef& ref, TaskManagerStep& step);
  void metrics(const proto::SubtaskMetrics& metrics);

  /// Ends everything; `reason` is reported for what was still at work.
  void stop_all(const Error& reason, TaskManagerStep& step);
  /// A new registration: attempts released before it no longer matter.
  void forget_releases() { released_.clear(); }

  [[nodiscard]] bool holds(const proto::SubtaskRef& ref) { return find(ref) != nullptr; }
  [[nodiscard]] bool any_at_work() const;
  /// Slots in which something of a subtask is left.
  [[nodiscard]] std::size_t in_use() const;
  [[nodiscard]] bool any_in_use() const { return in_use() > 0; }
  [[nodiscard]] std::uint64_t deployed_total() const { return deployed_; }
  /// Deployments that ended in a failure, the slot's own or its TaskManager's.
  [[nodiscard]] std::uint64_t failed_total() const { return failed_; }
  [[nodiscard]] std::vector<SubtaskFigures> subtasks() const;
  void append_metrics(proto::Heartbeat& heartbeat) const;

 private:
  enum class Phase {
    kFree,
    kFetching,  // waits for the job object; no slot actor yet
    kBroken,    // failed without a slot actor; waits to be released
    kSpawning,
    kDeployed,
    kStarted,
    kFinished,
    kFailed,    // the slot actor still there
    kStopping,  // waits for the slot actor to be gone
  };
  struct Slot {
    Phase phase = Phase::kFree;
    proto::DeploySubtask deployment;
    std::optional<proto::DeploySubtask> next;  // waits for this one to be gone
    proto::SubtaskMetrics metrics;
  };

  void report_failed(const proto::SubtaskRef& ref, const Error& error, TaskManagerStep& step);
  void occupy(Slot& slot, const proto::DeploySubtask& message, TaskManagerStep& step);
  void stop(Slot& slot, TaskManagerStep& step);
  void vacate(Slot& slot, TaskManagerStep& step);
  [[nodiscard]] Slot* find(const proto::SubtaskRef& ref);
  [[nodiscard]] bool was_released(const proto::SubtaskRef& ref) const;

  std::vector<Slot> slots_;
  std::set<std::string> artefacts_;    // here
  std::set<std::string> fetching_;     // on their way
  std::map<JobId, Attempt> released_;  // newest attempt released, by job
  std::uint64_t deployed_ = 0;
  std::uint64_t failed_ = 0;
};

}  // namespace leat::runtime
