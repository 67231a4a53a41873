#include "runtime/checkpointing/leveldb_snapshot_store.hpp"

#include <algorithm>
#include <utility>

#include "runtime/base/check.hpp"

namespace leat {

namespace {

/// A generation is collected when less than half of it lives: then copying it frees more than it takes,
/// and no more than twice what lives is ever stored.
constexpr std::uint64_t kCollectBelow = 2;
/// More live bytes make larger generations, so that their number, and that of open files, stays bounded.
constexpr std::uint64_t kMostGenerationsOfLiveBytes = 32;
/// Deleting one takes about a millisecond.
constexpr std::size_t kFilesDeletedAtOnce = 16;

std::string mib(std::uint64_t bytes) {
  return std::to_string(bytes >> 20) + " MiB";
}

}  // namespace

Result<std::vector<ChunkId>> LevelDbSnapshotStore::put(
    const std::vector<std::string_view>& chunks) {
  if (failed_)
    return Error(ErrorKind::kIo, "the chunk store " + directory_ +
                                     " accepts nothing after a failed write until it is reopened");
  std::uint64_t bytes = 0;
  std::vector<ChunkToWrite> writes;
  writes.reserve(chunks.size());
  for (const std::string_view chunk : chunks) {
    if (chunk.size() > kMaxChunkBytes)
      return Error(ErrorKind::kInternal, "a chunk of " + std::to_string(chunk.size()) +
                                             " bytes is larger than the largest allowed, " +
                                             std::to_string(kMaxChunkBytes));
    writes.push_back({{epoch_, last_counter_ + writes.size() + 1}, chunk});
    bytes += chunk.size();
  }
  if (auto room = check_room(bytes); !room)
    return room.error();
  last_counter_ += writes.size();  // also when it fails: an id is never used twice

  std::vector<std::pair<ChunkId, Location>> written;
  std::vector<ChunkToWrite> batch;
  std::size_t batch_bytes = 0;
  for (std::size_t i = 0; i < writes.size(); ++i) {
    batch.push_back(writes[i]);
    batch_bytes += writes[i].bytes.size();
    if (batch_bytes < options_.batch_bytes && i + 1 < writes.size())
      continue;
    auto generation = write_batch(current_, batch);
    if (!generation)
      return generation.error();
    for (const ChunkToWrite& chunk : batch)
      written.emplace_back(chunk.id,
                           Location{*generation, static_cast<std::uint32_t>(chunk.bytes.size())});
    batch.clear();
    batch_bytes = 0;
  }

  std::vector<ChunkId> ids;
  ids.reserve(written.size());
  for (const auto& [id, location] : written) {
    enter(id, location);
    ids.push_back(id);
  }
  return ids;
}

Result<std::string> LevelDbSnapshotStore::get(ChunkId id) {
  const auto entry = index_.find(id);
  if (entry == index_.end())
    return Error(ErrorKind::kProtocol, "chunk " + to_string(id) + " is not in the store " +
                                           directory_ + ": it was released or lost");
  const auto generation = generations_.find(entry->second.generation);
  if (generation == generations_.end())
    return Error(ErrorKind::kIo, "chunk " + to_string(id) + " cannot be read: the store " +
                                     directory_ + " could not be reopened");
  return generation->second.database->read(id);
}

void LevelDbSnapshotStore::release(const std::vector<ChunkId>& ids) {
  for (const ChunkId& id : ids) {
    const auto entry = index_.find(id);
    if (entry == index_.end())
      continue;
    leave(entry->second);
    index_.erase(entry);
  }
}

void LevelDbSnapshotStore::enter(ChunkId id, Location location) {
  const bool added = index_.emplace(id, location).second;
  LEAT_CHECK(added);
  Generation& generation = generations_.at(location.generation);
  ++generation.live_chunks;
  generation.live_bytes += location.bytes;
  live_bytes_ += location.bytes;
}

void LevelDbSnapshotStore::leave(const Location& location) {
  live_bytes_ -= location.bytes;
  const auto generation = generations_.find(location.generation);
  if (generation == generations_.end())
    return;  // closed by a reopen() that failed
  --generation->second.live_chunks;
  generation->second.live_bytes -= location.bytes;
}

Result<std::uint64_t> LevelDbSnapshotStore::write_batch(std::optional<std::uint64_t>& target,
                                                        const std::vector<ChunkToWrite>& batch) {
  if (auto prepared = prepare(target); !prepared)
    return fail(prepared.error());
  if (auto written = generations_.at(*target).database->write(batch); !written)
    return fail(written.error());
  return *target;
}

/// `target` is a generation with room: a full one is sealed and a new one created.
Result<void> LevelDbSnapshotStore::prepare(std::optional<std::uint64_t>& target) {
  const std::uint64_t full =
      std::max(options_.generation_bytes, live_bytes_ / kMostGenerationsOfLiveBytes);
  if (target) {
    ChunkGeneration& generation = *generations_.at(*target).database;
    if (generation.bytes() < full)
      return {};
    target.reset();
    if (auto sealed = generation.seal(); !sealed)
      return sealed.error();
  }
  const std::uint64_t number = directories_.next_number();
  auto created = ChunkGeneration::create(directories_.path(number), generation_settings());
  if (!created)
    return created.error();
  generations_[number].database = std::move(*created);
  target = number;
  return {};
}

Error LevelDbSnapshotStore::fail(const Error& error) {
  failed_ = true;
  return Error(error.kind(), error.message() +
                                 ". Nothing is written to the chunk store until it "
                                 "is reopened: make room on its volume");
}

Result<void> LevelDbSnapshotStore::check_room(std::uint64_t bytes) const {
  const auto free = free_space();
  if (!free)
    return free.error();
  if (*free >= options_.free_space_floor + bytes)
    return {};
  return Error(ErrorKind::kIo, "the volume of " + directory_ + " has " + mib(*free) +
                                   " left, of which " + mib(options_.free_space_floor) +
                                   " are kept free: make room, or retain fewer checkpoints");
}

Result<bool> LevelDbSnapshotStore::collect(std::size_t budget_bytes) {
  if (failed_)
    return Error(ErrorKind::kIo,
                 "the chunk store " + directory_ + " collects nothing until it is reopened");
  auto files_left = directories_.remove_some(kFilesDeletedAtOnce);
  if (!files_left || *files_left)
    return files_left;
  const auto victim = choose_victim();
  if (victim == generations_.end())
    return false;
  if (auto copied = copy_forward(victim, budget_bytes); !copied)
    return copied.error();
  if (victim->second.live_chunks == 0) {
    directories_.drop(victim->first);
    generations_.erase(victim);
  }
  return true;
}

LevelDbSnapshotStore::Generations::iterator LevelDbSnapshotStore::choose_victim() {
  // Copying takes room before it frees some; what is all dead goes in any case.
  const bool may_copy = check_room(0).ok();
  return std::find_if(generations_.begin(), generations_.end(), [&](const auto& entry) {
    const auto& [number, generation] = entry;
    if (number == current_ || number == survivors_)
      return false;
    if (generation.live_chunks == 0)
      return true;
    return may_copy && !generation.unreadable &&
           generation.live_bytes < generation.database->bytes() / kCollectBelow;
  });
}

/// Copies live chunks of `victim` to the survivors; they are found there from then on.
Result<void> LevelDbSnapshotStore::copy_forward(Generations::iterator victim,
                                                std::size_t budget_bytes) {
  Generation& generation = victim->second;
  const std::vector<StoredChunk>& chunks = generation.database->chunks();
  const std::size_t most = std::min(budget_bytes, options_.batch_bytes);
  std::vector<std::string> bytes;
  std::vector<ChunkId> ids;
  std::size_t copied_bytes = 0;
  for (; generation.copied < chunks.size() && copied_bytes < most; ++generation.copied) {
    const ChunkId id = chunks[generation.copied].id;
    const auto entry = index_.find(id);
    if (entry == index_.end() || entry->second.generation != victim->first)
      continue;
    auto chunk = generation.database->read(id);
    if (!chunk) {
      generation.unreadable = true;
      return chunk.error().kind() == ErrorKind::kProtocol ? Result<void>() : chunk.error();
    }
    copied_bytes += chunk->size();
    bytes.push_back(std::move(*chunk));
    ids.push_back(id);
  }
  if (ids.empty())
    return {};
  std::vector<ChunkToWrite> batch;
  for (std::size_t i = 0; i < ids.size(); ++i)
    batch.push_back({ids[i], bytes[i]});
  auto target = write_batch(survivors_, batch);
  if (!target)
    return target.error();
  for (const ChunkToWrite& chunk : batch) {
    const auto entry = index_.find(chunk.id);
    leave(entry->second);
    index_.erase(entry);
    enter(chunk.id, {*target, static_cast<std::uint32_t>(chunk.bytes.size())});
  }
  return {};
}

StoreUsage LevelDbSnapshotStore::usage() const {
  StoreUsage usage;
  usage.live_chunks = index_.size();
  usage.live_bytes = live_bytes_;
  usage.disk_bytes = directories_.disk_bytes();
  const auto free = free_space();
  usage.free_bytes = free ? *free : 0;
  usage.generations = generations_.size();
  return usage;
}

}  // namespace leat
