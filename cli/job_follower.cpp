#include "cli/job_follower.hpp"

#include <chrono>
#include <string>

#include "cli/status_text.hpp"
#include "runtime/coordination/error_info.hpp"

namespace leat::cli {

namespace {

/// How long a request waits for news: short enough that Ctrl-C is obeyed without delay.
constexpr std::chrono::milliseconds kWait{100};

}  // namespace

Result<proto::JobStatus> JobFollower::follow(const FollowedJob& job) {
  job_ = job;
  rows_ended_ = !job.collects;
  while (!done()) {
    if (const auto failure = interruption_.failure())
      return *failure;
    cancel_if_asked();
    if (!rows_ended_) {
      auto pulled = pull_rows();
      if (!pulled && !interruption_.pending())
        return pulled.error();
    }
    const bool news_due = rows_ended_ || clock_.now() - looked_at_ >= kWait;
    if (!news_due)
      continue;
    auto looked = look(rows_ended_ ? Duration(kWait) : Duration::zero());
    if (!looked && !interruption_.pending())
      return looked.error();
  }
  progress_.clear();
  return status_;
}

/// A job that did not finish may never say that its rows have ended.
bool JobFollower::done() const {
  return has_ended(status_.state()) && (rows_ended_ || status_.state() != proto::JOB_FINISHED);
}

Result<void> JobFollower::pull_rows() {
  proto::FetchResults request;
  request.set_job_id(job_.id.hex());
  request.set_attempt(rows_.attempt());
  request.set_offset(rows_.offset());
  request.set_max_wait_ms(static_cast<std::uint32_t>(kWait.count()));
  const auto batch = client_.fetch(request);
  if (!batch)
    return batch.error();
  if (runtime::is_error(batch->error()))
    return runtime::to_error(batch->error());
  if (batch->rows_size() > 0)
    progress_.clear();
  if (auto added = rows_.add(*batch); !added)
    return added;
  rows_ended_ = batch->end();
  if (rows_.printed_rows_are_void())
    progress_.notice("The job has started again: rows printed so far are void and come again.");
  return {};
}

Result<void> JobFollower::look(Duration max_wait) {
  auto status = client_.watch(job_.id, status_.version(), max_wait);
  if (!status)
    return status.error();
  if (runtime::is_error(status->error()))
    return runtime::to_error(status->error());
  status_ = std::move(*status);
  looked_at_ = clock_.now();
  tell_restart();
  progress_.update(status_, looked_at_);
  return {};
}

void JobFollower::tell_restart() {
  if (status_.attempt() <= told_attempt_ || has_ended(status_.state()))
    return;
  // A job that is rescaled, or taken up by another JobManager, has not failed.
  if (status_.restarts() > told_restarts_) {
    std::string sentence = "Attempt " + std::to_string(status_.attempt() - 1) + " failed";
    if (runtime::is_error(status_.failure()))
      sentence += ": " + status_.failure().message();
    progress_.notice(sentence);
  }
  const bool goes_on = status_.completed_checkpoints() > 0;
  progress_.notice(std::string("The job ") +
                   (goes_on ? "goes on from its newest checkpoint" : "is started again") +
                   ", as attempt " + std::to_string(status_.attempt()) + ".");
  told_attempt_ = status_.attempt();
  told_restarts_ = status_.restarts();
}

void JobFollower::cancel_if_asked() {
  if (!interruption_.pending())
    return;
  interruption_.obey();
  progress_.notice("Cancelling job " + job_.id.hex() + " (again Ctrl-C leaves at once).");
  // A refusal means that it has ended by itself; the next look tells how.
  (void)client_.cancel(job_.id);
}

}  // namespace leat::cli
