#include "runtime/coordination/subtask_key.hpp"

namespace leat::runtime {

std::optional<SubtaskKey> to_key(const proto::SubtaskRef& ref) {
  const auto job = JobId::parse(ref.job_id(), "job id");
  if (!job)
    return std::nullopt;
  return SubtaskKey{*job, Attempt{ref.attempt()}, ref.subtask()};
}

proto::SubtaskRef to_ref(Epoch epoch, const SubtaskKey& key) {
  proto::SubtaskRef ref;
  ref.set_epoch(number(epoch));
  ref.set_job_id(key.job.hex());
  ref.set_attempt(number(key.attempt));
  ref.set_subtask(key.subtask);
  return ref;
}

proto::ReleaseAttempt make_release(Epoch epoch, JobId job, Attempt attempt) {
  proto::ReleaseAttempt release;
  release.set_epoch(number(epoch));
  release.set_job_id(job.hex());
  release.set_attempt(number(attempt));
  return release;
}

}  // namespace leat::runtime
