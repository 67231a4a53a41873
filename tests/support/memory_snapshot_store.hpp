#pragma once

// A store of snapshots in memory, for simulations: deterministic, no disk, no thread. What a process
// leaves behind is a MemoryChunkDisk, which outlives the store and can fill up, fail, lose power and
// flip bits. One thread at a time.

#include <cstdint>
#include <limits>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/base/ids.hpp"
#include "runtime/checkpointing/snapshot_store.hpp"

namespace leat::test {

/// The volume of a JobManager, as far as chunks are concerned.
class MemoryChunkDisk {
 public:
  // Faults.
  void set_capacity(std::uint64_t bytes) { capacity_ = bytes; }
  /// The `nth` write of a chunk from now on (from 1) fails, once; what was written before it in the
  /// same put() may remain as garbage.
  void fail_nth_write(std::uint64_t nth) { fail_after_ = nth; }
  /// After `writes` further chunks the machine stops: nothing works until restart().
  void power_off_after(std::uint64_t writes) { power_off_after_ = writes; }
  [[nodiscard]] bool power_is_off() const { return power_off_after_ == 0; }
  /// The machine comes back. Of what was not synced some is there, by the seed.
  void restart(std::uint64_t seed);
  /// Flips a bit of a stored chunk. False if it is not there or empty.
  bool flip_bit(ChunkId id, std::uint64_t seed);
  /// Removes a chunk, as a file that was cut short does.
  void lose(ChunkId id) { chunks_.erase(id); }

  [[nodiscard]] std::uint64_t bytes() const { return bytes_of(chunks_); }
  [[nodiscard]] std::uint64_t free_bytes() const;
  /// All chunks on it, dead ones too.
  [[nodiscard]] std::vector<ChunkId> ids() const;

 private:
  friend class MemorySnapshotStore;
  struct Stored {
    std::string bytes;
    std::string checksummed;  ///< what was written: the simulated checksum
    bool synced = false;
  };
  using Chunks = std::map<ChunkId, Stored>;
  static std::uint64_t bytes_of(const Chunks& chunks);
  static constexpr std::uint64_t kNever = std::numeric_limits<std::uint64_t>::max();

  Chunks chunks_;
  std::uint64_t capacity_ = kNever;
  std::uint64_t fail_after_ = kNever;
  std::uint64_t power_off_after_ = kNever;
};

class MemorySnapshotStore final : public SnapshotStore {
 public:
  struct Opened {
    std::unique_ptr<MemorySnapshotStore> store;
    std::vector<ChunkId> lost;
  };

  /// As LevelDbSnapshotStore::open(). `floor` is the free space below which chunks are refused.
  static Result<Opened> open(std::shared_ptr<MemoryChunkDisk> disk, Epoch epoch,
                             const std::vector<ChunkId>& live, std::uint64_t floor = 0);

  Result<std::vector<ChunkId>> put(const std::vector<std::string_view>& chunks) override;
  Result<std::string> get(ChunkId id) override;
  void release(const std::vector<ChunkId>& ids) override;
  Result<bool> collect(std::size_t budget_bytes) override;
  [[nodiscard]] bool needs_reopen() const override { return failed_; }
  Result<std::vector<ChunkId>> reopen() override;
  [[nodiscard]] StoreUsage usage() const override;

 private:
  MemorySnapshotStore(std::shared_ptr<MemoryChunkDisk> disk, Epoch epoch, std::uint64_t floor)
      : disk_(std::move(disk)), epoch_(static_cast<std::uint64_t>(epoch)), floor_(floor) {}
  Result<void> load(const std::vector<ChunkId>& live, std::vector<ChunkId>& lost);
  Result<void> write(ChunkId id, std::string_view chunk);
  [[nodiscard]] bool intact(ChunkId id) const;

  std::shared_ptr<MemoryChunkDisk> disk_;
  std::uint64_t epoch_;
  std::uint64_t floor_;
  std::uint64_t last_counter_ = 0;
  std::map<ChunkId, std::uint64_t> live_;  ///< and their bytes
  bool failed_ = false;
};

}  // namespace leat::test
