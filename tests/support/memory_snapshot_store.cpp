#include "tests/support/memory_snapshot_store.hpp"

#include <algorithm>
#include <utility>

#include "runtime/base/check.hpp"

namespace leat::test {

namespace {

Error powered_off() {
  return Error(ErrorKind::kIo, "the machine is off");
}

}  // namespace

std::uint64_t MemoryChunkDisk::bytes_of(const Chunks& chunks) {
  std::uint64_t bytes = 0;
  for (const auto& [id, stored] : chunks)
    bytes += stored.bytes.size();
  return bytes;
}

std::uint64_t MemoryChunkDisk::free_bytes() const {
  return capacity_ - std::min(capacity_, bytes());
}

std::vector<ChunkId> MemoryChunkDisk::ids() const {
  std::vector<ChunkId> ids;
  for (const auto& [id, stored] : chunks_)
    ids.push_back(id);
  return ids;
}

void MemoryChunkDisk::restart(std::uint64_t seed) {
  std::mt19937_64 random(seed);
  std::erase_if(chunks_,
                [&](const auto& entry) { return !entry.second.synced && random() % 2 == 0; });
  for (auto& [id, stored] : chunks_) {
    if (!stored.synced && !stored.bytes.empty() && random() % 2 == 0)  // torn
      stored.bytes.resize(random() % stored.bytes.size());
    stored.synced = true;
  }
  fail_after_ = kNever;
  power_off_after_ = kNever;
}

bool MemoryChunkDisk::flip_bit(ChunkId id, std::uint64_t seed) {
  const auto entry = chunks_.find(id);
  if (entry == chunks_.end() || entry->second.bytes.empty())
    return false;
  std::mt19937_64 random(seed);
  std::string& bytes = entry->second.bytes;
  char& byte = bytes[random() % bytes.size()];
  byte = static_cast<char>(static_cast<unsigned char>(byte) ^ 1U << random() % 8);
  return true;
}

Result<MemorySnapshotStore::Opened> MemorySnapshotStore::open(std::shared_ptr<MemoryChunkDisk> disk,
                                                              Epoch epoch,
                                                              const std::vector<ChunkId>& live,
                                                              std::uint64_t floor) {
  Opened opened;
  opened.store.reset(new MemorySnapshotStore(std::move(disk), epoch, floor));
  if (auto loaded = opened.store->load(live, opened.lost); !loaded)
    return loaded.error();
  return opened;
}

Result<void> MemorySnapshotStore::load(const std::vector<ChunkId>& live,
                                       std::vector<ChunkId>& lost) {
  if (disk_->power_is_off())
    return powered_off();
  live_.clear();
  for (const ChunkId& id : live) {
    LEAT_CHECK(id.epoch <= epoch_);
    if (intact(id))
      live_.emplace(id, disk_->chunks_.at(id).bytes.size());
    else
      lost.push_back(id);
  }
  std::sort(lost.begin(), lost.end());
  return {};
}

bool MemorySnapshotStore::intact(ChunkId id) const {
  const auto entry = disk_->chunks_.find(id);
  return entry != disk_->chunks_.end() && entry->second.bytes == entry->second.checksummed;
}

Result<std::vector<ChunkId>> MemorySnapshotStore::put(const std::vector<std::string_view>& chunks) {
  if (failed_)
    return Error(ErrorKind::kIo, "nothing is accepted after a failed write");
  std::uint64_t bytes = 0;
  for (const std::string_view chunk : chunks) {
    if (chunk.size() > kMaxChunkBytes)
      return Error(ErrorKind::kInternal, "the chunk is too large");
    bytes += chunk.size();
  }
  if (disk_->free_bytes() < floor_ + bytes)
    return Error(ErrorKind::kIo, "the simulated volume is full");
  std::vector<ChunkId> ids;
  for (const std::string_view chunk : chunks) {
    const ChunkId id{epoch_, ++last_counter_};
    if (auto written = write(id, chunk); !written) {
      failed_ = true;
      return written.error();
    }
    ids.push_back(id);
  }
  for (std::size_t i = 0; i < ids.size(); ++i) {
    disk_->chunks_.at(ids[i]).synced = true;
    live_.emplace(ids[i], chunks[i].size());
  }
  return ids;
}

Result<void> MemorySnapshotStore::write(ChunkId id, std::string_view chunk) {
  if (disk_->power_is_off())
    return powered_off();
  if (disk_->power_off_after_ != MemoryChunkDisk::kNever)
    --disk_->power_off_after_;
  if (disk_->fail_after_ != MemoryChunkDisk::kNever && --disk_->fail_after_ == 0) {
    disk_->fail_after_ = MemoryChunkDisk::kNever;
    return Error(ErrorKind::kIo, "a simulated write failed");
  }
  disk_->chunks_[id] = {std::string(chunk), std::string(chunk), false};
  return {};
}

Result<std::string> MemorySnapshotStore::get(ChunkId id) {
  if (disk_->power_is_off())
    return powered_off();
  const std::string what = "chunk " + to_string(id);
  if (!live_.contains(id))
    return Error(ErrorKind::kProtocol, what + " is not in the store: it was released or lost");
  if (!intact(id))
    return Error(ErrorKind::kProtocol, what + " is damaged");
  return disk_->chunks_.at(id).bytes;
}

void MemorySnapshotStore::release(const std::vector<ChunkId>& ids) {
  for (const ChunkId& id : ids)
    live_.erase(id);
}

Result<bool> MemorySnapshotStore::collect(std::size_t budget_bytes) {
  if (disk_->power_is_off())
    return powered_off();
  if (failed_)
    return Error(ErrorKind::kIo, "nothing is collected after a failed write");
  std::size_t freed = 0;
  for (auto entry = disk_->chunks_.begin(); entry != disk_->chunks_.end();) {
    const bool dead = !live_.contains(entry->first);
    if (dead && freed > 0 && freed + entry->second.bytes.size() > budget_bytes)
      return true;
    freed += dead ? entry->second.bytes.size() + 1 : 0;
    entry = dead ? disk_->chunks_.erase(entry) : std::next(entry);
  }
  return false;
}

Result<std::vector<ChunkId>> MemorySnapshotStore::reopen() {
  std::vector<ChunkId> live;
  for (const auto& [id, bytes] : live_)
    live.push_back(id);
  std::vector<ChunkId> lost;
  failed_ = true;
  if (auto loaded = load(live, lost); !loaded)
    return loaded.error();
  failed_ = false;
  return lost;
}

StoreUsage MemorySnapshotStore::usage() const {
  StoreUsage usage;
  usage.live_chunks = live_.size();
  for (const auto& [id, bytes] : live_)
    usage.live_bytes += bytes;
  usage.disk_bytes = disk_->bytes();
  usage.free_bytes = disk_->free_bytes();
  usage.generations = 1;
  return usage;
}

}  // namespace leat::test
