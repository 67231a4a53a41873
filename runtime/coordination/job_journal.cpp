#include "runtime/coordination/job_journal.hpp"

#include <utility>

namespace leat::runtime {

namespace {
RestartBackoffOptions repeat_options(const JobManagerOptions& options) {
  RestartBackoffOptions repeat;
  repeat.first_at_once = false;
  repeat.initial = options.repeat_initial;
  return repeat;
}
}  // namespace

JobJournal::JobJournal(JobServices& services, JobId job)
    : services_(services),
      job_(job),
      backoff_(repeat_options(services.options), services.random()) {}

void JobJournal::write(JournalEntry entry, StorePairs writes, JobManagerStep& step) {
  pending_ = Pending{entry, std::move(writes), std::nullopt, {}, false};
  issue(step);
}

void JobJournal::issue(JobManagerStep& step) {
  pending_->token = services_.actions.issue(job_);
  step.out.emplace_back(Persist{*pending_->token, pending_->writes});
}

std::optional<JournalEntry> JobJournal::on_persisted(ActionToken token, const Result<void>& outcome,
                                                     JobManagerStep& step) {
  if (!pending_ || pending_->token != token)
    return std::nullopt;
  if (!outcome) {
    pending_->refused = true;
    pending_->token.reset();
    pending_->repeat_at = step.now + backoff_.next();
    step.log(LogLevel::kError, "job_write_refused",
             {{"job", job_.hex()}, {"reason", outcome.error().message()}, {"action", "repeat"}});
    return std::nullopt;
  }
  const JournalEntry entry = pending_->entry;
  pending_.reset();
  backoff_.reset();
  return entry;
}

void JobJournal::tick(JobManagerStep& step) {
  if (pending_ && !pending_->token && step.now >= pending_->repeat_at)
    issue(step);
}

Time JobJournal::next_deadline() const {
  return pending_ && !pending_->token ? pending_->repeat_at : Time::max();
}

}  // namespace leat::runtime
