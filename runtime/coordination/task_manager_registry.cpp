#include "runtime/coordination/task_manager_registry.hpp"

#include <algorithm>
#include <utility>

#include "runtime/base/check.hpp"
#include "runtime/coordination/protocol_version.hpp"

namespace leat::runtime {

namespace {
/// More slots than any machine has cores for are a mistake, not a TaskManager.
constexpr std::uint32_t kMaxSlots = 4096;
}  // namespace

Result<TaskManagerInfo> TaskManagerRegistry::check(
    const proto::RegisterTaskManager& message) const {
  const std::string who = "TaskManager '" + message.task_manager_id() + "'";
  const ProtocolRange theirs =
      protocol_range(message.protocol_version(), message.oldest_protocol_version());
  const auto version = common_version(own_protocol(), theirs);
  if (!version)
    return no_common_version({who, theirs}, {"this JobManager", own_protocol()});
  const auto incarnation = Incarnation::parse(message.incarnation(), "incarnation");
  if (!incarnation)
    return Error(ErrorKind::kProtocol, who + ": " + incarnation.error().message());
  if (message.task_manager_id().empty() || message.slots() == 0 || message.slots() > kMaxSlots)
    return Error(ErrorKind::kProtocol, who + " offers " + std::to_string(message.slots()) +
                                           " slots: an id and 1 to " + std::to_string(kMaxSlots) +
                                           " slots are expected");
  for (const auto& [other, info] : alive_) {
    if (info.id == message.task_manager_id() && other != *incarnation)
      return Error(ErrorKind::kUnreachable,
                   who + " is registered already by incarnation " + other.hex() +
                       ": give this one another id, or wait until that one counts as lost");
  }
  TaskManagerInfo info;
  info.incarnation = *incarnation;
  info.id = message.task_manager_id();
  info.data_host = message.data_host();
  info.data_port = message.data_port();
  info.slots = message.slots();
  info.protocol_version = *version;
  return info;
}

void TaskManagerRegistry::add(TaskManagerInfo task_manager, Time now) {
  task_manager.alive_at = now;
  task_manager.answered_sequence = 0;
  task_manager.echoed_sequence = 0;
  const Incarnation incarnation = task_manager.incarnation;
  const bool added = alive_.emplace(incarnation, std::move(task_manager)).second;
  LEAT_CHECK(added);
}

bool TaskManagerRegistry::heartbeat(Incarnation from, const proto::Heartbeat& message, Time now) {
  const auto found = alive_.find(from);
  if (found == alive_.end())
    return false;
  TaskManagerInfo& info = found->second;
  const std::uint64_t echoed = message.echoed_sequence();
  // An echo of an earlier registration is above what was answered in this one.
  if (echoed > info.echoed_sequence && echoed <= info.answered_sequence) {
    info.echoed_sequence = echoed;
    info.alive_at = now;
  }
  info.answered_sequence = std::max(info.answered_sequence, message.sequence());
  return true;
}

bool TaskManagerRegistry::note_leaving(Incarnation task_manager) {
  const auto found = alive_.find(task_manager);
  return found != alive_.end() && !std::exchange(found->second.leaving, true);
}

bool TaskManagerRegistry::leaving(Incarnation task_manager) const {
  const TaskManagerInfo* info = find(task_manager);
  return info != nullptr && info->leaving;
}

void TaskManagerRegistry::forgive(Time now) {
  for (auto& [incarnation, info] : alive_)
    info.alive_at = std::max(info.alive_at, now);
}

std::vector<Incarnation> TaskManagerRegistry::silent(Time now) const {
  std::vector<Incarnation> lost;
  for (const auto& [incarnation, info] : alive_) {
    if (now - info.alive_at >= timeout_)
      lost.push_back(incarnation);
  }
  return lost;
}

Time TaskManagerRegistry::next_deadline() const {
  Time earliest = Time::max();
  for (const auto& [incarnation, info] : alive_)
    earliest = std::min(earliest, info.alive_at + timeout_);
  return earliest;
}

const TaskManagerInfo* TaskManagerRegistry::find(Incarnation incarnation) const {
  const auto found = alive_.find(incarnation);
  return found == alive_.end() ? nullptr : &found->second;
}

std::string TaskManagerRegistry::name(Incarnation incarnation) const {
  const TaskManagerInfo* info = find(incarnation);
  return info == nullptr ? incarnation.hex() : info->id;
}

}  // namespace leat::runtime
