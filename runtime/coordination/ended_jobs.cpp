#include "runtime/coordination/ended_jobs.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "runtime/base/check.hpp"
#include "runtime/coordination/error_info.hpp"
#include "runtime/coordination/job_state.hpp"
#include "runtime/coordination/result_buffer.hpp"
#include "runtime/coordination/subtask_key.hpp"

namespace leat::runtime {

std::vector<JobId> EndedJobs::add(JobId job, proto::JobStatus status, Attempt rows) {
  LEAT_CHECK(has_ended(status.state()));
  jobs_.push_back({job, std::move(status), rows});
  std::vector<JobId> gone;
  while (jobs_.size() > kept_) {
    gone.push_back(jobs_.front().id);
    jobs_.pop_front();
  }
  return gone;
}

const EndedJobs::Entry* EndedJobs::entry(JobId job) const {
  const auto found = std::find_if(jobs_.begin(), jobs_.end(),
                                  [job](const Entry& entry) { return entry.id == job; });
  return found == jobs_.end() ? nullptr : &*found;
}

const proto::JobStatus* EndedJobs::find(JobId job) const {
  const Entry* found = entry(job);
  return found == nullptr ? nullptr : &found->status;
}

void EndedJobs::append_to(proto::JobList& list) const {
  for (const Entry& entry : jobs_)
    *list.add_jobs() = entry.status;
}

std::uint64_t EndedJobs::count(proto::JobState state) const {
  return static_cast<std::uint64_t>(
      std::count_if(jobs_.begin(), jobs_.end(),
                    [state](const Entry& job) { return job.status.state() == state; }));
}

proto::CancelReply EndedJobs::cancel(JobId job) const {
  const proto::JobStatus* status = find(job);
  LEAT_CHECK(status != nullptr);
  proto::CancelReply reply;
  if (status->state() != proto::JOB_CANCELED)  // a repeated cancel is recognised
    *reply.mutable_error() =
        to_error_info(Error(ErrorKind::kUsage, "job " + job.hex() + " ('" + status->name() +
                                                   "') has ended already: it is " +
                                                   std::string(state_name(status->state()))));
  return reply;
}

proto::ResultBatch EndedJobs::fetch(JobId job, const proto::FetchResults& fetch) const {
  const Entry* found = entry(job);
  LEAT_CHECK(found != nullptr);
  const proto::JobStatus* status = &found->status;
  const bool continuous = fetch.attempt() == number(ResultBuffer::kContinuous);
  // Rows may be older than the last attempt, if that went on from a checkpoint.
  const bool may_be_older =
      number(found->rows) == 0 && fetch.attempt() != 0 && fetch.attempt() < status->attempt();
  const std::uint32_t label = continuous || may_be_older ? fetch.attempt()
                              : number(found->rows) != 0 ? number(found->rows)
                                                         : status->attempt();
  proto::ResultBatch batch;
  batch.set_attempt(label);
  batch.set_offset(fetch.offset());
  batch.set_end(true);
  // A finished job had its rows fetched before its commit point, by the client of that attempt.
  const bool stranger = fetch.attempt() != 0 && fetch.attempt() != label;
  if (stranger && status->state() == proto::JOB_FINISHED)
    *batch.mutable_error() = to_error_info(
        Error(ErrorKind::kUsage, "the results of job " + job.hex() + " are those of attempt " +
                                     std::to_string(status->attempt()) +
                                     " and were fetched before: run the job again"));
  return batch;
}

}  // namespace leat::runtime
