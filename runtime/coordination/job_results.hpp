#pragma once

// A job's collected rows and the client that pulls them: credits to subtasks, waiting fetches, and
// whether the client is still there. With checkpoints a row is the client's once a checkpoint covers it.
// Single-threaded, part of a JobMaster.

#include <cstdint>
#include <optional>

#include "runtime/base/engine_time.hpp"
#include "runtime/coordination/job_attempt.hpp"
#include "runtime/coordination/job_manager_step.hpp"
#include "runtime/coordination/job_services.hpp"
#include "runtime/coordination/long_polls.hpp"
#include "runtime/coordination/result_buffer.hpp"
#include "serialization/proto/storage.pb.h"

namespace leat::runtime {

class JobResults {
 public:
  /// `continuous`: the job takes checkpoints by time.
  JobResults(JobServices& services, JobId job, const proto::SubmitJob& submission, bool continuous,
             Time now);

  /// What a manifest or commit holds, after a restart of the JobManager.
  template <class Stored>
  void recover(const Stored& stored) {
    recover(Attempt{stored.rows_attempt()}, stored.first_row(), stored.rows(),
            stored.unconfirmed_rows());
  }
  /// A new attempt runs. From the beginning, rows so far are void, and waiting fetches learn its number;
  /// `resumed`: from a checkpoint, what is visible stays.
  void restart(Attempt attempt, bool resumed, JobManagerStep& step);
  /// The label of the rows, in answers.
  [[nodiscard]] Attempt label() const { return buffer_.attempt(); }
  /// Rows of the running attempt. Those of a job without an attached client are dropped, with a
  /// line in the log: nobody will ever ask for them.
  void collect(std::uint32_t subtask, const proto::CollectRows& rows, const JobAttempt& attempt,
               JobManagerStep& step);
  /// `running`: the attempt to credit when rows are released, or null.
  void fetch(RequestId request, const proto::FetchResults& fetch, const JobAttempt* running,
             JobManagerStep& step);
  // With checkpoints.
  void checkpoint_begins(std::uint64_t checkpoint, const JobAttempt& attempt, JobManagerStep& step);
  /// It will not be completed.
  void checkpoint_ends() { barrier_.reset(); }
  void checkpoint_complete(std::uint64_t checkpoint, const JobAttempt* running,
                           JobManagerStep& step);
  /// Rows that the client may still need if the JobManager dies now.
  void save(std::uint64_t checkpoint, proto::StoredCheckpoint& into) const;
  void save_all(proto::StoredCommit& into) const;
  /// Those that no checkpoint covers are not the job's: it ends with the newest one.
  void forget_uncovered() { buffer_.forget_held(); }
  /// All rows of the job are there for good.
  void release_all(JobManagerStep& step);
  /// Subtasks wait for room that only a checkpoint can make.
  [[nodiscard]] bool wants_checkpoint() const {
    return buffer_.holds_rows() && buffer_.full_of_held();
  }
  [[nodiscard]] bool continuous() const { return buffer_.holds_rows(); }
  /// Going on from a checkpoint gives the client no row twice, and takes none from it: not so for rows that
  /// are visible at once, as without checkpoints by time.
  [[nodiscard]] bool exact_over_checkpoints() const {
    return continuous() || !collects_ || !attached_;
  }

  /// The job has ended: every waiting fetch is answered.
  void end(JobManagerStep& step);
  /// Answers what is due.
  void tick(JobManagerStep& step);

  /// The client has every row (there is none, or it has fetched from behind the last one).
  [[nodiscard]] bool drained() const { return buffer_.released() == buffer_.total(); }
  /// The client did something that shows it is there.
  void client_seen(Time now) { client_seen_ = now; }
  /// When an attached client that pulls nothing counts as gone; never if nobody is expected to
  /// pull.
  [[nodiscard]] Time client_gone_at() const;
  [[nodiscard]] Time next_deadline() const { return fetches_.next_deadline(); }

 private:
  struct Query {
    std::uint64_t offset = 0;
  };
  void recover(Attempt label, std::uint64_t first_row,
               const google::protobuf::RepeatedPtrField<std::string>& rows,
               std::uint64_t unconfirmed);
  template <class Stored>
  void save_rows(std::uint64_t checkpoint, Stored& into) const;
  /// What `fetch` asked for as a place in the current attempt; an error if those rows are gone.
  [[nodiscard]] Result<Query> resolve(const proto::FetchResults& fetch) const;
  void answer(RequestId request, const Query& query, JobManagerStep& step) const;
  void give_credits(const JobAttempt& attempt, JobManagerStep& step);
  [[nodiscard]] std::string whose() const;

  JobServices& services_;
  JobId job_;
  bool collects_ = false;
  bool attached_ = false;
  bool discarded_ = false;
  ResultBuffer buffer_;
  std::optional<std::uint64_t> barrier_;  // of the checkpoint under way
  LongPolls<Query> fetches_;
  Time client_seen_;
};

}  // namespace leat::runtime
