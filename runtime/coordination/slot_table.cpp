#include "runtime/coordination/slot_table.hpp"

#include <algorithm>
#include <utility>

#include "runtime/base/check.hpp"

namespace leat::runtime {

namespace {

/// Beyond this the smallest job ids are forgotten; only messages out of order would need them.
constexpr std::size_t kMaxReleasedJobs = 1024;

bool same(const proto::SubtaskRef& one, const proto::SubtaskRef& other) {
  return one.epoch() == other.epoch() && one.job_id() == other.job_id() &&
         one.attempt() == other.attempt() && one.subtask() == other.subtask();
}

}  // namespace

void SlotTable::deploy(const proto::DeploySubtask& message, TaskManagerStep& step) {
  const proto::SubtaskRef& ref = message.ref();
  if (message.slot() >= slots_.size())
    return step.send_failed(
        ref, Error(ErrorKind::kProtocol, "there is no slot " + std::to_string(message.slot()) +
                                             " here, only " + std::to_string(slots_.size())));
  Slot& slot = slots_[message.slot()];
  const proto::SubtaskRef& holder = slot.deployment.ref();
  const bool repeated = (slot.phase != Phase::kFree && same(holder, ref)) ||
                        (slot.next && same(slot.next->ref(), ref));
  if (repeated)
    return;
  const bool outdated = slot.phase != Phase::kFree && holder.epoch() == ref.epoch() &&
                        holder.job_id() == ref.job_id() && holder.attempt() > ref.attempt();
  if (outdated || was_released(ref))
    return step.send_released(ref);
  if (slot.phase == Phase::kFree)
    return occupy(slot, message, step);
  if (slot.next)
    step.send_released(slot.next->ref());
  slot.next = message;
  stop(slot, step);
}

void SlotTable::occupy(Slot& slot, const proto::DeploySubtask& message, TaskManagerStep& step) {
  LEAT_CHECK(slot.phase == Phase::kFree);
  slot.deployment = message;
  slot.metrics.Clear();
  ++deployed_;
  if (artefacts_.contains(message.artefact_sha256())) {
    slot.phase = Phase::kSpawning;
    step.out.emplace_back(SpawnSlot{message});
    return;
  }
  slot.phase = Phase::kFetching;
  if (fetching_.insert(message.artefact_sha256()).second)
    step.out.emplace_back(FetchArtefact{message.artefact_sha256()});
}

void SlotTable::start(const proto::SubtaskRef& ref, TaskManagerStep& step) {
  Slot* slot = find(ref);
  if (slot == nullptr || slot->phase != Phase::kDeployed)
    return;
  slot->phase = Phase::kStarted;
  step.out.emplace_back(StartSlot{ref});
}

void SlotTable::release(JobId job, Attempt up_to, TaskManagerStep& step) {
  Attempt& newest = released_[job];
  newest = std::max(newest, up_to);
  if (released_.size() > kMaxReleasedJobs)
    released_.erase(released_.begin()->first == job ? std::next(released_.begin())
                                                    : released_.begin());
  for (Slot& slot : slots_) {
    if (slot.next && was_released(slot.next->ref()))
      step.send_released(std::exchange(slot.next, std::nullopt)->ref());
    if (slot.phase != Phase::kFree && was_released(slot.deployment.ref()))
      stop(slot, step);
  }
}

void SlotTable::stop(Slot& slot, TaskManagerStep& step) {
  switch (slot.phase) {
    case Phase::kFree:
    case Phase::kStopping:
      return;
    case Phase::kFetching:
    case Phase::kBroken:
      return vacate(slot, step);
    default:
      slot.phase = Phase::kStopping;
      step.out.emplace_back(StopSlot{slot.deployment.ref()});
  }
}

void SlotTable::vacate(Slot& slot, TaskManagerStep& step) {
  step.send_released(slot.deployment.ref());
  slot.phase = Phase::kFree;
  slot.deployment.Clear();
  slot.metrics.Clear();
  if (slot.next)
    occupy(slot, *std::exchange(slot.next, std::nullopt), step);
}

void SlotTable::artefact(const std::string& sha256, const Result<void>& outcome,
                         TaskManagerStep& step) {
  fetching_.erase(sha256);
  if (outcome)
    artefacts_.insert(sha256);
  for (Slot& slot : slots_) {
    if (slot.phase != Phase::kFetching || slot.deployment.artefact_sha256() != sha256)
      continue;
    if (outcome) {
      slot.phase = Phase::kSpawning;
      step.out.emplace_back(SpawnSlot{slot.deployment});
    } else {
      slot.phase = Phase::kBroken;
      report_failed(slot.deployment.ref(), outcome.error().within("fetching the job object"), step);
    }
  }
}

void SlotTable::slot_event(const proto::SubtaskEvent& event, TaskManagerStep& step) {
  Slot* slot = find(event.ref());
  if (slot == nullptr)
    return;
  const bool started = slot->phase == Phase::kStarted;
  const bool in_checkpoints = started || slot->phase == Phase::kFinished;
  const bool alive =
      in_checkpoints || slot->phase == Phase::kSpawning || slot->phase == Phase::kDeployed;
  const bool about_checkpoint = event.has_checkpoint_ack() || event.has_checkpoint_declined();
  if (event.has_deployed() && slot->phase == Phase::kSpawning) {
    slot->phase = Phase::kDeployed;
  } else if (event.has_finished() && started) {
    slot->phase = Phase::kFinished;
  } else if (event.has_failed() && alive) {
    slot->phase = Phase::kFailed;
    ++failed_;
  } else if (!(event.has_running() && started) && !(about_checkpoint && in_checkpoints)) {
    return;
  }
  step.send_event(event);
}

void SlotTable::slot_gone(const proto::SubtaskRef& ref, TaskManagerStep& step) {
  Slot* slot = find(ref);
  if (slot == nullptr || slot->phase == Phase::kFetching || slot->phase == Phase::kBroken)
    return;
  if (slot->phase != Phase::kStopping && slot->phase != Phase::kFinished &&
      slot->phase != Phase::kFailed)
    report_failed(ref, Error(ErrorKind::kInternal, "the slot ended unexpectedly"), step);
  vacate(*slot, step);
}

void SlotTable::metrics(const proto::SubtaskMetrics& metrics) {
  for (Slot& slot : slots_) {
    const proto::SubtaskRef& ref = slot.deployment.ref();
    if (slot.phase == Phase::kStarted && ref.job_id() == metrics.job_id() &&
        ref.attempt() == metrics.attempt() && ref.subtask() == metrics.subtask())
      slot.metrics = metrics;
  }
}

void SlotTable::append_metrics(proto::Heartbeat& heartbeat) const {
  for (const Slot& slot : slots_) {
    if (slot.phase == Phase::kStarted && !slot.metrics.job_id().empty())
      *heartbeat.add_metrics() = slot.metrics;
  }
}

void SlotTable::stop_all(const Error& reason, TaskManagerStep& step) {
  for (Slot& slot : slots_) {
    if (slot.next)
      step.send_released(std::exchange(slot.next, std::nullopt)->ref());
    const bool at_work = slot.phase != Phase::kFree && slot.phase != Phase::kBroken &&
                         slot.phase != Phase::kFinished && slot.phase != Phase::kFailed &&
                         slot.phase != Phase::kStopping;
    if (at_work)
      report_failed(slot.deployment.ref(), reason, step);
    stop(slot, step);
  }
}

bool SlotTable::any_at_work() const {
  return std::any_of(slots_.begin(), slots_.end(), [](const Slot& slot) {
    return slot.phase != Phase::kFree && slot.phase != Phase::kStopping;
  });
}

std::size_t SlotTable::in_use() const {
  return static_cast<std::size_t>(std::count_if(
      slots_.begin(), slots_.end(), [](const Slot& slot) { return slot.phase != Phase::kFree; }));
}

void SlotTable::report_failed(const proto::SubtaskRef& ref, const Error& error,
                              TaskManagerStep& step) {
  ++failed_;
  step.send_failed(ref, error);
}

std::vector<SubtaskFigures> SlotTable::subtasks() const {
  std::vector<SubtaskFigures> subtasks;
  for (const Slot& slot : slots_) {
    const proto::SubtaskRef& ref = slot.deployment.ref();
    if (slot.phase != Phase::kFree)
      subtasks.push_back({ref.job_id(), ref.attempt(), ref.subtask(), slot.metrics.records_in(),
                          slot.metrics.records_out(), slot.metrics.bytes_sent()});
  }
  return subtasks;
}

SlotTable::Slot* SlotTable::find(const proto::SubtaskRef& ref) {
  const auto found = std::find_if(slots_.begin(), slots_.end(), [&ref](const Slot& slot) {
    return slot.phase != Phase::kFree && same(slot.deployment.ref(), ref);
  });
  return found == slots_.end() ? nullptr : &*found;
}

bool SlotTable::was_released(const proto::SubtaskRef& ref) const {
  const auto key = to_key(ref);
  if (!key)
    return true;  // no subtask of any job
  const auto found = released_.find(key->job);
  return found != released_.end() && key->attempt <= found->second;
}

}  // namespace leat::runtime
