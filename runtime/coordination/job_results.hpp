#pragma once

// A job's collected rows and the client that pulls them: credits to subtasks, waiting fetches, and
// whether the client is still there. Single-threaded, part of a JobMaster.

#include <cstdint>

#include "runtime/base/engine_time.hpp"
#include "runtime/coordination/job_attempt.hpp"
#include "runtime/coordination/job_manager_step.hpp"
#include "runtime/coordination/job_services.hpp"
#include "runtime/coordination/long_polls.hpp"
#include "runtime/coordination/result_buffer.hpp"

namespace leat::runtime {

class JobResults {
 public:
  JobResults(JobServices& services, JobId job, const proto::SubmitJob& submission, Time now);

  /// A new attempt runs: rows so far are void, waiting fetches learn its number.
  void restart(Attempt attempt, JobManagerStep& step);
  /// Rows of the running attempt. Those of a job without an attached client are dropped, with a
  /// line in the log: nobody will ever ask for them.
  void collect(std::uint32_t subtask, const proto::CollectRows& rows, const JobAttempt& attempt,
               JobManagerStep& step);
  /// `running`: the attempt to credit when rows are released, or null.
  void fetch(RequestId request, const proto::FetchResults& fetch, const JobAttempt* running,
             JobManagerStep& step);
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
  /// What `fetch` asked for as a place in the current attempt; an error if those rows are gone.
  [[nodiscard]] Result<Query> resolve(const proto::FetchResults& fetch) const;
  void answer(RequestId request, const Query& query, JobManagerStep& step) const;
  void give_credits(const JobAttempt& attempt, JobManagerStep& step);

  JobServices& services_;
  JobId job_;
  bool collects_ = false;
  bool attached_ = false;
  bool discarded_ = false;
  ResultBuffer buffer_;
  LongPolls<Query> fetches_;
  Time client_seen_;
};

}  // namespace leat::runtime
