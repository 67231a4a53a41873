#include "runtime/checkpointing/pending_checkpoint.hpp"

#include <algorithm>
#include <utility>

#include "runtime/base/check.hpp"
#include "runtime/base/mutation.hpp"

namespace leat::runtime {

namespace {

/// The entry of this uid, made if there is none.
template <class Entry>
Entry& entry_of(google::protobuf::RepeatedPtrField<Entry>& entries, const std::string& uid) {
  const auto found = std::find_if(entries.begin(), entries.end(),
                                  [&uid](const Entry& entry) { return entry.uid() == uid; });
  if (found != entries.end())
    return *found;
  Entry& added = *entries.Add();
  added.set_uid(uid);
  return added;
}

}  // namespace

PendingCheckpoint::PendingCheckpoint(proto::StoredCheckpoint manifest,
                                     std::shared_ptr<const proto::StoredCheckpoint> base,
                                     std::uint32_t subtasks, Time began)
    : manifest_(std::move(manifest)),
      base_(std::move(base)),
      acknowledged_(subtasks),
      missing_(subtasks),
      began_(began) {
  LEAT_CHECK(subtasks > 0);
  manifest_.mutable_info()->set_subtasks(subtasks);
}

AckOutcome PendingCheckpoint::acknowledge(std::uint32_t subtask,
                                          const proto::SubtaskEvent::CheckpointAck& ack) {
  if (ack.checkpoint() != id() || subtask >= acknowledged_.size())
    return AckOutcome::kUnknown;
  if (acknowledged_[subtask])
    return AckOutcome::kDuplicate;
  if (!is_founded(ack.snapshot()))
    return AckOutcome::kBaseless;
  acknowledged_[subtask] = true;
  missing_ -= LEAT_MUTATION(ack_counted_twice) && missing_ > 1 ? 2 : 1;
  merge(subtask, ack.snapshot());
  proto::CheckpointInfo& info = *manifest_.mutable_info();
  info.set_acknowledged(info.acknowledged() + 1);
  info.set_sent_bytes(info.sent_bytes() + ack.sent_bytes());
  info.set_alignment_ms(std::max(info.alignment_ms(), ack.alignment_ms()));
  info.set_unaligned(info.unaligned() || ack.unaligned());
  return missing_ == 0 ? AckOutcome::kCompleted : AckOutcome::kAccepted;
}

bool PendingCheckpoint::is_founded(const proto::SubtaskSnapshot& snapshot) {
  for (const proto::KeyedStateSnapshot& keyed : snapshot.keyed())
    for (const proto::SegmentSnapshot& segment : keyed.segments())
      if (segment.on_base() && base_.find(keyed.uid(), segment) == nullptr)
        return false;
  return true;
}

void PendingCheckpoint::merge(const proto::KeyedStateSnapshot& keyed) {
  proto::KeyedStateSnapshot& all = entry_of(*manifest_.mutable_keyed(), keyed.uid());
  if (all.type().empty())
    all.set_type(keyed.type());
  all.set_bytes(all.bytes() + keyed.bytes());
  all.mutable_segments()->Reserve(all.segments_size() + keyed.segments_size());
  for (const proto::SegmentSnapshot& segment : keyed.segments()) {
    proto::SegmentSnapshot& added = *all.add_segments();
    added.set_depth(segment.depth());
    added.set_prefix(segment.prefix());
    if (segment.on_base())
      added.set_chain(base_.find(keyed.uid(), segment)->chain());
    added.mutable_chain()->append(segment.chain());
  }
}

void PendingCheckpoint::merge(std::uint32_t subtask, const proto::SubtaskSnapshot& snapshot) {
  for (const proto::KeyedStateSnapshot& keyed : snapshot.keyed())
    merge(keyed);
  for (const proto::SourceSnapshot& source : snapshot.sources())
    entry_of(*manifest_.mutable_sources(), source.uid())
        .mutable_splits()
        ->MergeFrom(source.splits());
  manifest_.mutable_channels()->MergeFrom(snapshot.channels());
  if (!snapshot.committables().empty()) {
    proto::SubtaskCommit& commit = *manifest_.add_commits();
    commit.set_subtask(subtask);
    *commit.mutable_committables() = snapshot.committables();
  }
}

proto::StoredCheckpoint& PendingCheckpoint::manifest() {
  LEAT_CHECK(missing_ == 0);
  return manifest_;
}

}  // namespace leat::runtime
