#include "runtime/coordination/job_attempt.hpp"

#include <algorithm>
#include <set>

#include "runtime/base/check.hpp"

namespace leat::runtime {

namespace {

/// What is the same for all subtasks.
proto::DeploySubtask deployment_of(const proto::SubmitJob& job,
                                   const std::vector<std::string>& output_nonces) {
  proto::DeploySubtask deployment;
  deployment.set_job_name(job.name());
  deployment.set_artefact_sha256(job.artefact_sha256());
  *deployment.mutable_arguments() = job.arguments();
  deployment.set_mode(job.plan().mode());
  deployment.set_max_parallelism(job.plan().max_parallelism());
  deployment.set_plan_sha256(job.plan_sha256());
  *deployment.mutable_config() = job.config();
  for (const std::string& nonce : output_nonces)
    deployment.add_output_nonces(nonce);
  return deployment;
}

}  // namespace

JobAttempt::JobAttempt(JobServices& services, JobId job, Attempt attempt,
                       const std::vector<SlotId>& slots)
    : services_(services), job_(job), attempt_(attempt), rows_(slots.size()) {
  LEAT_CHECK(!slots.empty());
  for (std::size_t subtask = 0; subtask < slots.size(); ++subtask) {
    rows_[subtask].slot = slots[subtask];
    services_.slots.take(slots[subtask], key(subtask));
  }
}

void JobAttempt::deploy(const proto::SubmitJob& job, const std::vector<std::string>& output_nonces,
                        std::vector<proto::RestoreSubtask> restores, JobManagerStep& step) {
  LEAT_CHECK(restores.empty() || restores.size() == rows_.size());
  proto::DeploySubtask deployment = deployment_of(job, output_nonces);
  deployment.set_parallelism(parallelism());
  for (std::size_t subtask = 0; subtask < rows_.size(); ++subtask) {
    const TaskManagerInfo* info = services_.task_managers.find(rows_[subtask].slot.task_manager);
    LEAT_CHECK(info != nullptr);  // lost TaskManagers have no slots in the pool
    proto::Peer& peer = *deployment.add_peers();
    peer.set_subtask(static_cast<std::uint32_t>(subtask));
    peer.set_task_manager_id(info->id);
    peer.set_incarnation(info->incarnation.hex());
    peer.set_data_host(info->data_host);
    peer.set_data_port(info->data_port);
  }
  for (std::size_t subtask = 0; subtask < rows_.size(); ++subtask) {
    *deployment.mutable_ref() = to_ref(services_.epoch, key(subtask));
    deployment.set_slot(rows_[subtask].slot.index);
    if (!restores.empty())
      *deployment.mutable_restore() = std::move(restores[subtask]);
    step.send(rows_[subtask].slot.task_manager, deployment);
  }
}

void JobAttempt::start(JobManagerStep& step) {
  send_to_all(proto::StartSubtask(), step);
}

void JobAttempt::release(JobManagerStep& step) {
  if (std::exchange(released_, true))
    return;
  std::set<Incarnation> holders;
  for (const Row& row : rows_) {
    if (row.holds_slot)
      holders.insert(row.slot.task_manager);
  }
  const auto release = make_release(services_.epoch, job_, attempt_);
  for (const Incarnation holder : holders)
    step.send(holder, release);
}

bool JobAttempt::advance(std::uint32_t subtask, SubtaskProgress progress) {
  if (subtask >= rows_.size() || rows_[subtask].progress >= progress)
    return false;
  rows_[subtask].progress = progress;
  return true;
}

void JobAttempt::finished(std::uint32_t subtask, const proto::SubtaskEvent::Finished& result,
                          const std::set<std::string>& covered) {
  Row& row = rows_.at(subtask);
  count(row, {result.records_in(), result.records_out(), result.bytes_sent()});
  row.commit.set_subtask(subtask);
  *row.commit.mutable_committables() = result.committables();
  forget_output(covered);
}

void JobAttempt::forget_output(const std::set<std::string>& covered) {
  for (Row& row : rows_) {
    auto& output = *row.commit.mutable_committables();
    output.erase(std::remove_if(output.begin(), output.end(),
                                [&covered](const proto::Committable& committable) {
                                  return covered.contains(committable.SerializeAsString());
                                }),
                 output.end());
  }
}

void JobAttempt::metrics(const proto::SubtaskMetrics& metrics) {
  if (metrics.subtask() >= rows_.size() || metrics.attempt() != number(attempt_))
    return;
  count(rows_[metrics.subtask()],
        {metrics.records_in(), metrics.records_out(), metrics.bytes_sent()});
}

void JobAttempt::count(Row& row, const RecordCounts& reported) {
  RecordCounts& all = services_.counters.records;
  const auto grow = [](std::uint64_t& known, std::uint64_t now, std::uint64_t& sum) {
    sum += std::max(known, now) - known;
    known = std::max(known, now);
  };
  grow(row.counts.records_read, reported.records_read, all.records_read);
  grow(row.counts.records_written, reported.records_written, all.records_written);
  grow(row.counts.bytes_exchanged, reported.bytes_exchanged, all.bytes_exchanged);
}

void JobAttempt::failed(std::uint32_t subtask, const proto::SubtaskEvent::Failed& failure) {
  Row& row = rows_.at(subtask);
  row.failed_itself = failure.error().kind() != proto::ERROR_UNREACHABLE;
  row.unreachable_peers.assign(failure.unreachable_peers().begin(),
                               failure.unreachable_peers().end());
}

void JobAttempt::report_unreachable(Time now) {
  for (const Row& row : rows_) {
    for (const std::uint32_t peer : row.unreachable_peers) {
      if (peer < rows_.size() && !rows_[peer].failed_itself)
        services_.unreachable.report(row.slot.task_manager, rows_[peer].slot.task_manager, now);
    }
  }
}

bool JobAttempt::slot_gone(std::uint32_t subtask) {
  return subtask < rows_.size() && std::exchange(rows_[subtask].holds_slot, false);
}

bool JobAttempt::task_manager_lost(Incarnation task_manager) {
  bool any = false;
  for (Row& row : rows_) {
    if (row.slot.task_manager == task_manager)
      any = std::exchange(row.holds_slot, false) || any;
  }
  return any;
}

bool JobAttempt::runs_on(std::uint32_t subtask, Incarnation task_manager) const {
  return subtask < rows_.size() && rows_[subtask].holds_slot &&
         rows_[subtask].slot.task_manager == task_manager;
}

Incarnation JobAttempt::task_manager_of(std::uint32_t subtask) const {
  LEAT_CHECK(subtask < rows_.size());
  return rows_[subtask].slot.task_manager;
}

bool JobAttempt::all_reached(SubtaskProgress progress) const {
  return std::all_of(rows_.begin(), rows_.end(),
                     [progress](const Row& row) { return row.progress >= progress; });
}

std::uint32_t JobAttempt::slots_held() const {
  return static_cast<std::uint32_t>(
      std::count_if(rows_.begin(), rows_.end(), [](const Row& row) { return row.holds_slot; }));
}

std::vector<SlotId> JobAttempt::slots() const {
  std::vector<SlotId> held;
  for (const Row& row : rows_) {
    if (row.holds_slot && !services_.slots.closed(row.slot.task_manager))
      held.push_back(row.slot);
  }
  return held;
}

bool JobAttempt::on_leaving() const {
  return std::any_of(rows_.begin(), rows_.end(), [this](const Row& row) {
    return row.holds_slot && services_.slots.closed(row.slot.task_manager);
  });
}

RecordCounts JobAttempt::counts() const {
  RecordCounts sum;
  for (const Row& row : rows_)
    sum += row.counts;
  return sum;
}

proto::StoredCommit JobAttempt::commit() const {
  proto::StoredCommit commit;
  commit.set_attempt(number(attempt_));
  for (const Row& row : rows_) {
    if (!row.commit.committables().empty())
      *commit.add_subtasks() = row.commit;
  }
  return commit;
}

}  // namespace leat::runtime
