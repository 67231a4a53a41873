// What is the LevelDB store's own: its generations on disk.

#include "runtime/checkpointing/leveldb_snapshot_store.hpp"

#include <algorithm>

#include <gtest/gtest.h>

#include "tests/runtime/checkpointing/chunk_bytes.hpp"
#include "tests/runtime/checkpointing/store_volume.hpp"
#include "tests/support/temp_dir.hpp"

namespace leat::test {
namespace {

class LevelDbSnapshotStoreTest : public ::testing::Test {
 protected:
  void open(std::uint64_t epoch, const std::vector<ChunkId>& live) {
    const auto lost = volume_.open(static_cast<Epoch>(epoch), live);
    ASSERT_TRUE(lost.ok()) << lost.error().message();
    EXPECT_TRUE(lost->empty());
  }

  std::vector<ChunkId> put(std::size_t count, std::uint64_t seed) {
    std::vector<std::string> chunks;
    for (std::size_t i = 0; i < count; ++i)
      chunks.push_back(chunk_bytes(seed + i, 4000));
    auto ids = volume_.store().put({chunks.begin(), chunks.end()});
    EXPECT_TRUE(ids.ok()) << ids.error().message();
    return ids.ok() ? *ids : std::vector<ChunkId>{};
  }

  void collect_all() {
    for (int step = 0; step < 1000; ++step) {
      const auto more = volume_.store().collect(20'000);
      ASSERT_TRUE(more.ok()) << more.error().message();
      if (!*more)
        return;
    }
    FAIL() << "collect() does not end";
  }

  /// Below the chunk store, without what is below them.
  std::vector<std::string> generation_names() {
    std::vector<std::string> names;
    EXPECT_TRUE(volume_.env().GetChildren("/chunks", &names).ok());
    std::erase_if(names,
                  [](const std::string& name) { return name == "LOCK" || name == "ballast"; });
    return names;
  }

  LevelDbVolume volume_;
};

TEST_F(LevelDbSnapshotStoreTest, StartsANewGenerationWhenOneIsFull) {
  open(1, {});
  EXPECT_TRUE(generation_names().empty()) << "nothing is made before it is needed";
  put(101, 1);  // a generation is full with 20 of them: 64 KiB, in batches of five
  EXPECT_EQ(6U, generation_names().size());
  EXPECT_EQ("00000001", generation_names().front());
  EXPECT_EQ(6U, volume_.store().usage().generations);
}

TEST_F(LevelDbSnapshotStoreTest, ContinuesTheGenerationThatIsNotFull) {
  std::vector<ChunkId> live;
  for (std::uint64_t epoch = 1; epoch <= 10; ++epoch) {
    open(epoch, live);
    const auto ids = put(1, epoch);
    live.insert(live.end(), ids.begin(), ids.end());
  }
  EXPECT_EQ(1U, generation_names().size());
}

TEST_F(LevelDbSnapshotStoreTest, ContinuesTheSurvivorsToo) {
  std::vector<ChunkId> live;
  for (std::uint64_t epoch = 1; epoch <= 8; ++epoch) {
    open(epoch, live);
    auto ids = put(100, 1000 * epoch);
    live.push_back(ids.back());
    ids.pop_back();
    volume_.store().release(ids);
    collect_all();
    EXPECT_LE(generation_names().size(), 2U) << "epoch " << epoch;
  }
  for (std::uint64_t epoch = 1; epoch <= 8; ++epoch)
    EXPECT_EQ(chunk_bytes(1000 * epoch + 99, 4000),
              *volume_.store().get(live[static_cast<std::size_t>(epoch - 1)]));
}

TEST_F(LevelDbSnapshotStoreTest, ASealedGenerationNeedsNoLog) {
  open(1, {});
  put(101, 1);
  for (const std::string& log : volume_.env().paths(".log")) {
    std::uint64_t size = 0;
    ASSERT_TRUE(volume_.env().GetFileSize(log, &size).ok());
    if (!log.starts_with("/chunks/00000006/")) {
      EXPECT_EQ(0U, size) << log;
    }
  }
}

TEST_F(LevelDbSnapshotStoreTest, LeavesAGenerationThatMostlyLives) {
  open(1, {});
  const auto ids = put(20, 1);  // one generation, sealed when the next begins
  put(1, 100);
  volume_.store().release({ids.begin(), ids.begin() + 10});
  EXPECT_FALSE(*volume_.store().collect(1 << 20));
  volume_.store().release({ids[10]});
  EXPECT_TRUE(*volume_.store().collect(1 << 20));
}

TEST_F(LevelDbSnapshotStoreTest, CopiesNoMoreThanTheBudgetAtOnce) {
  open(1, {});
  const auto ids = put(20, 1);
  put(1, 100);
  volume_.store().release({ids.begin() + 6, ids.end()});
  for (int step = 1; step <= 6; ++step) {
    const auto before = volume_.env().changes();
    ASSERT_TRUE(*volume_.store().collect(1));
    EXPECT_LT(before, volume_.env().changes());
    EXPECT_EQ(step < 6 ? 3U : 2U, volume_.store().usage().generations) << step;
    for (std::size_t i = 0; i < 6; ++i)
      EXPECT_EQ(chunk_bytes(1 + i, 4000), *volume_.store().get(ids[i]));
  }
}

TEST_F(LevelDbSnapshotStoreTest, ClearsAwayWhatACrashLeftHalfCreatedOrHalfDeleted) {
  open(1, {});
  const auto ids = put(21, 1);
  volume_.close();
  for (const char* directory : {"/chunks/00000007", "/chunks/00000009.dropped"}) {
    ASSERT_TRUE(volume_.env().CreateDir(directory).ok());
    leveldb::WritableFile* file = nullptr;
    ASSERT_TRUE(
        volume_.env().NewWritableFile(std::string(directory) + "/MANIFEST-000001", &file).ok());
    delete file;
  }
  open(2, ids);
  collect_all();
  EXPECT_EQ((std::vector<std::string>{"00000001", "00000002"}), generation_names());
  volume_.store().release(ids);
  put(40, 50);
  EXPECT_EQ("00000010", generation_names().back()) << "numbers are not used twice";
}

TEST_F(LevelDbSnapshotStoreTest, OpensAFullVolumeWithTheSpaceOfItsBallast) {
  open(1, {});
  const auto ids = put(10, 1);
  ASSERT_EQ(1U, volume_.env().paths("/chunks/ballast").size());
  volume_.close();
  volume_.fill_up(0);
  open(2, ids);
  EXPECT_TRUE(volume_.env().paths("/chunks/ballast").empty());
  EXPECT_EQ(chunk_bytes(1, 4000), *volume_.store().get(ids[0]));
  EXPECT_FALSE(volume_.store().put({"refused"}).ok());
  volume_.close();
  volume_.fill_up(10'000'000);
  open(3, ids);
  EXPECT_EQ(1U, volume_.env().paths("/chunks/ballast").size()) << "taken again";
}

TEST_F(LevelDbSnapshotStoreTest, SavesWholeChunksFromADamagedGeneration) {
  open(1, {});
  const auto ids = put(20, 1);
  put(1, 100);  // seals the first
  volume_.close();
  for (const std::string& path : volume_.env().paths("/chunks/00000001/"))
    if (path.find("MANIFEST") != std::string::npos || path.ends_with("CURRENT")) {
      ASSERT_TRUE(volume_.env().RemoveFile(path).ok());
    }
  open(2, ids);
  for (std::size_t i = 0; i < ids.size(); ++i)
    EXPECT_EQ(chunk_bytes(1 + i, 4000), *volume_.store().get(ids[i]));
  open(3, ids);
}

TEST_F(LevelDbSnapshotStoreTest, DoesNotBelieveTheContentsOfADamagedGeneration) {
  open(1, {});
  auto live = put(20, 1);
  live.push_back(put(1, 100).front());
  volume_.close();
  const auto tables = volume_.env().paths("/chunks/00000001/000005.ldb");
  ASSERT_EQ(1U, tables.size());
  ASSERT_TRUE(volume_.env().RemoveFile(tables.front()).ok());
  LevelDbStoreOptions options = small_store(volume_.env());
  options.verification = Verification::kPresence;
  for (std::uint64_t epoch = 2; epoch <= 3; ++epoch) {
    const auto opened =
        LevelDbSnapshotStore::open("/chunks", static_cast<Epoch>(epoch), live, options);
    ASSERT_TRUE(opened.ok()) << opened.error().message();
    EXPECT_LT(0U, opened->lost.size());
    EXPECT_LT(opened->lost.size(), live.size());
    for (const ChunkId& id : live) {
      const bool lost = std::binary_search(opened->lost.begin(), opened->lost.end(), id);
      EXPECT_EQ(!lost, opened->store->get(id).ok()) << to_string(id);
    }
  }
}

TEST_F(LevelDbSnapshotStoreTest, KeepsAGenerationWhoseChunkItCannotCopy) {
  open(1, {});
  const auto ids = put(20, 1);
  const auto next = put(1, 100);
  volume_.store().release({ids.begin() + 3, ids.end()});
  volume_.damage(ids[0], chunk_bytes(1, 4000));
  collect_all();
  EXPECT_FALSE(volume_.store().get(ids[0]).ok());
  EXPECT_FALSE(volume_.store().needs_reopen());
  // Two chunks as small as these share a block of LevelDB's, and so the damage.
  ASSERT_TRUE(volume_.store().get(ids[2]).ok());
  EXPECT_EQ(chunk_bytes(3, 4000), *volume_.store().get(ids[2]));
  const auto lost = volume_.open(Epoch{2}, {ids[0], ids[1], ids[2], next[0]});
  ASSERT_TRUE(lost.ok());
  EXPECT_EQ((std::vector<ChunkId>{ids[0], ids[1]}), *lost);
}

TEST_F(LevelDbSnapshotStoreTest, FailsInsteadOfReportingLossWhenTheSystemRefuses) {
  open(1, {});
  const auto ids = put(30, 1);
  volume_.close();
  int refusals = 0;
  for (std::uint64_t nth = 1; nth <= 60; ++nth) {
    volume_.env().fail_from_nth(EnvOperation::kRead, nth);  // out of descriptors
    const auto lost = volume_.open(Epoch{2}, ids);
    volume_.env().heal();
    if (lost.ok()) {
      EXPECT_TRUE(lost->empty()) << "read " << nth;
      for (std::size_t i = 0; i < ids.size(); ++i)
        EXPECT_TRUE(volume_.store().get(ids[i]).ok()) << "read " << nth;
    } else {
      EXPECT_EQ(ErrorKind::kIo, lost.error().kind());
      ++refusals;
    }
  }
  EXPECT_LT(20, refusals);
}

TEST_F(LevelDbSnapshotStoreTest, ReadsNoChunkAtTheStartWhenPresenceIsEnough) {
  open(1, {});
  const auto ids = put(20, 1);
  const auto next = put(1, 100);
  volume_.close();
  volume_.damage(ids[0], chunk_bytes(1, 4000));
  LevelDbStoreOptions options = small_store(volume_.env());
  options.verification = Verification::kPresence;
  const auto opened =
      LevelDbSnapshotStore::open("/chunks", Epoch{2}, {ids[0], next[0], {1, 777}}, options);
  ASSERT_TRUE(opened.ok()) << opened.error().message();
  EXPECT_EQ((std::vector<ChunkId>{{1, 777}}), opened->lost);
  EXPECT_FALSE(opened->store->get(ids[0]).ok()) << "found when it is read";
}

TEST(LevelDbSnapshotStore, WorksOnARealDiskAndIsLocked) {
  const TempDir dir;
  LevelDbStoreOptions options;
  options.free_space_floor = 0;
  const std::string chunk = chunk_bytes(1, kMaxChunkBytes);
  std::vector<ChunkId> ids;
  {
    auto opened = LevelDbSnapshotStore::open(dir.file("chunks"), Epoch{1}, {}, options);
    ASSERT_TRUE(opened.ok()) << opened.error().message();
    ids = *opened->store->put({chunk, "small"});
    EXPECT_LT(0U, opened->store->usage().free_bytes);
    const auto second = LevelDbSnapshotStore::open(dir.file("chunks"), Epoch{2}, ids, options);
    ASSERT_FALSE(second.ok());
    EXPECT_NE(std::string::npos, second.error().message().find("another JobManager"))
        << second.error().message();
  }
  auto again = LevelDbSnapshotStore::open(dir.file("chunks"), Epoch{2}, ids, options);
  ASSERT_TRUE(again.ok()) << again.error().message();
  EXPECT_TRUE(again->lost.empty());
  EXPECT_EQ(chunk, *again->store->get(ids[0]));
  EXPECT_EQ("small", *again->store->get(ids[1]));
  again->store->release(ids);
  while (*again->store->collect(1 << 20)) {
  }
}

TEST(LevelDbSnapshotStore, SaysWhereItCannotBe) {
  const TempDir dir;
  dir.write("file", "");
  const auto refused = LevelDbSnapshotStore::open(dir.file("file/chunks"), Epoch{1}, {});
  ASSERT_FALSE(refused.ok());
  EXPECT_NE(std::string::npos, refused.error().message().find(dir.file("file/chunks")));
}

}  // namespace
}  // namespace leat::test
