// The LevelDB store on a volume where everything goes wrong, from seeds. LevelDB writes tables on a
// thread of its own, so a seed repeats the faults but not to the instant.

#include <algorithm>
#include <cstdlib>
#include <map>
#include <random>

#include <gtest/gtest.h>

#include "tests/runtime/checkpointing/chunk_bytes.hpp"
#include "tests/runtime/checkpointing/store_volume.hpp"

namespace leat::test {
namespace {

/// A JobManager that puts, releases and restarts, and knows what must be there.
class FaultStorm {
 public:
  explicit FaultStorm(std::uint64_t seed) : random_(seed) { start(); }

  void step() {
    switch (pick(12)) {
      case 0:
        return restart_process();
      case 1:
        return lose_power();
      case 2:
        return arm();
      case 3:
        return fill_up();
      case 4:
      case 5:
        return release();
      case 6:
      case 7:
        static_cast<void>(store().collect(pick(30'000)));
        return;
      default:
        return put();
    }
  }

  /// Everything acknowledged is there, bit by bit.
  void check() {
    for (const auto& [id, bytes] : live_) {
      const auto chunk = store().get(id);
      ASSERT_TRUE(chunk.ok()) << chunk.error().message();
      ASSERT_EQ(bytes, *chunk) << "chunk " << to_string(id) << " is wrong";
    }
    EXPECT_EQ(live_.size(), store().usage().live_chunks);
  }

  /// A new JobManager on a healthy volume. Returns what it reports lost.
  std::vector<ChunkId> start() {
    volume_.close();
    volume_.env().heal();
    volume_.fill_up(std::uint64_t{1} << 40);
    std::vector<ChunkId> live;
    for (const auto& [id, bytes] : live_)
      live.push_back(id);
    const auto lost = volume_.open(static_cast<Epoch>(++epoch_), live);
    EXPECT_TRUE(lost.ok()) << lost.error().message();
    return lost.ok() ? *lost : std::vector<ChunkId>{};
  }

  void restart_without_loss() {
    EXPECT_TRUE(start().empty());
    check();
  }

  void put() {
    if (store().needs_reopen()) {
      if (pick(2) == 0)
        volume_.env().heal();
      if (const auto lost = store().reopen(); lost.ok()) {
        EXPECT_TRUE(lost->empty());
      }
    }
    std::vector<std::string> chunks;
    for (std::uint64_t i = pick(8); i < 8; ++i)
      chunks.push_back(chunk_bytes(random_(), pick(12'000)));
    const auto ids = store().put({chunks.begin(), chunks.end()});
    if (!ids.ok())
      return;
    ++acknowledged_;
    for (std::size_t i = 0; i < chunks.size(); ++i)
      EXPECT_TRUE(live_.emplace((*ids)[i], chunks[i]).second);
  }

  [[nodiscard]] int acknowledged() const { return acknowledged_; }
  std::map<ChunkId, std::string>& live() { return live_; }
  SnapshotStore& store() { return volume_.store(); }
  LevelDbVolume& volume() { return volume_; }
  std::uint64_t pick(std::uint64_t bound) { return random_() % bound; }

 private:
  void restart_process() {
    if (pick(2) == 0)
      return restart_without_loss();
    // Opening may be refused, for as long as the fault lasts.
    arm();
    volume_.close();
    std::vector<ChunkId> live;
    for (const auto& [id, bytes] : live_)
      live.push_back(id);
    if (const auto lost = volume_.open(static_cast<Epoch>(++epoch_), live); lost.ok()) {
      EXPECT_TRUE(lost->empty());
      return check_reads();
    }
    restart_without_loss();
  }

  /// Like check(), while faults may still refuse.
  void check_reads() {
    for (const auto& [id, bytes] : live_)
      if (const auto chunk = store().get(id); chunk.ok()) {
        EXPECT_EQ(bytes, *chunk);
      }
  }

  void lose_power() {
    volume_.env().power_off_after(pick(12));
    put();
    static_cast<void>(store().collect(10'000));
    put();
    volume_.close();
    volume_.env().restart(static_cast<UnsyncedTail>(pick(3)), random_());
    restart_without_loss();
  }

  void arm() {
    static constexpr EnvOperation kOperations[] = {EnvOperation::kCreate, EnvOperation::kAppend,
                                                   EnvOperation::kSync, EnvOperation::kRename,
                                                   EnvOperation::kRemove};
    const EnvOperation operation = kOperations[pick(std::size(kOperations))];
    if (pick(3) == 0)
      volume_.env().fail_from_nth(operation, 1 + pick(20));
    else
      volume_.env().fail_nth(operation, 1 + pick(20));
  }

  void fill_up() {
    volume_.fill_up(pick(2) == 0 ? pick(100'000) : kVolumeFloor + pick(100'000));
    put();
    release();
    static_cast<void>(store().collect(50'000));
    if (pick(2) == 0)
      volume_.fill_up(std::uint64_t{1} << 40);
  }

  void release() {
    std::vector<ChunkId> ids;
    for (const auto& [id, bytes] : live_)
      if (pick(3) == 0)
        ids.push_back(id);
    store().release(ids);
    for (const ChunkId& id : ids)
      live_.erase(id);
  }

  LevelDbVolume volume_;
  std::mt19937_64 random_;
  std::uint64_t epoch_ = 0;
  int acknowledged_ = 0;
  std::map<ChunkId, std::string> live_;
};

std::uint64_t seeds() {
  const char* asked = std::getenv("LEAT_STORE_SEEDS");
  return asked == nullptr ? 60 : std::strtoull(asked, nullptr, 10);
}

TEST(LevelDbStoreFaults, WhatWasAcknowledgedSurvivesEveryFaultOfTheVolume) {
  int acknowledged = 0;
  for (std::uint64_t seed = 1; seed <= seeds(); ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    FaultStorm storm(seed);
    for (int step = 0; step < 40; ++step)
      storm.step();
    storm.restart_without_loss();
    acknowledged += storm.acknowledged();
    ASSERT_FALSE(::testing::Test::HasFailure());
  }
  EXPECT_LT(seeds() * 5, static_cast<std::uint64_t>(acknowledged))
      << "the faults left no work done";
}

TEST(LevelDbStoreFaults, AFlippedBitIsReportedAndNothingElseIsWrong) {
  static constexpr const char* kFiles[] = {".ldb", ".log", "MANIFEST", "CURRENT", "/chunks/0"};
  int reported = 0;
  for (std::uint64_t seed = 1; seed <= 4 * seeds(); ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    FaultStorm storm(seed);
    for (int i = 0; i < 8; ++i)
      storm.put();
    storm.volume().close();
    for (std::uint64_t flips = storm.pick(3); flips < 3; ++flips)
      storm.volume().env().flip_bit(kFiles[seed % std::size(kFiles)], storm.pick(1 << 30));
    for (const ChunkId& id : storm.start()) {
      EXPECT_EQ(1U, storm.live().erase(id));
      EXPECT_FALSE(storm.store().get(id).ok());
      ++reported;
    }
    storm.check();
    for (int step = 0; step < 4; ++step)
      storm.put();
    storm.restart_without_loss();
    ASSERT_FALSE(::testing::Test::HasFailure());
  }
  EXPECT_LT(0, reported) << "the damage was never where it matters";
}

}  // namespace
}  // namespace leat::test
