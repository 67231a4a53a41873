// JobMaster: savepoints, the end of a job that is stopped with one, and another parallelism.

#include <algorithm>
#include <string>
#include <utility>

#include "runtime/coordination/error_info.hpp"
#include "runtime/coordination/job_master.hpp"
#include "runtime/coordination/job_state.hpp"
#include "runtime/coordination/placement.hpp"

namespace leat::runtime {

// ---- savepoints ----

void JobMaster::trigger_savepoint(RequestId request, const proto::TriggerSavepoint& trigger,
                                  JobManagerStep& step) {
  std::optional<Error> refusal;
  const bool ending = !may_follow(state_, proto::JOB_CANCELLING) || state_ == proto::JOB_COMMITTING;
  if (ending)
    refusal =
        Error(ErrorKind::kUsage, "job " + id_.hex() + " ('" + submission().name() +
                                     "') is ending: it is " + std::string(state_name(state_)));
  savepoints_.trigger(request, trigger, refusal, checkpoints_, step);
  advance(step);
}

void JobMaster::on_savepoint_written(ActionToken token, const Result<std::string>& outcome,
                                     JobManagerStep& step) {
  if (!savepoints_.on_written(token, outcome, checkpoints_, step))
    return;
  checkpoints_.hold(savepoints_.stopping());
  note_change(step);
  advance(step);
}

// The savepoint's output is committed. What came behind its barrier is not the job's, unless there can be
// nothing: then subtasks that finished later have something left from before it. A later attempt has read
// on from there.
void JobMaster::begin_stop(JobManagerStep& step) {
  const JobSavepoints::Stop stop = *savepoints_.stop();
  const bool drained = stop.drained && stop.attempt == attempt_;
  checkpoints_.attempt_ends(execution_.get(), "the job is stopped with a savepoint", step);
  take_checkpoint_ends(step);
  commit_ = proto::StoredCommit();
  if (drained)
    commit_ = execution_->commit();
  commit_.set_attempt(number(attempt_));
  results_.forget_uncovered();
  make_last_commit(step);
}

// Sources that have ended cannot be told to go on: the next attempt's have not.
void JobMaster::read_on(JobManagerStep& step) {
  step.log(LogLevel::kWarn, "drain_failed",
           {{"job", id_.hex()}, {"name", submission().name()}, {"action", "read_on"}});
  go_on_from_checkpoint("the savepoint to drain the job for was not taken", step);
}

// ---- another parallelism ----

void JobMaster::rescale(RequestId request, std::uint32_t parallelism, JobManagerStep& step) {
  const auto refuse = [&](const std::string& message) {
    proto::RescaleReply reply;
    *reply.mutable_error() = to_error_info(Error(ErrorKind::kUsage, message));
    step.reply(request, std::move(reply));
  };
  const std::uint32_t most = submission().plan().max_parallelism();
  if (parallelism == 0 || parallelism > most)
    return refuse("parallelism " + std::to_string(parallelism) +
                  " is out of range: give -p a number from 1 to the job's maximum parallelism, " +
                  std::to_string(most));
  if (!may_follow(state_, proto::JOB_CANCELLING) || state_ == proto::JOB_COMMITTING ||
      savepoints_.stopping())
    return refuse("job " + id_.hex() + " is ending: it is " + std::string(state_name(state_)));
  rescales_.push_back(request);
  spec_.set_parallelism(parallelism);
  enough_slots_ = std::min(enough_slots_, parallelism);
  spec_journal_.write(JournalEntry::kRescaled, {{spec_key(id_), spec_.SerializeAsString()}}, step);
  rescale_.hurry();
  note_change(step);
}

void JobMaster::answer_rescales(const std::optional<Error>& error, JobManagerStep& step) {
  for (const RequestId request : std::exchange(rescales_, {})) {
    proto::RescaleReply reply;
    if (error)
      *reply.mutable_error() = to_error_info(*error);
    step.reply(request, std::move(reply));
  }
}

std::uint32_t JobMaster::offer_slots(std::size_t spare, JobManagerStep& step) {
  if (state_ != proto::JOB_RUNNING)
    return 0;
  const std::size_t kept = must_move() ? execution_->slots().size() : execution_->parallelism();
  const std::optional<std::uint32_t> target =
      must_move() ? possible_parallelism(spare, step.now) : better_parallelism(spare, step.now);
  rescale_.note(must_move() ? std::nullopt : target, step.now);
  if (step.now >= rescale_.due() && may_rescale())
    advance(step);
  return target && *target > kept ? static_cast<std::uint32_t>(*target - kept) : 0;
}

std::uint32_t JobMaster::possible_parallelism(std::size_t spare, Time now) const {
  auto slots = services_.slots.free_slots();
  slots.resize(std::min(slots.size(), spare));
  const auto own = execution_->slots();
  slots.insert(slots.end(), own.begin(), own.end());
  const auto conflict = [&](Incarnation one, Incarnation other) {
    return services_.unreachable.contains(one, other, now);
  };
  return static_cast<std::uint32_t>(place(slots, spec_.parallelism(), conflict).size());
}

std::optional<std::uint32_t> JobMaster::better_parallelism(std::size_t spare, Time now) const {
  const std::uint32_t running = execution_->parallelism();
  const bool by_itself = options_.adaptive && (options_.checkpoints.enabled() || running < regain_);
  const bool fewer = running > spec_.parallelism();
  const bool more = running < spec_.parallelism() && spare > 0;
  if (!(by_itself || rescale_.asked()) || !(more || fewer))
    return std::nullopt;
  const std::uint32_t best = possible_parallelism(spare, now);
  return fewer || best > running ? std::optional(best) : std::nullopt;
}

bool JobMaster::must_move() const {
  return execution_->on_leaving() && results_.exact_over_checkpoints();
}

bool JobMaster::may_rescale() const {
  return rescale_checkpoint_ == RescaleCheckpoint::kNone && !savepoints_.stopping() &&
         !execution_->all_reached(SubtaskProgress::kFinished);
}

void JobMaster::pump_rescale(JobManagerStep& step) {
  rescale_.press(must_move());
  if (!may_rescale() || step.now < rescale_.due())
    return;
  rescale_checkpoint_ = RescaleCheckpoint::kWanted;
  rescale_.began(step.now);
  checkpoints_.wish({CheckpointWish::kRescale, proto::CHECKPOINT_RESCALE, false});
}

void JobMaster::forget_rescale() {
  rescale_checkpoint_ = RescaleCheckpoint::kNone;
  rescale_.note(std::nullopt, Time::min());
  rescale_.press(false);
  checkpoints_.forget_wish(CheckpointWish::kRescale);
}

void JobMaster::begin_rescale(JobManagerStep& step) {
  if (execution_->on_leaving())
    return move("a TaskManager leaves", step);
  const std::uint32_t target = rescale_.target().value_or(spec_.parallelism());
  step.log(LogLevel::kInfo, "rescale",
           {{"job", id_.hex()},
            {"name", submission().name()},
            {"from", std::to_string(execution_->parallelism())},
            {"to", std::to_string(target)}});
  enough_slots_ = std::min(target, spec_.parallelism());
  go_on_from_checkpoint("the job is being rescaled", step);
}

// With fewer slots an adaptive job goes on at once. With none it waits, as a fixed one does, for as many as
// it had: those that appear one by one would each cost it another move.
void JobMaster::move(const std::string& reason, JobManagerStep& step) {
  const std::uint32_t running = execution_->parallelism();
  const std::uint32_t possible = possible_parallelism(services_.slots.free_count(), step.now);
  const bool waits = possible == 0 || !options_.adaptive;
  step.log(LogLevel::kInfo, "move",
           {{"job", id_.hex()},
            {"name", submission().name()},
            {"reason", reason},
            {"after", std::string(state_name(state_))},
            {"from", std::to_string(running)},
            {"to", std::to_string(possible)}});
  if (!options_.checkpoints.enabled() && results_.exact_over_checkpoints())
    regain_ = std::max(regain_, running);
  enough_slots_ = std::min(waits ? running : possible, spec_.parallelism());
  rescale_.began(step.now);
  go_on_from_checkpoint("the job moves: " + reason, step);
}

// Like a restart from the newest checkpoint, but nothing has failed.
void JobMaster::go_on_from_checkpoint(const std::string& reason, JobManagerStep& step) {
  checkpoints_.attempt_ends(execution_.get(), reason, step);
  take_checkpoint_ends(step);
  forget_rescale();
  release_slots(step);
  cleaned_ = false;
  resume_decided_ = false;
  enter(proto::JOB_RESTARTING, step);
  use_up_attempt(Duration::zero(), step);
}

}  // namespace leat::runtime
