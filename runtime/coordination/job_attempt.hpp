#pragma once

// One deployment of a job: which subtask sits in which slot and how far it has come, and the
// messages that deploy, start and release it. Single-threaded, part of a JobMaster; decides nothing
// about the job. A subtask only moves forward; what arrives twice or late changes nothing.

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "runtime/base/ids.hpp"
#include "runtime/coordination/job_manager_step.hpp"
#include "runtime/coordination/job_services.hpp"
#include "runtime/metrics/job_manager_figures.hpp"
#include "serialization/proto/control.pb.h"
#include "serialization/proto/storage.pb.h"

namespace leat::runtime {

enum class SubtaskProgress { kDeploying, kDeployed, kRunning, kFinished };

class JobAttempt {
 public:
  /// Takes the slots, one per subtask. Precondition: they are free.
  JobAttempt(JobServices& services, JobId job, Attempt attempt, const std::vector<SlotId>& slots);

  /// `restores`: one per subtask, or none to start from nothing.
  void deploy(const proto::SubmitJob& job, const std::vector<std::string>& output_nonces,
              std::vector<proto::RestoreSubtask> restores, JobManagerStep& step);
  void start(JobManagerStep& step);
  /// Once; tells each TaskManager that holds something of this attempt.
  void release(JobManagerStep& step);

  /// To each subtask that holds a slot, with its reference filled in.
  template <class Message>
  void send_to_all(Message message, JobManagerStep& step) const {
    for (std::size_t subtask = 0; subtask < rows_.size(); ++subtask) {
      if (!rows_[subtask].holds_slot)
        continue;
      *message.mutable_ref() = to_ref(services_.epoch, key(subtask));
      step.send(rows_[subtask].slot.task_manager, message);
    }
  }

  /// False if the subtask does not exist or has come as far before.
  bool advance(std::uint32_t subtask, SubtaskProgress progress);
  /// Keeps what a finished subtask has counted and has to commit, without what is in `covered`
  /// (serialized): that belongs to a complete checkpoint.
  void finished(std::uint32_t subtask, const proto::SubtaskEvent::Finished& result,
                const std::set<std::string>& covered);
  /// Output of finished subtasks that belongs to a complete checkpoint now.
  void forget_output(const std::set<std::string>& covered);
  /// What a finished subtask has to commit and no checkpoint covers. Precondition: it exists.
  [[nodiscard]] const proto::SubtaskCommit& finished_output(std::uint32_t subtask) const {
    return rows_.at(subtask).commit;
  }
  void metrics(const proto::SubtaskMetrics& metrics);
  /// Keeps what a failed subtask says of its peers until report_unreachable().
  void failed(std::uint32_t subtask, const proto::SubtaskEvent::Failed& failure);
  /// Tells which TaskManagers could not reach each other. Called when all subtasks have had their say: a
  /// peer that failed for a reason of its own was not there to be reached, and proves nothing about the
  /// network.
  void report_unreachable(Time now);
  /// The subtask's slot is free, or lost. False if it was before.
  bool slot_gone(std::uint32_t subtask);
  /// Marks all slots there as gone. False if there was none.
  bool task_manager_lost(Incarnation task_manager);

  [[nodiscard]] bool runs_on(std::uint32_t subtask, Incarnation task_manager) const;
  /// Where subtask was placed, also after its slot is gone. Precondition: it exists.
  [[nodiscard]] Incarnation task_manager_of(std::uint32_t subtask) const;
  [[nodiscard]] bool all_reached(SubtaskProgress progress) const;
  [[nodiscard]] std::uint32_t slots_held() const;
  /// Those it holds on TaskManagers that stay.
  [[nodiscard]] std::vector<SlotId> slots() const;
  /// It holds a slot of a TaskManager that leaves.
  [[nodiscard]] bool on_leaving() const;
  [[nodiscard]] std::uint32_t parallelism() const {
    return static_cast<std::uint32_t>(rows_.size());
  }
  [[nodiscard]] Attempt attempt() const { return attempt_; }
  [[nodiscard]] std::uint64_t records_in() const { return counts().records_read; }
  [[nodiscard]] std::uint64_t records_out() const { return counts().records_written; }
  [[nodiscard]] RecordCounts counts() const;
  /// What all finished subtasks have to make visible.
  [[nodiscard]] proto::StoredCommit commit() const;

 private:
  struct Row {
    SlotId slot;
    SubtaskProgress progress = SubtaskProgress::kDeploying;
    bool holds_slot = true;
    bool failed_itself = false;  // for another reason than a peer
    std::vector<std::uint32_t> unreachable_peers;
    RecordCounts counts;
    proto::SubtaskCommit commit;
  };
  /// Also for all jobs together. Counts only grow within an attempt: a report older than the final one is late.
  void count(Row& row, const RecordCounts& reported);
  [[nodiscard]] SubtaskKey key(std::size_t subtask) const {
    return {job_, attempt_, static_cast<std::uint32_t>(subtask)};
  }

  JobServices& services_;
  JobId job_;
  Attempt attempt_;
  std::vector<Row> rows_;  // by subtask
  bool released_ = false;
};

}  // namespace leat::runtime
