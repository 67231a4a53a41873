#include "runtime/checkpointing/local_chunks.hpp"

#include <algorithm>

#include "runtime/base/check.hpp"

namespace leat {

LocalChunks::Admission LocalChunks::add(const ChunkOwner& owner, std::uint64_t checkpoint,
                                        ChunkId id, std::uint64_t bytes) {
  Admission admission;
  if (contains(id) || bytes > limit_)
    return admission;
  hear(owner);
  // Each turn frees a subtask's copies, so that this ends.
  while (bytes_ + bytes > limit_) {
    const std::size_t before = admission.evicted.size();
    evict_longest_silent(owner, admission.evicted);
    if (admission.evicted.size() == before)
      return admission;
  }
  subtasks_[owner].copies.emplace(id, Copy{checkpoint, bytes});
  owners_of_.emplace(id, owner);
  bytes_ += bytes;
  admission.admitted = true;
  return admission;
}

void LocalChunks::acknowledged(const ChunkOwner& owner, std::uint64_t checkpoint,
                               std::set<ChunkId> chunks) {
  hear(owner).acknowledged.insert_or_assign(checkpoint, std::move(chunks));
}

std::vector<ChunkId> LocalChunks::completed(const ChunkOwner& owner, std::uint64_t checkpoint) {
  std::vector<ChunkId> freed;
  Subtask& subtask = hear(owner);
  const auto known = subtask.acknowledged.find(checkpoint);
  if (known == subtask.acknowledged.end())
    return freed;
  for (auto copy = subtask.copies.begin(); copy != subtask.copies.end();) {
    const auto next = std::next(copy);
    if (copy->second.checkpoint <= checkpoint && !known->second.contains(copy->first)) {
      freed.push_back(copy->first);
      erase(subtask, copy);
    }
    copy = next;
  }
  subtask.acknowledged.erase(subtask.acknowledged.begin(), std::next(known));
  return freed;
}

void LocalChunks::forget(ChunkId id) {
  const auto owner = owners_of_.find(id);
  if (owner == owners_of_.end())
    return;
  Subtask& subtask = subtasks_.at(owner->second);
  erase(subtask, subtask.copies.find(id));
}

LocalChunks::Subtask& LocalChunks::hear(const ChunkOwner& owner) {
  Subtask& subtask = subtasks_[owner];
  subtask.heard = ++events_;
  return subtask;
}

void LocalChunks::erase(Subtask& subtask, std::map<ChunkId, Copy>::iterator copy) {
  LEAT_CHECK(bytes_ >= copy->second.bytes);
  bytes_ -= copy->second.bytes;
  owners_of_.erase(copy->first);
  subtask.copies.erase(copy);
}

void LocalChunks::evict_longest_silent(const ChunkOwner& but, std::vector<ChunkId>& evicted) {
  auto victim = subtasks_.end();
  for (auto each = subtasks_.begin(); each != subtasks_.end(); ++each) {
    const bool older = victim == subtasks_.end() || each->second.heard < victim->second.heard;
    if (each->first != but && !each->second.copies.empty() && older)
      victim = each;
  }
  if (victim == subtasks_.end())
    return;
  Subtask& subtask = victim->second;
  while (!subtask.copies.empty()) {
    evicted.push_back(subtask.copies.begin()->first);
    erase(subtask, subtask.copies.begin());
  }
  subtasks_.erase(victim);
}

}  // namespace leat
