#include "runtime/coordination/output_committer.hpp"

#include <algorithm>

#include "runtime/coordination/duration_text.hpp"

namespace leat::runtime {

OutputCommitter::OutputCommitter(
    JobServices& services, JobId job, Attempt attempt, std::uint64_t checkpoint,
    const google::protobuf::RepeatedPtrField<proto::SubtaskCommit>& commits)
    : services_(services), job_(job), attempt_(attempt), checkpoint_(checkpoint) {
  RestartBackoffOptions backoff;
  backoff.first_at_once = false;
  backoff.initial = services.options.repeat_initial;
  for (const proto::SubtaskCommit& subtask : commits)
    pieces_.push_back(Piece{.commit = subtask,
                            .backoff = RestartBackoff(backoff, services.random()),
                            .committed = false,
                            .sent_to = std::nullopt,
                            .avoid = std::nullopt,
                            .due = Time::min()});
}

std::optional<Incarnation> OutputCommitter::choose(const Piece& piece) const {
  const auto& alive = services_.task_managers.all();
  if (alive.empty())
    return std::nullopt;
  // Where the subtask ran if it is still there, else spread by subtask number, over those that stay if any
  // does.
  const SubtaskKey key{job_, attempt_, piece.commit.subtask()};
  const auto slot = services_.slots.slot_of(key);
  if (slot && slot->task_manager != piece.avoid)
    return slot->task_manager;
  std::vector<Incarnation> candidates;
  for (const bool leaving : {false, true}) {
    for (const auto& [incarnation, info] : alive) {
      if (info.leaving == leaving)
        candidates.push_back(incarnation);
    }
    if (!candidates.empty())
      break;
  }
  std::size_t chosen = piece.commit.subtask() % candidates.size();
  if (candidates[chosen] == piece.avoid)
    chosen = (chosen + 1) % candidates.size();
  return candidates[chosen];
}

void OutputCommitter::pump(JobManagerStep& step) {
  for (Piece& piece : pieces_) {
    if (piece.committed || step.now < piece.due)
      continue;
    if (piece.sent_to)
      piece.avoid = std::exchange(piece.sent_to, std::nullopt);  // no answer in time
    const auto to = choose(piece);
    if (!to)
      continue;
    proto::CommitOutput message;
    *message.mutable_ref() =
        to_ref(services_.epoch, SubtaskKey{job_, attempt_, piece.commit.subtask()});
    *message.mutable_committables() = piece.commit.committables();
    message.set_checkpoint(checkpoint_);
    step.send(*to, std::move(message));
    piece.sent_to = *to;
    piece.due = step.now + services_.options.commit_timeout;
  }
}

OutputCommitter::Piece* OutputCommitter::find(std::uint32_t subtask) {
  const auto found = std::find_if(pieces_.begin(), pieces_.end(), [subtask](const Piece& piece) {
    return piece.commit.subtask() == subtask;
  });
  return found == pieces_.end() ? nullptr : &*found;
}

void OutputCommitter::committed(std::uint32_t subtask) {
  if (Piece* piece = find(subtask); piece != nullptr)
    piece->committed = true;
}

bool OutputCommitter::failed(std::uint32_t subtask, Incarnation by, const std::string& reason,
                             JobManagerStep& step) {
  Piece* piece = find(subtask);
  // Only the one that was asked last counts; an older answer has been given up on.
  if (piece == nullptr || piece->committed || piece->sent_to != by)
    return false;
  const Duration delay = piece->backoff.next();
  piece->sent_to.reset();
  piece->avoid = by;
  piece->due = step.now + delay;
  failed_ = true;
  step.log(LogLevel::kWarn, "commit_failed",
           {{"job", job_.hex()},
            {"subtask", std::to_string(subtask)},
            {"taskmanager", services_.task_managers.name(by)},
            {"reason", reason},
            {"action", "repeat"},
            {"backoff_ms", milliseconds_text(delay)}});
  return true;
}

void OutputCommitter::task_manager_lost(Incarnation task_manager) {
  for (Piece& piece : pieces_) {
    if (piece.sent_to == task_manager) {
      piece.sent_to.reset();
      piece.due = Time::min();
    }
  }
}

bool OutputCommitter::waits_for(Incarnation task_manager) const {
  return std::any_of(pieces_.begin(), pieces_.end(), [task_manager](const Piece& piece) {
    return !piece.committed && piece.sent_to == task_manager;
  });
}

bool OutputCommitter::done() const {
  return std::all_of(pieces_.begin(), pieces_.end(),
                     [](const Piece& piece) { return piece.committed; });
}

std::vector<proto::SubtaskCommit> OutputCommitter::left() const {
  std::vector<proto::SubtaskCommit> left;
  for (const Piece& piece : pieces_) {
    if (!piece.committed)
      left.push_back(piece.commit);
  }
  return left;
}

bool OutputCommitter::in_trouble() const {
  return !done() && (failed_ || services_.task_managers.all().empty());
}

Time OutputCommitter::next_deadline() const {
  // With nobody to send to, a registration is what is waited for, not the time.
  if (services_.task_managers.all().empty())
    return Time::max();
  Time earliest = Time::max();
  for (const Piece& piece : pieces_) {
    if (!piece.committed)
      earliest = std::min(earliest, piece.due);
  }
  return earliest;
}

}  // namespace leat::runtime
