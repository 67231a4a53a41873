#include "runtime/coordination/job_manager_core.hpp"

#include <algorithm>
#include <chrono>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "runtime/base/check.hpp"
#include "runtime/coordination/duration_text.hpp"
#include "runtime/coordination/error_info.hpp"
#include "runtime/coordination/job_manager_core_state.hpp"
#include "runtime/coordination/job_state.hpp"

namespace leat::runtime {

void JobManagerCore::State::recover(const StorePairs& stored, JobManagerStep& step) {
  StoredJobs found = read_stored_jobs(stored);
  for (const Error& error : found.unreadable)
    step.log(LogLevel::kError, "stored_job_unreadable", {{"reason", error.message()}});
  check_chunks(found, step);
  StorePairs cleaned;
  for (StoredJob& job : found.jobs) {
    if (has_ended(job.status.state())) {
      if (job.clean_up) {
        clean_up_again(job.id, *job.clean_up, step);
        cleaned.emplace_back(clean_up_key(job.id), std::string());
      }
      if (!job.checkpoints.entries().empty())
        kept[job.id] = std::move(job.checkpoints);
      std::ignore = ended.add(job.id, std::move(job.status), Attempt{});
    } else if (job.spec) {
      late_clean_ups.slots_lost(job.id, step.now + services.options.lease);
      jobs.push_back(std::make_unique<JobMaster>(services, job, step));
    } else {
      left_alone.insert(job.id);
      step.log(LogLevel::kError, "stored_job_unreadable",
               {{"job", job.id.hex()}, {"reason", "it has a status but no specification"}});
    }
  }
  persist_unattended(std::move(cleaned), step);
  step.log(LogLevel::kInfo, "jobmanager_started",
           {{"epoch", std::to_string(number(services.epoch))},
            {"unfinished_jobs", std::to_string(jobs.size())}});
  settle(step);
}

// Whoever ended it may have died before it had cleaned up, and slots of it may go on until their lease ends.
void JobManagerCore::State::clean_up_again(JobId job, const proto::StoredCleanUp& left,
                                           JobManagerStep& step) {
  const CleanOutputs clean_up{job, left.plan(), Attempt{left.attempt()}, /*ended=*/true};
  step.out.emplace_back(clean_up);
  late_clean_ups.slots_lost(job, step.now + services.options.lease);
  late_clean_ups.job_ended(clean_up, step.now);
}

/// Nobody waits for it.
void JobManagerCore::State::persist_unattended(StorePairs writes, JobManagerStep& step) {
  if (!writes.empty())
    step.out.emplace_back(Persist{services.actions.issue(JobId()), std::move(writes)});
}

// What no manifest refers to is left from checkpoints that were not completed.
void JobManagerCore::State::check_chunks(const StoredJobs& found, JobManagerStep& step) {
  KeepChunks keep{services.actions.issue(JobId()), {}, true};
  std::set<ChunkId> chunks;
  const auto look = [&](const RetainedCheckpoints& checkpoints) {
    chunks.merge(checkpoints.chunks());
    for (const auto& entry : checkpoints.entries()) {
      if (!entry.manifest)
        keep.release_others = false;  // nobody can tell which are its
    }
  };
  for (const StoredJob& job : found.jobs)
    look(job.checkpoints);
  for (const auto& [id, checkpoints] : found.set_aside) {
    look(checkpoints);
    left_alone.insert(id);
  }
  services.chunks_checked = chunks.empty();
  keep.ids.assign(chunks.begin(), chunks.end());
  step.out.emplace_back(std::move(keep));
}

JobMaster* JobManagerCore::State::find(JobId id) const {
  const auto found =
      std::find_if(jobs.begin(), jobs.end(), [id](const auto& job) { return job->id() == id; });
  return found == jobs.end() ? nullptr : found->get();
}

void JobManagerCore::State::accept(AcceptedJob accepted, JobManagerStep& step) {
  const auto submitters = std::exchange(accepted.submitters, {});
  const auto cancels = std::exchange(accepted.cancels, {});
  jobs.push_back(std::make_unique<JobMaster>(services, std::move(accepted), step));
  for (const RequestId submitter : submitters)
    step.reply(submitter, proto::SubmitReply{});
  for (const RequestId request : cancels)
    jobs.back()->cancel(request, step);
}

void JobManagerCore::State::lose(Incarnation task_manager, const std::string& reason,
                                 JobManagerStep& step) {
  const LostTaskManager lost{task_manager, services.task_managers.name(task_manager), reason,
                             services.task_managers.leaving(task_manager)};
  const bool in_order = lost.leaving && can_do_without(task_manager);
  services.task_managers.remove(task_manager);
  services.unreachable.forget(task_manager);
  const auto held = services.slots.remove(task_manager);
  ++(in_order ? services.counters.task_managers_left : services.counters.task_managers_lost);
  if (in_order)
    step.log(LogLevel::kInfo, "taskmanager_left",
             {{"taskmanager", lost.name}, {"incarnation", task_manager.hex()}});
  else
    step.log(LogLevel::kWarn, "taskmanager_lost",
             {{"taskmanager", lost.name},
              {"incarnation", task_manager.hex()},
              {"reason", reason},
              {"slots_held", std::to_string(held.size())}});
  for (const SubtaskKey& subtask : held) {
    if (find(subtask.job) != nullptr)
      late_clean_ups.slots_lost(subtask.job, step.now + services.options.lease);
  }
  for (const auto& job : jobs)
    job->task_manager_lost(lost, step);
}

void JobManagerCore::State::settle(JobManagerStep& step) {
  retire(step);
  hand_out_slots(step);
}

void JobManagerCore::State::retire(JobManagerStep& step) {
  for (auto job = jobs.begin(); job != jobs.end();) {
    if (!has_ended((*job)->state())) {
      ++job;
      continue;
    }
    if ((*job)->state() == proto::JOB_FAILED && !(*job)->retained().entries().empty())
      kept[(*job)->id()] = (*job)->retained();
    if (auto clean_up = (*job)->last_clean_up())
      late_clean_ups.job_ended(std::move(*clean_up), step.now);
    else
      late_clean_ups.job_ended((*job)->id());
    StorePairs gone;
    for (const JobId id : ended.add((*job)->id(), (*job)->status(step.now), (*job)->rows_label()))
      forget(id, gone, step);
    persist_unattended(std::move(gone), step);
    job = jobs.erase(job);
  }
}

void JobManagerCore::State::forget(JobId ended_job, StorePairs& writes, JobManagerStep& step) {
  writes.emplace_back(status_key(ended_job), std::string());
  writes.emplace_back(clean_up_key(ended_job), std::string());
  const auto checkpoints = kept.extract(ended_job);
  if (checkpoints.empty())
    return;
  for (const auto& entry : checkpoints.mapped().entries())
    writes.emplace_back(checkpoint_key(ended_job, entry.id), std::string());
  writes.emplace_back(committed_key(ended_job), std::string());
  const auto chunks = checkpoints.mapped().chunks();
  step.out.emplace_back(ReleaseChunks{{chunks.begin(), chunks.end()}});
}

// What was sent over an earlier connection may come up after the TaskManager has registered anew, empty.
void JobManagerCore::State::release_unless_held(const SubtaskKey& deployed, Incarnation on,
                                                JobManagerStep& step) {
  const auto slot = services.slots.slot_of(deployed);
  if (!slot || slot->task_manager != on)
    step.send(on, make_release(services.epoch, deployed.job, deployed.attempt));
}

void JobManagerCore::State::hand_out_slots(JobManagerStep& step) {
  bool blocked = false;
  for (const auto& job : jobs) {
    if (job->state() != proto::JOB_CREATED)
      continue;
    const std::size_t free = services.slots.free_count();
    job->note_free_slots(free, step.now);
    if (free > 0 && !blocked)
      blocked = !job->try_start(step);
  }
  // What nobody waits for may widen jobs that run with fewer than they asked for.
  const bool waiting = std::any_of(jobs.begin(), jobs.end(), [](const auto& job) {
    return job->state() == proto::JOB_CREATED || job->state() == proto::JOB_RESTARTING;
  });
  std::size_t spare = waiting ? 0 : services.slots.free_count();
  for (const auto& job : jobs)
    spare -= std::min<std::size_t>(spare, job->offer_slots(spare, step));
}

std::optional<SubtaskKey> JobManagerCore::State::current_key(const proto::SubtaskRef& ref) const {
  if (ref.epoch() != number(services.epoch))
    return std::nullopt;
  return to_key(ref);
}

JobManagerCore::JobManagerCore(JobManagerOptions options, Epoch epoch, std::uint64_t seed,
                               const std::vector<std::pair<std::string, std::string>>& stored,
                               std::int64_t unix_ms_at_zero, Time now, JobManagerCommands& out)
    : state_(std::make_unique<State>(options, epoch, seed, unix_ms_at_zero)) {
  JobManagerStep step{now, out};
  state_->recover(stored, step);
}

JobManagerCore::~JobManagerCore() = default;

// ---- TaskManagers ----

void JobManagerCore::register_task_manager(RequestId request,
                                           const proto::RegisterTaskManager& message, Time now,
                                           JobManagerCommands& out) {
  JobManagerStep step{now, out};
  JobServices& services = state_->services;
  const auto info = services.task_managers.check(message);
  if (!info) {
    step.log(LogLevel::kWarn, "taskmanager_refused",
             {{"taskmanager", message.task_manager_id()}, {"reason", info.error().message()}});
    proto::RegisterReply refused;
    *refused.mutable_error() = to_error_info(info.error());
    return step.reply(request, std::move(refused));
  }
  if (services.task_managers.find(info->incarnation) != nullptr)
    state_->lose(info->incarnation, "it registered anew", step);
  services.task_managers.add(*info, now);
  services.slots.add(info->incarnation, info->slots);
  ++services.counters.task_managers_registered;
  step.log(LogLevel::kInfo, "taskmanager_registered",
           {{"taskmanager", info->id},
            {"incarnation", info->incarnation.hex()},
            {"slots", std::to_string(info->slots)},
            {"protocol_version", std::to_string(info->protocol_version)}});
  const auto ms = [](Duration duration) {
    return static_cast<std::uint32_t>(
        std::chrono::duration_cast<std::chrono::milliseconds>(duration).count());
  };
  proto::RegisterReply reply;
  reply.set_epoch(number(services.epoch));
  reply.set_heartbeat_interval_ms(ms(services.options.heartbeat_interval));
  reply.set_heartbeat_timeout_ms(ms(services.options.heartbeat_timeout));
  reply.set_lease_ms(ms(services.options.lease));
  reply.set_protocol_version(info->protocol_version);
  step.reply(request, std::move(reply));
  for (const auto& job : state_->jobs)
    job->task_manager_added(step);
  state_->settle(step);
}

void JobManagerCore::heartbeat(RequestId request, const proto::Heartbeat& message, Time now,
                               JobManagerCommands& out) {
  JobManagerStep step{now, out};
  const JobServices& services = state_->services;
  proto::HeartbeatReply reply;
  reply.set_epoch(number(services.epoch));
  reply.set_sequence(message.sequence());
  const auto from = Incarnation::parse(message.incarnation(), "incarnation");
  if (!from || message.epoch() != number(services.epoch) ||
      !state_->services.task_managers.heartbeat(*from, message, now)) {
    *reply.mutable_error() = to_error_info(Error(
        ErrorKind::kProtocol, "the JobManager does not know this TaskManager: register again"));
    return step.reply(request, std::move(reply));
  }
  for (const proto::SubtaskMetrics& metrics : message.metrics()) {
    const auto id = JobId::parse(metrics.job_id(), "job id");
    JobMaster* job = id ? state_->find(*id) : nullptr;
    if (job != nullptr)
      job->metrics(*from, metrics);
  }
  const bool leaves = message.leaving();
  reply.set_may_leave(leaves && state_->leave(*from, step));
  step.reply(request, std::move(reply));
  if (leaves)
    state_->settle(step);
}

void JobManagerCore::task_manager_down(Incarnation task_manager, const std::string& reason,
                                       Time now, JobManagerCommands& out) {
  if (state_->services.task_managers.find(task_manager) == nullptr)
    return;
  JobManagerStep step{now, out};
  step.out.emplace_back(DropTaskManager{task_manager});
  state_->lose(task_manager, reason, step);
  state_->settle(step);
}

void JobManagerCore::subtask_event(const proto::SubtaskEvent& event, Time now,
                                   JobManagerCommands& out) {
  JobManagerStep step{now, out};
  const auto key = state_->current_key(event.ref());
  const auto from = Incarnation::parse(event.incarnation(), "incarnation");
  if (!key || !from || state_->services.task_managers.find(*from) == nullptr)
    return;
  if (event.has_deployed())
    state_->release_unless_held(*key, *from, step);
  // A slot is free for others even when its job has gone on or ended without it.
  const bool released = event.has_released() && state_->services.slots.release(*from, *key);
  JobMaster* job = state_->find(key->job);
  if (job != nullptr && (released || !event.has_released()))
    job->subtask_event(*key, *from, event, step);
  state_->settle(step);
}

void JobManagerCore::split_request(Incarnation from, const proto::SplitRequest& message, Time now,
                                   JobManagerCommands& out) {
  JobManagerStep step{now, out};
  const auto key = state_->current_key(message.ref());
  JobMaster* job = key ? state_->find(key->job) : nullptr;
  if (job != nullptr)
    job->split_request(*key, from, message, step);
}

void JobManagerCore::collect_rows(Incarnation from, const proto::CollectRows& message, Time now,
                                  JobManagerCommands& out) {
  JobManagerStep step{now, out};
  const auto key = state_->current_key(message.ref());
  JobMaster* job = key ? state_->find(key->job) : nullptr;
  if (job != nullptr)
    job->collect_rows(*key, from, message, step);
}

void JobManagerCore::snapshot_chunk(Incarnation from, proto::SnapshotChunk message, Time now,
                                    JobManagerCommands& out) {
  JobManagerStep step{now, out};
  const auto key = state_->current_key(message.ref());
  JobMaster* job = key ? state_->find(key->job) : nullptr;
  if (job != nullptr)
    job->snapshot_chunk(*key, from, std::move(message), step);
}

void JobManagerCore::fetch_chunk(Incarnation from, const proto::FetchChunk& message, Time now,
                                 JobManagerCommands& out) {
  JobManagerStep step{now, out};
  const auto key = state_->current_key(message.ref());
  JobMaster* job = key ? state_->find(key->job) : nullptr;
  if (job != nullptr)
    job->fetch_chunk(*key, from, message, step);
}

// ---- time ----

void JobManagerCore::tick(Time now, JobManagerCommands& out) {
  JobManagerStep step{now, out};
  const Duration timeout = state_->services.options.heartbeat_timeout;
  // Woken late: this process stood still, not the TaskManagers.
  if (next_deadline() < now - state_->services.options.heartbeat_interval)
    state_->services.task_managers.forgive(now);
  for (const Incarnation silent : state_->services.task_managers.silent(now)) {
    step.out.emplace_back(DropTaskManager{silent});
    state_->lose(silent, "no answered heartbeat for " + milliseconds_text(timeout) + " ms", step);
  }
  for (const auto& job : state_->jobs)
    job->tick(step);
  state_->services.unreachable.tick(now);
  state_->submissions.tick(step);
  state_->late_clean_ups.tick(step);
  state_->settle(step);
}

Time JobManagerCore::next_deadline() const {
  Time earliest = std::min(
      {state_->services.task_managers.next_deadline(), state_->services.unreachable.next_deadline(),
       state_->submissions.next_deadline(), state_->late_clean_ups.next_deadline()});
  for (const auto& job : state_->jobs)
    earliest = std::min(earliest, job->next_deadline());
  return earliest;
}

}  // namespace leat::runtime
