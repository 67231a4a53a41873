// JobMaster: checkpoints of the running attempt, and what the next one goes on from.

#include <algorithm>
#include <string>
#include <utility>

#include "runtime/base/mutation.hpp"
#include "runtime/checkpointing/pieces.hpp"
#include "runtime/coordination/error_info.hpp"
#include "runtime/coordination/job_master.hpp"

namespace leat::runtime {

namespace {

const proto::SourceSnapshot* find_source(const proto::StoredCheckpoint& checkpoint,
                                         const std::string& uid) {
  const auto found =
      std::find_if(checkpoint.sources().begin(), checkpoint.sources().end(),
                   [&uid](const proto::SourceSnapshot& source) { return source.uid() == uid; });
  return found == checkpoint.sources().end() ? nullptr : &*found;
}

}  // namespace

CheckpointSubject JobMaster::subject() {
  return {submission(), *execution_, prepared_->enumerators, results_};
}

void JobMaster::on_checkpoint_event(std::uint32_t subtask, const proto::SubtaskEvent& event,
                                    JobManagerStep& step) {
  if (event.has_checkpoint_ack())
    checkpoints_.acknowledge(subject(), subtask, event.checkpoint_ack(), step);
  else if (event.has_checkpoint_declined())
    checkpoints_.decline(subtask, event.checkpoint_declined(), *execution_, step);
  advance(step);
}

void JobMaster::take_checkpoint_ends(JobManagerStep& step) {
  for (const CheckpointEnd& end : checkpoints_.take_ended()) {
    if (end.manifest)
      restart_policy_.on_checkpoint();
    else
      results_.checkpoint_ends();
    if (end.wish == CheckpointWish::kRescale)
      rescale_checkpoint_ = end.manifest ? RescaleCheckpoint::kTaken : RescaleCheckpoint::kNone;
    else
      savepoints_.checkpoint_ended(end, checkpoints_, step);
  }
  checkpoints_.hold(savepoints_.stopping());
}

void JobMaster::list_checkpoints(RequestId request, JobManagerStep& step) const {
  proto::CheckpointList list;
  checkpoints_.list(list);
  step.reply(request, std::move(list));
}

// ---- chunks ----

void JobMaster::snapshot_chunk(const SubtaskKey& key, Incarnation from,
                               proto::SnapshotChunk message, JobManagerStep& step) {
  if (state_ != proto::JOB_RUNNING || key.attempt != attempt_ ||
      !execution_->runs_on(key.subtask, from) ||
      !checkpoints_.wants_chunk(key.subtask, message.checkpoint()))
    return;
  services_.intake.add({key, from, message.checkpoint(), message.sequence(), 0},
                       std::move(*message.mutable_data()), step);
}

bool JobMaster::on_chunk_stored(const ChunkSource& source, ChunkId id, JobManagerStep& step) {
  return state_ == proto::JOB_RUNNING && source.subtask.attempt == attempt_ &&
         checkpoints_.chunk_stored(source, id, step);
}

void JobMaster::on_chunk_refused(const ChunkSource& source, const Error& error,
                                 JobManagerStep& step) {
  if (source.subtask.attempt != attempt_)
    return;
  checkpoints_.chunk_refused(source, error, execution_.get(), step);
  advance(step);
}

void JobMaster::chunks_lost(const std::set<ChunkId>& chunks, JobManagerStep& step) {
  checkpoints_.chunks_lost(chunks);
  advance(step);
}

// Only what the attempt is restored from: a subtask of an old one may ask for what is gone.
void JobMaster::fetch_chunk(const SubtaskKey& key, Incarnation from,
                            const proto::FetchChunk& message, JobManagerStep& step) {
  if (!active() || key.attempt != attempt_ || !execution_->runs_on(key.subtask, from))
    return;
  const ChunkId chunk{message.epoch(), message.counter()};
  if (!resume_chunks_.contains(chunk)) {
    proto::ChunkData refused;
    *refused.mutable_ref() = message.ref();
    refused.set_epoch(chunk.epoch);
    refused.set_counter(chunk.counter);
    *refused.mutable_error() =
        to_error_info(Error(ErrorKind::kProtocol, "chunk " + to_string(chunk) +
                                                      " is not of the checkpoint that "
                                                      "the job goes on from"));
    return step.send(from, std::move(refused));
  }
  step.log(LogLevel::kDebug, "chunk_fetched",
           {{"job", id_.hex()},
            {"subtask", std::to_string(key.subtask)},
            {"taskmanager", services_.task_managers.name(from)},
            {"chunk", to_string(chunk)}});
  const ActionToken token = services_.actions.issue(id_);
  fetches_[token] = {key, from, chunk};
  step.out.emplace_back(LoadChunk{token, chunk});
}

void JobMaster::on_chunk_loaded(ActionToken token, Result<std::string> outcome,
                                JobManagerStep& step) {
  const auto fetch = fetches_.extract(token);
  if (fetch.empty() || fetch.mapped().subtask.attempt != attempt_ || !active())
    return;
  proto::ChunkData data;
  *data.mutable_ref() = to_ref(services_.epoch, fetch.mapped().subtask);
  data.set_epoch(fetch.mapped().chunk.epoch);
  data.set_counter(fetch.mapped().chunk.counter);
  if (outcome)
    data.set_data(std::move(*outcome));
  else
    *data.mutable_error() = to_error_info(outcome.error());
  step.send(fetch.mapped().task_manager, std::move(data));
}

// ---- where to go on from ----

bool JobMaster::decide_resume_point(JobManagerStep& step) {
  if (std::exchange(resume_decided_, true))
    return true;
  auto point = checkpoints_.resume_point(submission().plan(), step);
  if (!point) {
    fail_attempt({point.error(), true}, step);
    return false;
  }
  go_on_from(std::move(*point));
  return true;
}

void JobMaster::go_on_from(RetainedCheckpoints::Manifest point) {
  resume_ = std::move(point);
  resume_chunks_ = resume_ ? chunks_of(*resume_) : std::set<ChunkId>();
}

Result<void> JobMaster::position_sources(std::uint32_t parallelism) {
  for (std::size_t i = 0; i < prepared_->enumerators.size(); ++i) {
    SplitEnumerator& enumerator = *prepared_->enumerators[i];
    const std::string& uid = submission().plan().sources(static_cast<int>(i)).uid();
    const proto::SourceSnapshot* known = resume_ ? find_source(*resume_, uid) : nullptr;
    if (known == nullptr) {
      enumerator.reset(parallelism);
      continue;
    }
    // An empty state is one like others: everything has been handed out.
    if (auto restored = enumerator.restore(known->enumerator(), parallelism); !restored)
      return restored.error().within("source '" + uid + "'");
    if (!LEAT_MUTATION(splits_forgotten))
      enumerator.add_back({known->splits().begin(), known->splits().end()});
  }
  return {};
}

}  // namespace leat::runtime
