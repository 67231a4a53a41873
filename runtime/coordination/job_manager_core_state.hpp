#pragma once

// What a JobManagerCore consists of, shared by its source files. Single-threaded.

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "runtime/checkpointing/retained_checkpoints.hpp"
#include "runtime/coordination/ended_jobs.hpp"
#include "runtime/coordination/job_manager_core.hpp"
#include "runtime/coordination/job_manager_step.hpp"
#include "runtime/coordination/job_master.hpp"
#include "runtime/coordination/job_services.hpp"
#include "runtime/coordination/late_clean_ups.hpp"
#include "runtime/coordination/stored_jobs.hpp"
#include "runtime/coordination/submissions.hpp"
#include "runtime/coordination/volume_health.hpp"

namespace leat::runtime {

/// Invariant: an id is in at most one of submissions, jobs and ended.
struct JobManagerCore::State {
  State(const JobManagerOptions& options, Epoch epoch, std::uint64_t seed, std::int64_t unix_ms)
      : services(options, epoch, seed, unix_ms),
        submissions(services),
        ended(options.ended_jobs_kept) {}

  JobServices services;
  Submissions submissions;
  std::vector<std::unique_ptr<JobMaster>> jobs;  // in order of submission: first come, first served
  EndedJobs ended;
  std::map<JobId, RetainedCheckpoints> kept;  // of failed jobs
  std::set<JobId> left_alone;                 // what is stored of them does not decode
  VolumeHealth volume;
  LateCleanUps late_clean_ups;

  void check_chunks(const StoredJobs& found, JobManagerStep& step);
  void clean_up_again(JobId job, const proto::StoredCleanUp& left, JobManagerStep& step);
  void forget(JobId ended_job, StorePairs& writes, JobManagerStep& step);
  void persist_unattended(StorePairs writes, JobManagerStep& step);
  void recover(const StorePairs& stored, JobManagerStep& step);
  [[nodiscard]] JobMaster* find(JobId id) const;
  void accept(AcceptedJob accepted, JobManagerStep& step);
  void lose(Incarnation task_manager, const std::string& reason, JobManagerStep& step);
  // Leaving: job_manager_core_leaving.cpp.
  /// Its heartbeat says that it leaves. True if it may: then it is forgotten.
  [[nodiscard]] bool leave(Incarnation task_manager, JobManagerStep& step);
  /// Nothing that a job needs is there.
  [[nodiscard]] bool can_do_without(Incarnation task_manager) const;
  /// What any event may have made possible; closes every public function that changes something.
  void settle(JobManagerStep& step);
  void retire(JobManagerStep& step);
  void release_unless_held(const SubtaskKey& deployed, Incarnation on, JobManagerStep& step);
  void hand_out_slots(JobManagerStep& step);
  [[nodiscard]] std::optional<SubtaskKey> current_key(const proto::SubtaskRef& ref) const;
};

}  // namespace leat::runtime
