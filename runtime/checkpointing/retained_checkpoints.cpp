#include "runtime/checkpointing/retained_checkpoints.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include "runtime/base/check.hpp"
#include "runtime/base/mutation.hpp"
#include "runtime/checkpointing/pieces.hpp"

namespace leat::runtime {

void RetainedCheckpoints::add(Manifest manifest) {
  LEAT_CHECK(manifest && manifest->info().id() > newest_id());
  const std::uint64_t id = manifest->info().id();
  entries_.push_back({id, std::move(manifest), {}});
}

void RetainedCheckpoints::add_unreadable(std::uint64_t id, const std::string& why) {
  LEAT_CHECK(id > newest_id());
  entries_.push_back({id, nullptr, why});
}

std::vector<RetainedCheckpoints::Entry> RetainedCheckpoints::trim(std::size_t kept) {
  if (entries_.size() <= kept)
    return {};
  const auto end = entries_.end() - static_cast<std::ptrdiff_t>(kept);
  std::vector<Entry> oldest(std::make_move_iterator(entries_.begin()),
                            std::make_move_iterator(end));
  entries_.erase(entries_.begin(), end);
  return oldest;
}

std::vector<RetainedCheckpoints::Entry> RetainedCheckpoints::drop_newer_than(std::uint64_t id) {
  const auto first = std::find_if(entries_.begin(), entries_.end(),
                                  [id](const Entry& entry) { return entry.id > id; });
  std::vector<Entry> newer(std::make_move_iterator(first), std::make_move_iterator(entries_.end()));
  entries_.erase(first, entries_.end());
  return newer;
}

void RetainedCheckpoints::mark_damaged(std::uint64_t id, const std::string& why) {
  for (Entry& entry : entries_) {
    if (entry.id == id && entry.damage.empty())
      entry.damage = why;
  }
}

void RetainedCheckpoints::mark_lost(const std::set<ChunkId>& chunks) {
  for (Entry& entry : entries_) {
    if (!entry.manifest || !entry.damage.empty())
      continue;
    for_each_piece(*entry.manifest, [&](const StoredPiece& piece) {
      if (entry.damage.empty() && chunks.contains(piece.chunk))
        entry.damage = "chunk " + to_string(piece.chunk) + " is missing or damaged";
    });
  }
}

Result<RetainedCheckpoints::Manifest> RetainedCheckpoints::resume_point(bool may_fall_back) const {
  if (entries_.empty())
    return Manifest();
  if (LEAT_MUTATION(fallback_past_commit) && entries_.size() > 1)
    return std::prev(entries_.end(), 2)->manifest;
  for (auto entry = entries_.rbegin(); entry != entries_.rend(); ++entry) {
    if (entry->damage.empty())
      return entry->manifest;
    if (!may_fall_back)
      break;
  }
  const Entry& newest = entries_.back();
  const std::string why =
      may_fall_back ? "no other that is retained can be read either"
                    : "an older one would publish output again that it may have committed";
  return Error(ErrorKind::kIo, "checkpoint " + std::to_string(newest.id) + " cannot be restored: " +
                                   newest.damage + "; " + why + ". The checkpoints are kept");
}

RetainedCheckpoints::Manifest RetainedCheckpoints::base() const {
  return entries_.empty() || !entries_.back().damage.empty() ? nullptr : entries_.back().manifest;
}

std::set<ChunkId> RetainedCheckpoints::chunks() const {
  std::set<ChunkId> all;
  for (const Entry& entry : entries_) {
    if (entry.manifest)
      all.merge(chunks_of(*entry.manifest));
  }
  return all;
}

bool commits_output(const proto::Plan& plan) {
  return std::any_of(plan.sinks().begin(), plan.sinks().end(), [](const proto::SinkSpec& sink) {
    return sink.kind() == "text_directory" || sink.kind() == "collect";
  });
}

}  // namespace leat::runtime
