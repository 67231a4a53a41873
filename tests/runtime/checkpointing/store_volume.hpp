#pragma once

// A volume with a store on it: what the contract's tests need of the real and of the simulated one.

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/checkpointing/leveldb_snapshot_store.hpp"
#include "tests/support/faulty_env.hpp"
#include "tests/support/memory_snapshot_store.hpp"

namespace leat::test {

class StoreVolume {
 public:
  virtual ~StoreVolume() = default;
  /// Opens a store as a JobManager of `epoch` does; returns what is lost.
  virtual Result<std::vector<ChunkId>> open(Epoch epoch, const std::vector<ChunkId>& live) = 0;
  virtual SnapshotStore& store() = 0;
  /// The process ends.
  virtual void close() = 0;
  /// The machine stops in the middle of the next put(), and comes back.
  virtual void lose_power_during_put(const std::vector<std::string_view>& chunks,
                                     std::uint64_t seed) = 0;
  virtual void fail_next_write() = 0;
  /// Leaves this much free space.
  virtual void fill_up(std::uint64_t free_bytes) = 0;
  virtual void damage(ChunkId id, std::string_view bytes) = 0;
};

/// Free space below which both refuse chunks.
inline constexpr std::uint64_t kVolumeFloor = 300'000;

inline LevelDbStoreOptions small_store(FaultyEnv& env) {
  LevelDbStoreOptions options;
  options.env = &env;
  options.generation_bytes = 64 << 10;
  options.batch_bytes = 16 << 10;
  options.write_buffer_bytes = 64 << 10;  // LevelDB takes no smaller one
  options.free_space_floor = kVolumeFloor;
  options.free_space = [&env](const std::string&) -> Result<std::uint64_t> {
    return env.free_bytes();
  };
  return options;
}

class LevelDbVolume : public StoreVolume {
 public:
  Result<std::vector<ChunkId>> open(Epoch epoch, const std::vector<ChunkId>& live) override {
    store_.reset();
    auto opened = LevelDbSnapshotStore::open("/chunks", epoch, live, small_store(env_));
    if (!opened)
      return opened.error();
    store_ = std::move(opened->store);
    return opened->lost;
  }
  SnapshotStore& store() override { return *store_; }
  void close() override { store_.reset(); }
  void lose_power_during_put(const std::vector<std::string_view>& chunks,
                             std::uint64_t seed) override {
    env_.power_off_after(seed % 4);
    static_cast<void>(store_->put(chunks));
    store_.reset();
    env_.restart(static_cast<UnsyncedTail>(seed % 3), seed);
  }
  void fail_next_write() override { env_.fail_nth(EnvOperation::kAppend, 1); }
  void fill_up(std::uint64_t free_bytes) override {
    env_.set_capacity(~std::uint64_t{0} >> 1);
    env_.set_capacity((~std::uint64_t{0} >> 1) - env_.free_bytes() + free_bytes);
  }
  void damage(ChunkId, std::string_view bytes) override {
    LEAT_CHECK(env_.damage(bytes.substr(0, 100)));
  }
  FaultyEnv& env() { return env_; }

 private:
  FaultyEnv env_;
  std::unique_ptr<LevelDbSnapshotStore> store_;
};

class MemoryVolume : public StoreVolume {
 public:
  Result<std::vector<ChunkId>> open(Epoch epoch, const std::vector<ChunkId>& live) override {
    store_.reset();
    auto opened = MemorySnapshotStore::open(disk_, epoch, live, kVolumeFloor);
    if (!opened)
      return opened.error();
    store_ = std::move(opened->store);
    return opened->lost;
  }
  SnapshotStore& store() override { return *store_; }
  void close() override { store_.reset(); }
  void lose_power_during_put(const std::vector<std::string_view>& chunks,
                             std::uint64_t seed) override {
    disk_->power_off_after(seed % chunks.size());
    static_cast<void>(store_->put(chunks));
    store_.reset();
    disk_->restart(seed);
  }
  void fail_next_write() override { disk_->fail_nth_write(1); }
  void fill_up(std::uint64_t free_bytes) override {
    disk_->set_capacity(disk_->bytes() + free_bytes);
  }
  void damage(ChunkId id, std::string_view) override { LEAT_CHECK(disk_->flip_bit(id, 7)); }

 private:
  std::shared_ptr<MemoryChunkDisk> disk_ = std::make_shared<MemoryChunkDisk>();
  std::unique_ptr<MemorySnapshotStore> store_;
};

}  // namespace leat::test
