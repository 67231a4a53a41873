#include "runtime/coordination/submissions.hpp"

#include <algorithm>
#include <memory>
#include <set>
#include <string>
#include <utility>

#include "runtime/base/check.hpp"
#include "runtime/checkpointing/pieces.hpp"
#include "runtime/checkpointing/restore_plan.hpp"
#include "runtime/coordination/error_info.hpp"

namespace leat::runtime {

namespace {

constexpr Attempt kFirstAttempt{1};

/// The savepoint becomes the job's first checkpoint. It has no output of its own to commit. Its id stays:
/// later ones are above it, and so are the names of output files, which may go into the same directory.
void adopt(proto::StoredCheckpoint& manifest, JobId id, const proto::SubmitJob& job) {
  manifest.mutable_info()->set_path(job.restore_from());
  manifest.set_job_id(id.hex());
  manifest.set_job_name(job.name());
  manifest.set_attempt(number(kFirstAttempt));
  manifest.clear_commits();
  manifest.clear_first_row();
  manifest.clear_rows();
  manifest.clear_rows_attempt();
  manifest.clear_unconfirmed_rows();
  drop_unmatched(manifest, job.plan());
}

void clean(const AcceptedJob& job, JobManagerStep& step) {
  step.out.emplace_back(
      CleanOutputs{job.id, job.spec.submission().plan(), kFirstAttempt, /*ended=*/true});
}

}  // namespace

void Submissions::submit(RequestId request, JobId id, std::uint32_t parallelism,
                         const proto::SubmitJob& job, JobManagerStep& step) {
  if (doubtful_.contains(id)) {
    proto::SubmitReply reply;
    *reply.mutable_error() = to_error_info(
        Error(ErrorKind::kIo, "the JobManager could not store job " + id.hex() +
                                  " before, and cannot take that back yet: submit it again later"));
    return step.reply(request, std::move(reply));
  }
  const auto [entry, added] = pending_.try_emplace(id);
  Pending& pending = entry->second;
  if (!added) {
    if (pending.job.spec.submission().plan_sha256() == job.plan_sha256())
      return pending.job.submitters.push_back(request);
    proto::SubmitReply reply;
    *reply.mutable_error() = to_error_info(Error(
        ErrorKind::kUsage, "job id " + id.hex() + " is taken by another job: choose a new one"));
    return step.reply(request, std::move(reply));
  }
  pending.job.id = id;
  *pending.job.spec.mutable_submission() = job;
  pending.job.spec.set_parallelism(parallelism);
  pending.job.spec.set_submitted_unix_ms(services_.unix_ms(step.now));
  pending.job.submitters.push_back(request);
  if (job.restore_from().empty())
    return prepare(pending, step);
  pending.waits_for = services_.actions.issue(id);
  step.out.emplace_back(ReadSavepoint{pending.waits_for, job.restore_from()});
}

void Submissions::prepare(Pending& pending, JobManagerStep& step) {
  const AcceptedJob& job = pending.job;
  PrepareFrom from;
  if (job.savepoint)
    from = prepare_from(*job.savepoint);
  pending.waits_for = services_.actions.issue(job.id);
  step.out.emplace_back(PrepareJob{pending.waits_for, job.id, job.spec.submission().plan(),
                                   job.spec.parallelism(), std::move(from)});
}

void Submissions::on_savepoint_read(JobId id, ActionToken token,
                                    Result<proto::StoredCheckpoint> outcome, JobManagerStep& step) {
  Pending& pending = pending_.at(id);
  if (pending.waits_for != token)
    return;
  const proto::SubmitJob& job = pending.job.spec.submission();
  const std::string where = "savepoint '" + job.restore_from() + "'";
  if (!outcome)
    return refuse(id, outcome.error().within(where), step);
  auto manifest = std::make_shared<proto::StoredCheckpoint>(std::move(*outcome));
  // From here on its chunks are this job's.
  pending.job.savepoint = manifest;
  if (auto fits = check_restorable(*manifest, job.plan(), pending.job.spec.parallelism(),
                                   job.allow_non_restored_state());
      !fits)
    return refuse(id, fits.error().within(where), step);
  std::set<ChunkId> unmatched = chunks_of(*manifest);
  adopt(*manifest, id, job);
  for (const ChunkId chunk : chunks_of(*manifest))
    unmatched.erase(chunk);
  if (!unmatched.empty())
    step.out.emplace_back(ReleaseChunks{{unmatched.begin(), unmatched.end()}});
  prepare(pending, step);
}

void Submissions::cancel(RequestId request, JobId id) {
  pending_.at(id).job.cancels.push_back(request);
}

void Submissions::on_prepared(JobId id, ActionToken token, Result<PreparedJob> outcome,
                              JobManagerStep& step) {
  Pending& pending = pending_.at(id);
  if (pending.waits_for != token)
    return;
  if (!outcome)
    return refuse(id, outcome.error(), step);
  pending.job.prepared = std::move(outcome).value();
  if (!pending.job.cancels.empty())
    return refuse(id, Error(ErrorKind::kCancelled, "cancelled before it began"), step);
  persist(pending, step);
}

void Submissions::persist(Pending& pending, JobManagerStep& step) {
  const AcceptedJob& job = pending.job;
  proto::JobStatus status;
  status.set_job_id(job.id.hex());
  status.set_name(job.spec.submission().name());
  status.set_state(proto::JOB_CREATED);
  status.set_attempt(number(kFirstAttempt));
  status.set_requested_parallelism(job.spec.parallelism());
  status.set_start_time_ms(job.spec.submitted_unix_ms());
  pending.waits_for = services_.actions.issue(job.id);
  StorePairs writes{{spec_key(job.id), job.spec.SerializeAsString()},
                    {status_key(job.id), status.SerializeAsString()}};
  if (job.savepoint) {
    const std::uint64_t checkpoint = job.savepoint->info().id();
    writes.emplace_back(checkpoint_key(job.id, checkpoint), job.savepoint->SerializeAsString());
    writes.emplace_back(committed_key(job.id), std::to_string(checkpoint));
  }
  step.out.emplace_back(Persist{pending.waits_for, std::move(writes)});
}

std::optional<AcceptedJob> Submissions::on_persisted(JobId id, ActionToken token,
                                                     const Result<void>& outcome,
                                                     JobManagerStep& step) {
  Pending& pending = pending_.at(id);
  if (pending.waits_for != token)
    return std::nullopt;
  if (!outcome) {
    forget(pending, step);
    doubtful_.at(id).chunks =
        take_back(id, outcome.error().within("the JobManager could not store the job"), step);
    return std::nullopt;
  }
  AcceptedJob accepted = std::move(pending.job);
  pending_.erase(id);
  return accepted;
}

// ---- refused ones ----

void Submissions::forget(const Pending& pending, JobManagerStep& step) {
  const JobId id = pending.job.id;
  StorePairs removals{{spec_key(id), {}}, {status_key(id), {}}, {committed_key(id), {}}};
  if (pending.job.savepoint)
    removals.emplace_back(checkpoint_key(id, pending.job.savepoint->info().id()), "");
  const auto [entry, added] = doubtful_.try_emplace(id, Doubtful{JobJournal(services_, id), {}});
  LEAT_CHECK(added);
  entry->second.deletion.write(JournalEntry::kSubmissionForgotten, std::move(removals), step);
}

bool Submissions::on_forgotten(JobId id, ActionToken token, const Result<void>& outcome,
                               JobManagerStep& step) {
  const auto entry = doubtful_.find(id);
  if (entry == doubtful_.end())
    return false;
  if (entry->second.deletion.on_persisted(token, outcome, step)) {
    if (!entry->second.chunks.empty())
      step.out.emplace_back(ReleaseChunks{std::move(entry->second.chunks)});
    doubtful_.erase(entry);
  }
  return true;
}

void Submissions::tick(JobManagerStep& step) {
  for (auto& [id, doubtful] : doubtful_)
    doubtful.deletion.tick(step);
}

Time Submissions::next_deadline() const {
  Time earliest = Time::max();
  for (const auto& [id, doubtful] : doubtful_)
    earliest = std::min(earliest, doubtful.deletion.next_deadline());
  return earliest;
}

void Submissions::refuse(JobId id, const Error& error, JobManagerStep& step) {
  std::vector<ChunkId> chunks = take_back(id, error, step);
  if (!chunks.empty())
    step.out.emplace_back(ReleaseChunks{std::move(chunks)});
}

std::vector<ChunkId> Submissions::take_back(JobId id, const Error& error, JobManagerStep& step) {
  const auto entry = pending_.extract(id);
  LEAT_CHECK(!entry.empty());
  const AcceptedJob& job = entry.mapped().job;
  step.log(
      LogLevel::kWarn, "job_refused",
      {{"job", id.hex()}, {"name", job.spec.submission().name()}, {"reason", error.message()}});
  clean(job, step);
  proto::SubmitReply refused;
  *refused.mutable_error() = to_error_info(error);
  for (const RequestId submitter : job.submitters)
    step.reply(submitter, refused);
  for (const RequestId request : job.cancels)
    step.reply(request, proto::CancelReply{});
  const std::set<ChunkId> chunks = job.savepoint ? chunks_of(*job.savepoint) : std::set<ChunkId>();
  return {chunks.begin(), chunks.end()};
}

}  // namespace leat::runtime
