#include "runtime/coordination/job_savepoints.hpp"

#include <algorithm>
#include <chrono>
#include <sstream>
#include <string_view>
#include <utility>

#include "runtime/coordination/error_info.hpp"
#include "runtime/coordination/stored_jobs.hpp"

namespace leat::runtime {

namespace {

/// What another cluster can use: output is committed and rows are the client's, here.
proto::StoredCheckpoint portable(const proto::StoredCheckpoint& manifest) {
  proto::StoredCheckpoint copy = manifest;
  copy.clear_commits();
  copy.clear_first_row();
  copy.clear_rows();
  copy.clear_rows_attempt();
  copy.clear_unconfirmed_rows();
  return copy;
}

/// What the job does when it is written.
constexpr std::string_view kGoesOn = "goes-on";
constexpr std::string_view kStops = "stops";
constexpr std::string_view kDrains = "drains";

std::string_view what_then(const proto::TriggerSavepoint& request) {
  if (!request.stop())
    return kGoesOn;
  return request.drain() ? kDrains : kStops;
}

}  // namespace

bool JobSavepoints::decodes(const std::string& noted) {
  std::istringstream lines(noted);
  for (std::string trigger_id; std::getline(lines, trigger_id, ' ');) {
    std::string then;
    std::string path;
    std::getline(lines, then, ' ');
    const bool whole = static_cast<bool>(std::getline(lines, path, '\0')) && !lines.eof();
    if (!whole || (then != kGoesOn && then != kStops && then != kDrains))
      return false;
  }
  return true;
}

void JobSavepoints::recover(const std::string& noted) {
  std::istringstream lines(noted);
  std::string trigger_id;
  while (std::getline(lines, trigger_id, ' ')) {
    Savepoint known;
    std::string then;
    std::getline(lines, then, ' ');
    std::getline(lines, known.path, '\0');
    known.request.set_trigger_id(trigger_id);
    known.request.set_stop(then != kGoesOn);
    known.request.set_drain(then == kDrains);
    known.phase = known.request.stop() ? Phase::kStopping : Phase::kDone;
    savepoints_.push_back(std::move(known));
  }
}

const JobSavepoints::Savepoint* JobSavepoints::find(const std::string& trigger_id) const {
  const auto found = std::find_if(
      savepoints_.begin(), savepoints_.end(),
      [&](const Savepoint& known) { return known.request.trigger_id() == trigger_id; });
  return found == savepoints_.end() ? nullptr : &*found;
}

void JobSavepoints::trigger(RequestId request, const proto::TriggerSavepoint& trigger,
                            const std::optional<Error>& refusal, CheckpointCoordinator& checkpoints,
                            JobManagerStep& step) {
  if (find(trigger.trigger_id()) == nullptr) {
    std::optional<Error> wrong = refusal;
    if (!wrong && (trigger.trigger_id().empty() || trigger.directory().empty()))
      wrong = Error(ErrorKind::kUsage, "a savepoint needs a directory to be written to");
    if (!wrong && std::any_of(savepoints_.begin(), savepoints_.end(), [](const Savepoint& other) {
          return under_way(other) && other.request.stop();
        }))
      wrong = Error(ErrorKind::kUsage, "job " + job_.hex() + " is being stopped with a savepoint");
    if (wrong) {
      proto::SavepointReply refused;
      *refused.mutable_error() = to_error_info(*wrong);
      return step.reply(request, std::move(refused));
    }
    Savepoint added;
    added.request = trigger;
    added.wish = ++last_wish_;
    checkpoints.wish({added.wish, proto::CHECKPOINT_SAVEPOINT, trigger.stop() && trigger.drain()});
    savepoints_.push_back(std::move(added));
    const Savepoint& oldest = savepoints_.front();
    if (savepoints_.size() > kRemembered && !under_way(oldest) && !oldest.token)
      savepoints_.pop_front();
  }
  const Duration wait = std::min<Duration>(std::chrono::milliseconds(trigger.max_wait_ms()),
                                           services_.options.longest_poll);
  polls_.add({request, Query{trigger.trigger_id()}, step.now + wait});
  answer(step);
}

void JobSavepoints::checkpoint_ended(const CheckpointEnd& end, CheckpointCoordinator& checkpoints,
                                     JobManagerStep& step) {
  for (Savepoint& savepoint : savepoints_) {
    if (savepoint.phase != Phase::kTaking || end.wish != savepoint.wish)
      continue;
    if (!end.manifest) {
      drained_in_vain_ = drained_in_vain_ || savepoint.request.drain();
      return fail(savepoint, Error(ErrorKind::kIo, end.failure), checkpoints, step);
    }
    savepoint.manifest = end.manifest;
    savepoint.attempt = Attempt{end.manifest->attempt()};
    savepoint.phase = Phase::kCommitting;
    checkpoints.pin(*savepoint.manifest);
  }
}

void JobSavepoints::pump(CheckpointCoordinator& checkpoints, JobManagerStep& step) {
  for (Savepoint& savepoint : savepoints_) {
    if (savepoint.phase == Phase::kCommitting && checkpoints.all_committed())
      write(savepoint, step);
  }
  answer(step);
}

void JobSavepoints::write(Savepoint& savepoint, JobManagerStep& step) {
  savepoint.phase = Phase::kWriting;
  savepoint.token = services_.actions.issue(job_);
  step.out.emplace_back(WriteSavepoint{*savepoint.token, savepoint.request.directory(),
                                       portable(*savepoint.manifest)});
}

bool JobSavepoints::on_written(ActionToken token, const Result<std::string>& outcome,
                               CheckpointCoordinator& checkpoints, JobManagerStep& step) {
  const auto found = std::find_if(savepoints_.begin(), savepoints_.end(),
                                  [token](const Savepoint& one) { return one.token == token; });
  if (found == savepoints_.end())
    return false;
  Savepoint& savepoint = *found;
  savepoint.token.reset();
  if (!outcome) {
    drained_in_vain_ = drained_in_vain_ || savepoint.request.drain();
    fail(savepoint, outcome.error(), checkpoints, step);
    return true;
  }
  if (savepoint.manifest) {
    checkpoints.note_savepoint_path(savepoint.manifest->info().id(), *outcome);
    checkpoints.unpin(*std::exchange(savepoint.manifest, nullptr), step);
  }
  savepoint.path = *outcome;
  step.log(LogLevel::kInfo, "savepoint_written", {{"job", job_.hex()}, {"path", savepoint.path}});
  // One that was given up meanwhile is there all the same, but nobody has been told so.
  if (savepoint.phase == Phase::kWriting) {
    savepoint.phase = Phase::kNoting;
    note(step);
  }
  return true;
}

// All that are remembered: a newer write supersedes an older one.
void JobSavepoints::note(JobManagerStep& step) {
  std::string noted;
  for (const Savepoint& savepoint : savepoints_) {
    if (!savepoint.path.empty() && savepoint.phase != Phase::kFailed)
      noted += savepoint.request.trigger_id() + ' ' + std::string(what_then(savepoint.request)) +
               ' ' + savepoint.path + '\0';
  }
  note_.write(JournalEntry::kSavepointNoted, {{savepoints_key(job_), std::move(noted)}}, step);
}

bool JobSavepoints::on_persisted(ActionToken token, const Result<void>& outcome,
                                 JobManagerStep& step) {
  if (!note_.on_persisted(token, outcome, step))
    return false;
  for (Savepoint& savepoint : savepoints_) {
    if (savepoint.phase == Phase::kNoting)
      savepoint.phase = savepoint.request.stop() ? Phase::kStopping : Phase::kDone;
  }
  answer(step);
  return true;
}

void JobSavepoints::fail(Savepoint& savepoint, const Error& error,
                         CheckpointCoordinator& checkpoints, JobManagerStep& step) {
  // While its directory is being written, its chunks are read.
  if (savepoint.manifest && !savepoint.token)
    checkpoints.unpin(*std::exchange(savepoint.manifest, nullptr), step);
  if (savepoint.phase != Phase::kFailed) {
    savepoint.phase = Phase::kFailed;
    savepoint.error = error.within("the savepoint was not taken");
    step.log(LogLevel::kWarn, "savepoint_failed",
             {{"job", job_.hex()}, {"reason", error.message()}});
  }
  answer(step);
}

void JobSavepoints::fail_all(const std::string& reason, CheckpointCoordinator& checkpoints,
                             JobManagerStep& step) {
  for (Savepoint& savepoint : savepoints_) {
    if (under_way(savepoint))
      fail(savepoint, Error(ErrorKind::kCancelled, reason), checkpoints, step);
  }
  checkpoints.forget_wishes();
}

void JobSavepoints::job_ended(JobManagerStep& step) {
  for (Savepoint& savepoint : savepoints_) {
    if (savepoint.phase == Phase::kStopping)
      savepoint.phase = Phase::kDone;
  }
  answer(step);
}

bool JobSavepoints::busy() const {
  return std::any_of(savepoints_.begin(), savepoints_.end(), [](const Savepoint& savepoint) {
    return under_way(savepoint) && savepoint.phase != Phase::kStopping;
  });
}

bool JobSavepoints::stopping() const {
  return std::any_of(savepoints_.begin(), savepoints_.end(), [](const Savepoint& savepoint) {
    return savepoint.request.stop() && under_way(savepoint) && savepoint.phase != Phase::kTaking;
  });
}

std::optional<JobSavepoints::Stop> JobSavepoints::stop() const {
  for (const Savepoint& savepoint : savepoints_) {
    if (savepoint.phase == Phase::kStopping)
      return Stop{savepoint.request.drain(), savepoint.attempt};
  }
  return std::nullopt;
}

// ---- answers ----

void JobSavepoints::answer(JobManagerStep& step) {
  const auto decided = [this](const Query& query) {
    const Savepoint* savepoint = find(query.trigger_id);
    return savepoint == nullptr || !under_way(*savepoint);
  };
  for (const auto& waiting : polls_.take(step.now, decided))
    step.reply(waiting.request, reply_to(waiting.query));
}

proto::SavepointReply JobSavepoints::reply_to(const Query& query) const {
  proto::SavepointReply reply;
  const Savepoint* savepoint = find(query.trigger_id);
  if (savepoint == nullptr || under_way(*savepoint))
    reply.set_pending(true);
  else if (savepoint->error)
    *reply.mutable_error() = to_error_info(*savepoint->error);
  else
    reply.set_path(savepoint->path);
  return reply;
}

void JobSavepoints::append_to(proto::JobStatus& status) const {
  for (const Savepoint& savepoint : savepoints_) {
    if (savepoint.phase != Phase::kDone && savepoint.phase != Phase::kStopping)
      continue;
    status.set_savepoint_trigger(savepoint.request.trigger_id());
    status.set_savepoint_path(savepoint.path);
  }
}

}  // namespace leat::runtime
