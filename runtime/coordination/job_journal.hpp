#pragma once

// The writes of one job to the metadata store: one at a time under way, a newer one supersedes an
// older (each holds the whole status), a refused one is repeated. Single-threaded, part of a
// JobMaster.

#include <optional>

#include "runtime/base/engine_time.hpp"
#include "runtime/base/result.hpp"
#include "runtime/coordination/job_manager_step.hpp"
#include "runtime/coordination/job_services.hpp"
#include "runtime/coordination/restart_policy.hpp"
#include "runtime/coordination/stored_jobs.hpp"

namespace leat::runtime {

/// What becomes certain with a write.
enum class JournalEntry {
  kAttempt,     ///< the next attempt's number is used up
  kCommit,      ///< the commit point
  kCancelling,  ///< the job will not run again, also after a restart of the JobManager
  kFailing,
  kEnded,
  kCommitsNoted,         ///< the newest checkpoint's output is committed; old manifests are gone
  kCheckpointForgotten,  ///< a manifest whose write was refused is not there
  kRescaled,             ///< the parallelism asked for
  kSavepointNoted,       ///< where a savepoint lies, under its trigger
  kSubmissionForgotten,  ///< a job whose first write was refused is not there
};

class JobJournal {
 public:
  JobJournal(JobServices& services, JobId job);

  void write(JournalEntry entry, StorePairs writes, JobManagerStep& step);
  /// The entry that is durable now; nothing if the write was superseded or refused.
  std::optional<JournalEntry> on_persisted(ActionToken token, const Result<void>& outcome,
                                           JobManagerStep& step);
  void tick(JobManagerStep& step);

  [[nodiscard]] bool pending() const { return pending_.has_value(); }
  /// The write under way has been refused at least once.
  [[nodiscard]] bool refused() const { return pending_ && pending_->refused; }
  [[nodiscard]] Time next_deadline() const;

 private:
  struct Pending {
    JournalEntry entry;
    StorePairs writes;
    std::optional<ActionToken> token;  // none while waiting to be repeated
    Time repeat_at{};
    bool refused = false;
  };
  void issue(JobManagerStep& step);

  JobServices& services_;
  JobId job_;
  RestartBackoff backoff_;
  std::optional<Pending> pending_;
};

}  // namespace leat::runtime
