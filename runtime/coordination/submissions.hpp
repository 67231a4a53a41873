#pragma once

// Jobs on their way in: checked, its savepoint read, prepared, stored, and only then answered. A refused
// one leaves nothing, neither in the stores nor beside its outputs; a repeated one joins the first. One whose
// write was refused may be stored all the same: it is deleted until that succeeds, and its id is taken meanwhile.
// Single-threaded, owned by the JobManagerCore.

#include <map>
#include <optional>
#include <vector>

#include "runtime/base/ids.hpp"
#include "runtime/coordination/job_journal.hpp"
#include "runtime/coordination/job_manager_step.hpp"
#include "runtime/coordination/job_services.hpp"
#include "runtime/coordination/prepared_job.hpp"
#include "runtime/coordination/stored_jobs.hpp"

namespace leat::runtime {

/// A job whose spec is durable: it exists. `submitters` are answered by whoever takes it over, and
/// `cancels` handed to it.
struct AcceptedJob {
  JobId id;
  proto::StoredJobSpec spec;
  PreparedJob prepared;
  RetainedCheckpoints::Manifest
      savepoint;  ///< what it begins with, as its first checkpoint; or null
  std::vector<RequestId> submitters;
  std::vector<RequestId> cancels;
};

class Submissions {
 public:
  explicit Submissions(JobServices& services) : services_(services) {}

  /// Precondition: check_submission() passed and no job of this id exists.
  void submit(RequestId request, JobId id, std::uint32_t parallelism, const proto::SubmitJob& job,
              JobManagerStep& step);
  /// Precondition: contains(id). Answered when it is decided whether there is anything to cancel.
  void cancel(RequestId request, JobId id);
  [[nodiscard]] bool contains(JobId id) const { return pending_.contains(id); }

  /// Precondition for these: contains(id).
  void on_savepoint_read(JobId id, ActionToken token, Result<proto::StoredCheckpoint> outcome,
                         JobManagerStep& step);
  void on_prepared(JobId id, ActionToken token, Result<PreparedJob> outcome, JobManagerStep& step);
  [[nodiscard]] std::optional<AcceptedJob> on_persisted(JobId id, ActionToken token,
                                                        const Result<void>& outcome,
                                                        JobManagerStep& step);

  /// True if the write was the deletion of a refused one.
  bool on_forgotten(JobId id, ActionToken token, const Result<void>& outcome, JobManagerStep& step);
  void tick(JobManagerStep& step);
  [[nodiscard]] Time next_deadline() const;

 private:
  struct Pending {
    AcceptedJob job;
    ActionToken waits_for{};
  };
  /// Refused, and maybe stored all the same.
  struct Doubtful {
    JobJournal deletion;
    std::vector<ChunkId> chunks;  ///< of its savepoint
  };
  void forget(const Pending& pending, JobManagerStep& step);
  void prepare(Pending& pending, JobManagerStep& step);
  void persist(Pending& pending, JobManagerStep& step);
  /// Returns the chunks of its savepoint, which nobody refers to then.
  [[nodiscard]] std::vector<ChunkId> take_back(JobId id, const Error& error, JobManagerStep& step);
  void refuse(JobId id, const Error& error, JobManagerStep& step);

  JobServices& services_;
  std::map<JobId, Pending> pending_;
  std::map<JobId, Doubtful> doubtful_;
};

}  // namespace leat::runtime
