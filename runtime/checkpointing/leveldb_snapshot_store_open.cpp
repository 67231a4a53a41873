// Opening, verifying and reopening.

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <utility>

#include <leveldb/env.h>

#include "runtime/base/check.hpp"
#include "runtime/checkpointing/leveldb_error.hpp"
#include "runtime/checkpointing/leveldb_snapshot_store.hpp"

namespace leat {

namespace {

LevelDbStoreOptions with_defaults(LevelDbStoreOptions options) {
  if (options.env == nullptr)
    options.env = leveldb::Env::Default();
  if (!options.free_space)
    options.free_space = [](const std::string& directory) -> Result<std::uint64_t> {
      std::error_code error;
      const auto space = std::filesystem::space(directory, error);
      if (error)
        return Error(ErrorKind::kIo,
                     "the free space of " + directory + " is unknown: " + error.message());
      return space.available;
    };
  return options;
}

}  // namespace

LevelDbSnapshotStore::LevelDbSnapshotStore(std::string directory, Epoch epoch,
                                           LevelDbStoreOptions options)
    : directory_(std::move(directory)),
      epoch_(static_cast<std::uint64_t>(epoch)),
      options_(std::move(options)),
      directories_(options_.env, directory_),
      ballast_(options_.env, directory_ + "/ballast",
               2 * (options_.write_buffer_bytes + options_.batch_bytes)) {}

LevelDbSnapshotStore::~LevelDbSnapshotStore() {
  generations_.clear();
  if (lock_ != nullptr)
    static_cast<void>(options_.env->UnlockFile(lock_));
}

Result<LevelDbSnapshotStore::Opened> LevelDbSnapshotStore::open(const std::string& directory,
                                                                Epoch epoch,
                                                                const std::vector<ChunkId>& live,
                                                                LevelDbStoreOptions options) {
  Opened opened;
  opened.store.reset(new LevelDbSnapshotStore(directory, epoch, with_defaults(std::move(options))));
  if (auto locked = opened.store->lock(); !locked)
    return locked.error();
  auto lost = opened.store->load(live, opened.store->options_.verification);
  if (!lost)
    return lost.error();
  opened.lost = std::move(*lost);
  return opened;
}

Result<std::vector<ChunkId>> LevelDbSnapshotStore::reopen() {
  std::vector<ChunkId> live;
  live.reserve(index_.size());
  for (const auto& [id, location] : index_)
    live.push_back(id);
  failed_ = true;  // until it has succeeded
  auto lost = load(live, Verification::kContents);
  if (lost)
    failed_ = false;
  return lost;
}

Result<void> LevelDbSnapshotStore::lock() {
  static_cast<void>(options_.env->CreateDir(directory_));  // fails if it exists; LockFile says more
  const auto status = options_.env->LockFile(directory_ + "/LOCK", &lock_);
  if (status.ok())
    return {};
  lock_ = nullptr;
  return leveldb_error("the chunk store " + directory_ +
                           " cannot be locked (if another JobManager uses it, stop that, or choose "
                           "another data directory)",
                       status);
}

Result<std::vector<ChunkId>> LevelDbSnapshotStore::load(const std::vector<ChunkId>& live,
                                                        Verification verification) {
  auto lost = try_load(live, verification);
  if (!lost && lost.error().kind() == ErrorKind::kIo && ballast_.release())
    lost = try_load(live, verification);
  if (!lost) {
    generations_.clear();  // index_ does not describe them
    return lost.error().within("the chunk store " + directory_ + " cannot be opened");
  }
  if (options_.durability == Durability::kSynced && !ballast_.present() &&
      check_room(ballast_.bytes()).ok())
    ballast_.take();
  return lost;
}

/// Replaces generations_ and, when it succeeds, index_.
Result<std::vector<ChunkId>> LevelDbSnapshotStore::try_load(const std::vector<ChunkId>& live,
                                                            Verification verification) {
  auto beyond_repair = open_generations();
  if (!beyond_repair)
    return beyond_repair.error();
  Index found;
  found.reserve(live.size());
  for (const ChunkId& id : live) {
    LEAT_CHECK(id.epoch <= epoch_);
    found.emplace(id, Location{});
  }
  // A chunk that was being copied may be in two generations; either will do.
  for (const auto& [number, generation] : generations_)
    for (const StoredChunk& chunk : generation.database->chunks())
      if (const auto entry = found.find(chunk.id); entry != found.end())
        entry->second = {number, chunk.bytes};

  std::vector<ChunkId> lost;
  for (auto& [id, location] : found) {
    auto intact = verification == Verification::kContents ? verify(id, location)
                                                          : Result<bool>(location.generation != 0);
    if (!intact)
      return intact.error();
    if (!*intact)
      lost.push_back(id);
  }
  for (const ChunkId& id : lost)
    found.erase(id);
  std::sort(lost.begin(), lost.end());

  index_.clear();
  live_bytes_ = 0;
  for (const auto& [id, location] : found)
    enter(id, location);
  choose_generations_to_continue();
  if (lost.empty())  // otherwise they stay, for whoever wants to try and save something
    for (const std::uint64_t number : *beyond_repair)
      directories_.drop(number);
  return lost;
}

/// Returns the numbers of those that nothing can be read from.
Result<std::vector<std::uint64_t>> LevelDbSnapshotStore::open_generations() {
  current_.reset();
  survivors_.reset();
  generations_.clear();
  auto numbers = directories_.list();
  if (!numbers)
    return numbers.error();
  std::vector<std::uint64_t> beyond_repair;
  for (const std::uint64_t number : *numbers) {
    auto database = ChunkGeneration::open(directories_.path(number), generation_settings());
    if (database)
      generations_[number].database = std::move(*database);
    else if (database.error().kind() != ErrorKind::kProtocol)
      return database.error();
    else
      beyond_repair.push_back(number);
  }
  return beyond_repair;
}

/// True if the chunk is there and intact; `location` then says where.
Result<bool> LevelDbSnapshotStore::verify(ChunkId id, Location& location) {
  if (location.generation == 0)
    return false;
  auto chunk = generations_.at(location.generation).database->read(id);
  if (chunk)
    return true;
  if (chunk.error().kind() != ErrorKind::kProtocol)
    return chunk.error();
  // A crash while it was copied may have left it in an older generation as well.
  for (const auto& [number, generation] : generations_)
    if (auto copy = generation.database->read(id); copy) {
      location = {number, static_cast<std::uint32_t>(copy->size())};
      return true;
    }
  return false;
}

/// At most two are unsealed, unless sealing one has failed: the current one and the survivors.
void LevelDbSnapshotStore::choose_generations_to_continue() {
  for (auto entry = generations_.rbegin(); entry != generations_.rend(); ++entry) {
    const ChunkGeneration& database = *entry->second.database;
    if (database.sealed())
      continue;
    if (!current_)
      current_ = entry->first;
    else if (!survivors_)
      survivors_ = entry->first;
  }
}

GenerationSettings LevelDbSnapshotStore::generation_settings() const {
  return {options_.env, options_.write_buffer_bytes, options_.durability};
}

Result<std::uint64_t> LevelDbSnapshotStore::free_space() const {
  return options_.free_space(directory_);
}

}  // namespace leat
