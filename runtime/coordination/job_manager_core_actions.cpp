// JobManagerCore: what became of actions in the background.

#include <set>
#include <string>
#include <utility>

#include "runtime/coordination/job_manager_core_state.hpp"

namespace leat::runtime {

void JobManagerCore::on_persisted(ActionToken token, const Result<void>& outcome, Time now,
                                  JobManagerCommands& out) {
  JobManagerStep step{now, out};
  state_->volume.metadata_written(outcome);
  const auto id = state_->services.actions.redeem(token);
  if (!id)
    return;
  if (state_->submissions.on_forgotten(*id, token, outcome, step))
    return;
  if (state_->submissions.contains(*id)) {
    if (auto accepted = state_->submissions.on_persisted(*id, token, outcome, step))
      state_->accept(std::move(*accepted), step);
  } else if (JobMaster* job = state_->find(*id); job != nullptr) {
    job->on_persisted(token, outcome, step);
  }
  state_->settle(step);
}

void JobManagerCore::on_prepared(ActionToken token, Result<PreparedJob> outcome, Time now,
                                 JobManagerCommands& out) {
  JobManagerStep step{now, out};
  const auto id = state_->services.actions.redeem(token);
  if (!id)
    return;
  if (state_->submissions.contains(*id))
    state_->submissions.on_prepared(*id, token, std::move(outcome), step);
  else if (JobMaster* job = state_->find(*id); job != nullptr)
    job->on_prepared(token, std::move(outcome), step);
  state_->settle(step);
}

void JobManagerCore::on_chunks_stored(ActionToken token,
                                      const Result<std::vector<ChunkId>>& outcome, Time now,
                                      JobManagerCommands& out) {
  JobManagerStep step{now, out};
  state_->volume.chunks_written(outcome ? Result<void>() : Result<void>(outcome.error()), now);
  if (!state_->services.actions.redeem(token))
    return;
  const auto batch = state_->services.intake.take_stored(token, step);
  ReleaseChunks unwanted{};
  for (std::size_t i = 0; i < batch.size(); ++i) {
    JobMaster* job = state_->find(batch[i].subtask.job);
    if (outcome && (job == nullptr || !job->on_chunk_stored(batch[i], outcome->at(i), step)))
      unwanted.ids.push_back(outcome->at(i));
    else if (!outcome && job != nullptr)
      job->on_chunk_refused(batch[i], outcome.error(), step);
  }
  if (!unwanted.ids.empty())
    step.out.emplace_back(std::move(unwanted));
  state_->settle(step);
}

void JobManagerCore::on_chunk_loaded(ActionToken token, Result<std::string> outcome, Time now,
                                     JobManagerCommands& out) {
  JobManagerStep step{now, out};
  const auto id = state_->services.actions.redeem(token);
  JobMaster* job = id ? state_->find(*id) : nullptr;
  if (job != nullptr)
    job->on_chunk_loaded(token, std::move(outcome), step);
}

void JobManagerCore::on_chunks_kept(ActionToken token, const Result<std::vector<ChunkId>>& missing,
                                    Time now, JobManagerCommands& out) {
  if (!state_->services.actions.redeem(token))
    return;
  state_->services.chunks_checked = true;
  if (!missing) {
    JobManagerStep step{now, out};
    step.log(LogLevel::kError, "chunks_unchecked", {{"reason", missing.error().message()}});
  }
  chunks_lost(missing ? *missing : std::vector<ChunkId>(), now, out);
}

void JobManagerCore::chunks_lost(const std::vector<ChunkId>& chunks, Time now,
                                 JobManagerCommands& out) {
  JobManagerStep step{now, out};
  const std::set<ChunkId> lost(chunks.begin(), chunks.end());
  if (!lost.empty())
    step.log(LogLevel::kError, "chunks_lost",
             {{"chunks", std::to_string(lost.size())}, {"first", to_string(*lost.begin())}});
  for (auto& [job, checkpoints] : state_->kept)
    checkpoints.mark_lost(lost);
  for (const auto& job : state_->jobs)
    job->chunks_lost(lost, step);
  state_->settle(step);
}

void JobManagerCore::on_savepoint_written(ActionToken token, const Result<std::string>& outcome,
                                          Time now, JobManagerCommands& out) {
  JobManagerStep step{now, out};
  const auto id = state_->services.actions.redeem(token);
  JobMaster* job = id ? state_->find(*id) : nullptr;
  if (job != nullptr)
    job->on_savepoint_written(token, outcome, step);
  state_->settle(step);
}

void JobManagerCore::on_savepoint_read(ActionToken token, Result<proto::StoredCheckpoint> outcome,
                                       Time now, JobManagerCommands& out) {
  JobManagerStep step{now, out};
  const auto id = state_->services.actions.redeem(token);
  if (id && state_->submissions.contains(*id))
    state_->submissions.on_savepoint_read(*id, token, std::move(outcome), step);
  state_->settle(step);
}

}  // namespace leat::runtime
