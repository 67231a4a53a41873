#include "runtime/checkpointing/restore_plan.hpp"

#include <algorithm>

#include "runtime/base/check.hpp"
#include "runtime/base/quote_name.hpp"
#include "runtime/checkpointing/pieces.hpp"
#include "runtime/state/key_group.hpp"
#include "runtime/state/segment_id.hpp"

namespace leat::runtime {

namespace {

std::set<std::string> uids_of(const proto::Plan& plan) {
  std::set<std::string> uids;
  for (const proto::Stage& stage : plan.stages())
    for (const proto::OperatorInfo& info : stage.operators())
      uids.insert(info.uid());
  for (const proto::SourceSpec& source : plan.sources())
    uids.insert(source.uid());
  return uids;
}

/// Empty ones hold nothing that could be lost.
bool holds_anything(const proto::KeyedStateSnapshot& keyed) {
  return !keyed.segments().empty();
}
bool holds_anything(const proto::SourceSnapshot& source) {
  return !source.splits().empty() || !source.enumerator().empty();
}

SegmentId id_of(const proto::SegmentSnapshot& segment) {
  return {static_cast<std::uint8_t>(std::min<std::uint32_t>(segment.depth(), UINT8_MAX)),
          segment.prefix()};
}

proto::KeyedStateSnapshot share_of(const proto::KeyedStateSnapshot& all,
                                   const KeyGroupRange& groups) {
  proto::KeyedStateSnapshot share;
  share.set_uid(all.uid());
  share.set_type(all.type());
  for (const proto::SegmentSnapshot& segment : all.segments()) {
    if (!overlaps(id_of(segment), groups))
      continue;
    *share.add_segments() = segment;
    for_each_piece(segment, [&share](const StoredPiece& piece) {
      share.set_bytes(share.bytes() + piece.length);
    });
  }
  return share;
}

bool same_channels(const proto::Plan& one, const proto::Plan& other) {
  return std::equal(one.edges().begin(), one.edges().end(), other.edges().begin(),
                    other.edges().end(), [](const proto::Edge& a, const proto::Edge& b) {
                      return a.SerializeAsString() == b.SerializeAsString();
                    });
}

}  // namespace

std::vector<proto::RestoreSubtask> restore_plan(const proto::StoredCheckpoint& checkpoint,
                                                std::uint32_t parallelism) {
  LEAT_CHECK(parallelism > 0);
  std::vector<proto::RestoreSubtask> shares(parallelism);
  for (std::uint32_t subtask = 0; subtask < parallelism; ++subtask) {
    const KeyGroupRange groups =
        groups_of_subtask(subtask, parallelism, checkpoint.max_parallelism());
    shares[subtask].set_checkpoint(checkpoint.info().id());
    for (const proto::KeyedStateSnapshot& keyed : checkpoint.keyed())
      *shares[subtask].add_keyed() = share_of(keyed, groups);
  }
  for (const proto::ChannelSnapshot& channel : checkpoint.channels())
    *shares[channel.from() % parallelism].add_channels() = channel;
  return shares;
}

std::vector<std::string> unmatched_state(const proto::StoredCheckpoint& checkpoint,
                                         const proto::Plan& plan) {
  const std::set<std::string> known = uids_of(plan);
  std::vector<std::string> unmatched;
  const auto look = [&](const auto& entries) {
    for (const auto& entry : entries)
      if (holds_anything(entry) && !known.contains(entry.uid()))
        unmatched.push_back(entry.uid());
  };
  look(checkpoint.keyed());
  look(checkpoint.sources());
  return unmatched;
}

void drop_unmatched(proto::StoredCheckpoint& checkpoint, const proto::Plan& plan) {
  const std::set<std::string> known = uids_of(plan);
  const auto drop = [&](auto& entries) {
    entries.erase(std::remove_if(entries.begin(), entries.end(),
                                 [&](const auto& entry) { return !known.contains(entry.uid()); }),
                  entries.end());
  };
  drop(*checkpoint.mutable_keyed());
  drop(*checkpoint.mutable_sources());
}

Result<void> check_restorable(const proto::StoredCheckpoint& savepoint, const proto::Plan& plan,
                              std::uint32_t parallelism, bool allow_non_restored) {
  const auto refuse = [](std::string message) {
    return Error(ErrorKind::kInput, std::move(message));
  };
  if (parallelism > savepoint.max_parallelism())
    return refuse("parallelism " + std::to_string(parallelism) +
                  " is above the savepoint's maximum parallelism " +
                  std::to_string(savepoint.max_parallelism()) +
                  ", which is fixed for the state's life: give -p at most that");
  if (plan.max_parallelism() != savepoint.max_parallelism())
    return refuse("the job has maximum parallelism " + std::to_string(plan.max_parallelism()) +
                  " and the savepoint " + std::to_string(savepoint.max_parallelism()) +
                  ": it is fixed for the state's life; give --max-parallelism " +
                  std::to_string(savepoint.max_parallelism()));
  const auto unmatched = unmatched_state(savepoint, plan);
  if (!unmatched.empty() && !allow_non_restored) {
    std::string names;
    for (const std::string& uid : unmatched)
      names += (names.empty() ? "" : ", ") + quote_name(uid);
    return refuse("the savepoint holds state of " + names +
                  ", and the job has no such operator: give operators the uids they had, or -n to "
                  "drop that state");
  }
  if (!savepoint.channels().empty() && !same_channels(savepoint.plan(), plan))
    return refuse(
        "the savepoint holds records under way between operators, and the job connects "
        "its operators otherwise: restore it with the job that it is of");
  return {};
}

}  // namespace leat::runtime
