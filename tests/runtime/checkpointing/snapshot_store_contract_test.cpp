// What holds for every SnapshotStore: the one on LevelDB, and the one simulations run on.

#include <algorithm>
#include <functional>

#include <gtest/gtest.h>

#include "tests/runtime/checkpointing/chunk_bytes.hpp"
#include "tests/runtime/checkpointing/store_volume.hpp"

namespace leat::test {
namespace {

struct Kind {
  const char* name;
  std::function<std::unique_ptr<StoreVolume>()> make;
};

class SnapshotStoreContract : public ::testing::TestWithParam<Kind> {
 protected:
  void SetUp() override {
    volume_ = GetParam().make();
    reopen_process(1, {});
  }

  /// A new JobManager on the volume; nothing may be lost.
  void reopen_process(std::uint64_t epoch, const std::vector<ChunkId>& live) {
    const auto lost = volume_->open(static_cast<Epoch>(epoch), live);
    ASSERT_TRUE(lost.ok()) << lost.error().message();
    EXPECT_TRUE(lost->empty());
  }

  std::vector<ChunkId> put(const std::vector<std::string>& chunks) {
    auto ids = store().put({chunks.begin(), chunks.end()});
    EXPECT_TRUE(ids.ok()) << ids.error().message();
    return ids.ok() ? *ids : std::vector<ChunkId>{};
  }

  std::string get(ChunkId id) {
    auto chunk = store().get(id);
    return chunk.ok() ? *chunk : "error: " + chunk.error().message();
  }

  void collect_all() {
    for (int step = 0; step < 1000; ++step) {
      const auto more = store().collect(20'000);
      ASSERT_TRUE(more.ok()) << more.error().message();
      if (!*more)
        return;
    }
    FAIL() << "collect() does not end";
  }

  static std::vector<std::string> some_chunks(std::uint64_t seed, std::size_t count) {
    std::vector<std::string> chunks;
    for (std::size_t i = 0; i < count; ++i)
      chunks.push_back(chunk_bytes(seed * 1000 + i, 5000));
    return chunks;
  }

  SnapshotStore& store() { return volume_->store(); }

  std::unique_ptr<StoreVolume> volume_;
};

TEST_P(SnapshotStoreContract, GivesBackWhatWasPutAlsoAfterARestart) {
  const std::vector<std::string> chunks = {"a", "", chunk_bytes(1, 300'000), "d"};
  const auto ids = put(chunks);
  ASSERT_EQ(4U, ids.size());
  for (std::size_t i = 0; i < ids.size(); ++i)
    EXPECT_EQ(chunks[i], get(ids[i]));
  reopen_process(2, ids);
  for (std::size_t i = 0; i < ids.size(); ++i)
    EXPECT_EQ(chunks[i], get(ids[i]));
  EXPECT_EQ(300'002U, store().usage().live_bytes);
  EXPECT_EQ(4U, store().usage().live_chunks);
}

TEST_P(SnapshotStoreContract, IdsAscendAndAreNeverUsedTwice) {
  auto ids = put(some_chunks(1, 3));
  const auto more = put(some_chunks(2, 2));
  ids.insert(ids.end(), more.begin(), more.end());
  volume_->fail_next_write();
  EXPECT_FALSE(store().put({"lost"}).ok());
  ASSERT_TRUE(store().reopen().ok());
  ids.push_back(put({"x"}).front());
  EXPECT_EQ(7U, ids.back().counter) << "the failed one keeps its id";
  reopen_process(2, ids);
  ids.push_back(put({"y"}).front());
  EXPECT_EQ(2U, ids.back().epoch);
  EXPECT_TRUE(std::is_sorted(ids.begin(), ids.end()));
  EXPECT_EQ(ids.end(), std::adjacent_find(ids.begin(), ids.end()));
}

TEST_P(SnapshotStoreContract, RefusesAChunkThatIsTooLargeAndGoesOn) {
  const std::string largest = chunk_bytes(1, kMaxChunkBytes);
  EXPECT_EQ(largest, get(put({largest}).front()));
  EXPECT_FALSE(store().put({"fine", largest + "x"}).ok());
  EXPECT_FALSE(store().needs_reopen());
  EXPECT_EQ(1U, store().usage().live_chunks);
}

TEST_P(SnapshotStoreContract, NamesTheChunkItDoesNotHave) {
  const auto ids = put({"a"});
  store().release(ids);
  store().release(ids);  // again, and one that never was
  store().release({{9, 9}});
  const auto gone = store().get(ids.front());
  ASSERT_FALSE(gone.ok());
  EXPECT_EQ(ErrorKind::kProtocol, gone.error().kind());
  EXPECT_NE(std::string::npos, gone.error().message().find("1/1")) << gone.error().message();
  EXPECT_EQ(0U, store().usage().live_bytes);
}

TEST_P(SnapshotStoreContract, FreesTheSpaceOfWhatIsReleasedAndKeepsTheRest) {
  const auto chunks = some_chunks(1, 100);
  auto ids = put(chunks);
  const std::uint64_t before = store().usage().disk_bytes;
  std::vector<ChunkId> released;
  std::vector<ChunkId> kept;
  for (std::size_t i = 0; i < ids.size(); ++i)
    (i % 10 == 0 ? kept : released).push_back(ids[i]);
  store().release(released);
  collect_all();
  EXPECT_LT(store().usage().disk_bytes, before / 2);
  for (int life = 2; life <= 3; ++life) {
    for (std::size_t i = 0; i < ids.size(); i += 10)
      EXPECT_EQ(chunks[i], get(ids[i]));
    reopen_process(static_cast<std::uint64_t>(life), kept);
    collect_all();
  }
}

TEST_P(SnapshotStoreContract, TakesWhatIsNotLiveForGarbageAtTheStart) {
  const auto ids = put(some_chunks(1, 100));
  const std::uint64_t before = store().usage().disk_bytes;
  reopen_process(2, {ids[3]});
  EXPECT_FALSE(store().get(ids[4]).ok());
  collect_all();
  EXPECT_LT(store().usage().disk_bytes, before / 2);
  EXPECT_EQ(some_chunks(1, 4)[3], get(ids[3]));
}

TEST_P(SnapshotStoreContract, ReportsLiveChunksThatAreMissingOrDamaged) {
  const auto chunks = some_chunks(1, 30);
  const auto ids = put(chunks);
  volume_->close();
  volume_->damage(ids[7], chunks[7]);
  std::vector<ChunkId> live = ids;
  live.push_back({1, 999});
  const auto lost = volume_->open(Epoch{2}, live);
  ASSERT_TRUE(lost.ok()) << lost.error().message();
  // A log record of LevelDB's is lost as a whole, so that neighbours may be as well.
  EXPECT_TRUE(std::count(lost->begin(), lost->end(), ids[7]) == 1);
  EXPECT_EQ((ChunkId{1, 999}), lost->back());
  for (std::size_t i = 0; i < ids.size(); ++i) {
    const bool reported = std::count(lost->begin(), lost->end(), ids[i]) == 1;
    EXPECT_EQ(!reported, store().get(ids[i]).ok()) << i;
    if (!reported) {
      EXPECT_EQ(chunks[i], get(ids[i]));
    }
  }
}

TEST_P(SnapshotStoreContract, WritesNothingAfterAFailedWriteUntilItIsReopened) {
  const auto chunks = some_chunks(1, 5);
  const auto ids = put(chunks);
  volume_->fail_next_write();
  EXPECT_FALSE(store().put({"b", "c"}).ok());
  EXPECT_TRUE(store().needs_reopen());
  EXPECT_FALSE(store().put({"d"}).ok());
  EXPECT_FALSE(store().collect(1000).ok());
  EXPECT_EQ(chunks[2], get(ids[2])) << "reading goes on";

  const auto lost = store().reopen();
  ASSERT_TRUE(lost.ok()) << lost.error().message();
  EXPECT_TRUE(lost->empty());
  EXPECT_FALSE(store().needs_reopen());
  for (std::size_t i = 0; i < ids.size(); ++i)
    EXPECT_EQ(chunks[i], get(ids[i]));
  const auto later = put({"e"});
  EXPECT_EQ(6U, store().usage().live_chunks);
  std::vector<ChunkId> live = ids;
  live.push_back(later.front());
  reopen_process(2, live);
  EXPECT_EQ("e", get(later.front()));
}

TEST_P(SnapshotStoreContract, RefusesChunksBelowTheFloorAndGoesOnWhenThereIsRoom) {
  const auto ids = put(some_chunks(1, 5));
  volume_->fill_up(kVolumeFloor + 1000);
  const auto refused = store().put({std::string_view(some_chunks(2, 1).front())});
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(ErrorKind::kIo, refused.error().kind());
  EXPECT_FALSE(store().needs_reopen());
  EXPECT_EQ("small", get(put({"small"}).front()));
  volume_->fill_up(kVolumeFloor * 10);
  EXPECT_EQ(some_chunks(2, 1).front(), get(put(some_chunks(2, 1)).front()));
}

TEST_P(SnapshotStoreContract, LosesNothingItAcknowledgedWhenThePowerGoes) {
  std::vector<ChunkId> live;
  std::vector<std::string> bytes;
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    const auto chunks = some_chunks(seed, 3 + seed % 5);
    const auto ids = put(chunks);
    live.insert(live.end(), ids.begin(), ids.end());
    bytes.insert(bytes.end(), chunks.begin(), chunks.end());
    const auto doomed = some_chunks(500 + seed, 4);
    volume_->lose_power_during_put({doomed.begin(), doomed.end()}, seed);
    reopen_process(seed + 2, live);
    for (std::size_t i = 0; i < live.size(); ++i)
      ASSERT_EQ(bytes[i], get(live[i])) << "chunk " << i << " after power cut " << seed;
    EXPECT_EQ(live.size(), store().usage().live_chunks);
  }
}

INSTANTIATE_TEST_SUITE_P(
    , SnapshotStoreContract,
    ::testing::Values(Kind{"LevelDb", [] { return std::make_unique<LevelDbVolume>(); }},
                      Kind{"Memory", [] { return std::make_unique<MemoryVolume>(); }}),
    [](const auto& kind) { return std::string(kind.param.name); });

}  // namespace
}  // namespace leat::test
