// Savepoints: written, read back into another store, and everything that can be wrong with one.

#include <cstdint>
#include <string>
#include <vector>

#include <gmock/gmock.h>

#include "runtime/checkpointing/pieces.hpp"
#include "runtime/checkpointing/savepoint_directory.hpp"
#include "runtime/checkpointing/savepoint_reader.hpp"
#include "runtime/checkpointing/savepoint_writer.hpp"
#include "serialization/crc32c.hpp"
#include "tests/support/memory_file_system.hpp"
#include "tests/support/memory_snapshot_store.hpp"

namespace leat::test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr std::size_t kStep = 100;
const std::string kPath = "/savepoints/savepoint-0a1b2c-7";

std::unique_ptr<MemorySnapshotStore> make_store(std::uint64_t epoch) {
  return std::move(
      MemorySnapshotStore::open(std::make_shared<MemoryChunkDisk>(), Epoch{epoch}, {})->store);
}

std::string pattern(std::size_t size, unsigned seed) {
  std::string bytes;
  while (bytes.size() < size)
    bytes += static_cast<char>((seed = seed * 1103515245 + 12345) >> 16U);
  return bytes;
}

/// Three chunks of which some parts belong to a checkpoint, one of them to two segments.
class Savepoint : public ::testing::Test {
 protected:
  void SetUp() override {
    chunks_ = {pattern(300, 1), pattern(500, 2), pattern(200, 3)};
    ids_ = *store_->put({chunks_[0], chunks_[1], chunks_[2]});
    manifest_.mutable_info()->set_id(7);
    manifest_.set_parallelism(2);
    auto& keyed = *manifest_.add_keyed();
    keyed.set_uid("counts");
    auto& first = *keyed.add_segments();
    add_piece(first, 2, 50, 100);
    add_piece(first, 0, 0, 300);
    auto& second = *keyed.add_segments();
    add_piece(second, 1, 10, 400);
    add_piece(second, 2, 50, 100);
    add_piece(second, 0, 20, 0);
    *manifest_.add_channels()->add_buffers()->mutable_piece() =
        runtime::to_proto(piece_of(1, 410, 90));
  }

  runtime::StoredPiece piece_of(std::size_t chunk, std::uint32_t offset, std::uint32_t length) {
    return {ids_[chunk], offset, length, crc32c(chunks_[chunk].substr(offset, length)), false};
  }
  void add_piece(proto::SegmentSnapshot& segment, std::size_t chunk, std::uint32_t offset,
                 std::uint32_t length) {
    runtime::append_packed(*segment.mutable_chain(), piece_of(chunk, offset, length));
  }

  Result<void> write() {
    auto writer = SavepointWriter::begin(files_, *store_, kPath, manifest_);
    if (!writer)
      return writer.error();
    for (;;) {
      const auto more = (*writer)->step(kStep);
      if (!more)
        return more.error();
      if (!*more)
        return {};
    }
  }

  Result<proto::StoredCheckpoint> read(const std::string& path = kPath) {
    auto reader = SavepointReader::begin(files_, *target_, path);
    if (!reader)
      return reader.error();
    for (;;) {
      const auto more = (*reader)->step(kStep);
      if (!more)
        return more.error();
      if (!*more)
        return (*reader)->take();
    }
  }

  /// The bytes that the pieces of a manifest stand for, in its order.
  static std::vector<std::string> contents(SnapshotStore& store,
                                           const proto::StoredCheckpoint& manifest) {
    std::vector<std::string> result;
    runtime::for_each_piece(manifest, [&](const runtime::StoredPiece& piece) {
      const auto chunk = store.get(piece.chunk);
      result.push_back(chunk ? chunk->substr(piece.offset, piece.length) : "lost");
    });
    return result;
  }

  void change(const std::string& name, const std::string& bytes) {
    EXPECT_TRUE(files_.remove(kPath + "/" + name).ok());
    files_.add_file(kPath + "/" + name, bytes);
  }

  MemoryFileSystem files_;
  std::unique_ptr<MemorySnapshotStore> store_ = make_store(3);
  std::unique_ptr<MemorySnapshotStore> target_ = make_store(9);
  std::vector<std::string> chunks_;
  std::vector<ChunkId> ids_;
  proto::StoredCheckpoint manifest_;
};

TEST_F(Savepoint, HoldsEachByteThatItsCheckpointRefersTo) {
  ASSERT_TRUE(write().ok());
  const auto restored = read();
  ASSERT_TRUE(restored.ok()) << restored.error().message();
  EXPECT_EQ(contents(*target_, *restored), contents(*store_, manifest_));
  EXPECT_EQ(restored->keyed(0).uid(), "counts");
  EXPECT_EQ(restored->parallelism(), 2U);
}

TEST_F(Savepoint, ConsistsOfMetadataAndDataFiles) {
  ASSERT_TRUE(write().ok());
  EXPECT_EQ(files_.names(kPath), "_metadata data-1");
  // A piece that two segments share lies there once.
  EXPECT_EQ(files_.bytes(kPath + "/data-1")->size(), 300U + 400 + 90 + 100);
}

TEST_F(Savepoint, SurvivesALossOfPowerOnceItIsWritten) {
  ASSERT_TRUE(write().ok());
  files_.crash();
  EXPECT_TRUE(read().ok());
}

TEST_F(Savepoint, IsNoneUntilAllOfItIsDurable) {
  for (std::uint64_t changes = 1;; ++changes) {
    files_ = MemoryFileSystem();
    files_.power_off_after(changes);
    const bool written = write().ok();
    files_.crash();
    if (written)
      break;
    const auto restored = read();
    // The last change may be the rename, which was done although nobody was told.
    if (restored.ok()) {
      EXPECT_EQ(contents(*target_, *restored), contents(*store_, manifest_));
    }
    ASSERT_LT(changes, 100U);
  }
}

TEST_F(Savepoint, IsWrittenAnewOverWhatACrashHasLeft) {
  files_.add_file(kPath + "/data-1", "half");
  files_.add_file(kPath + "/data-2", "more");
  files_.add_file(kPath + "/._metadata.unfinished", "x");
  ASSERT_TRUE(write().ok());
  EXPECT_EQ(files_.names(kPath), "_metadata data-1");
}

TEST_F(Savepoint, IsNeverReplaced) {
  ASSERT_TRUE(write().ok());
  const auto again = write();
  ASSERT_FALSE(again.ok());
  EXPECT_EQ(again.error().message(), kPath + " is a savepoint already: choose another directory");
  EXPECT_TRUE(read().ok());
}

TEST_F(Savepoint, RemovesItsFilesWhenItCannotBeCompleted) {
  files_.set_space(500);
  EXPECT_FALSE(write().ok());
  EXPECT_EQ(files_.names(kPath), "");
}

TEST_F(Savepoint, IsRefusedWhenAChunkOfTheStoreIsDamaged) {
  std::string& chain = *manifest_.mutable_keyed(0)->mutable_segments(0)->mutable_chain();
  runtime::StoredPiece piece = runtime::packed_piece(chain, 1);
  piece.crc32c = 1;
  runtime::set_packed(chain, 1, piece);
  const auto written = write();
  ASSERT_FALSE(written.ok());
  EXPECT_THAT(written.error().message(), HasSubstr("chunk 3/1 of the snapshot store is damaged"));
}

TEST_F(Savepoint, TellsEachFlippedBitBeforeAnythingIsStored) {
  ASSERT_TRUE(write().ok());
  for (const std::string name : {"data-1", "_metadata"}) {
    const std::string good = *files_.bytes(kPath + "/" + name);
    for (std::size_t bit = 0; bit < good.size() * 8; bit += 7) {
      std::string bad = good;
      bad[bit / 8] = static_cast<char>(bad[bit / 8] ^ (1 << (bit % 8)));
      change(name, bad);
      const auto restored = read();
      ASSERT_FALSE(restored.ok()) << name << " bit " << bit;
      EXPECT_THAT(restored.error().message(), HasSubstr(kPath + "/" + name));
      EXPECT_EQ(restored.error().kind(), ErrorKind::kInput);
      EXPECT_EQ(*files_.bytes(kPath + "/" + name), bad);
    }
    change(name, good);
  }
  EXPECT_EQ(target_->usage().live_chunks, 0U);
  EXPECT_TRUE(read().ok());
}

TEST_F(Savepoint, TellsEachTruncation) {
  ASSERT_TRUE(write().ok());
  for (const std::string name : {"data-1", "_metadata"}) {
    const std::string good = *files_.bytes(kPath + "/" + name);
    for (std::size_t size = 0; size < good.size(); size += 13) {
      change(name, good.substr(0, size));
      const auto restored = read();
      ASSERT_FALSE(restored.ok()) << name << " of size " << size;
      EXPECT_THAT(restored.error().message(), HasSubstr(kPath + "/" + name + " is damaged"));
    }
    change(name, good + "x");
    EXPECT_FALSE(read().ok()) << name;
    change(name, good);
  }
}

TEST_F(Savepoint, TellsAMissingFile) {
  ASSERT_TRUE(write().ok());
  ASSERT_TRUE(files_.remove(kPath + "/data-1").ok());
  EXPECT_THAT(read().error().message(), HasSubstr(kPath + "/data-1 is missing"));
}

TEST_F(Savepoint, OfAnotherFormatVersionIsRefusedInWords) {
  ASSERT_TRUE(write().ok());
  std::string bytes = *files_.bytes(kPath + "/_metadata");
  bytes[8] = 1;
  change("_metadata", bytes);
  EXPECT_THAT(read().error().message(), HasSubstr("has format version 1, and this Leat reads 2"));
}

TEST_F(Savepoint, WithPartOfAPieceIsDamaged) {
  ASSERT_TRUE(write().ok());
  manifest_.mutable_keyed(0)->mutable_segments(0)->mutable_chain()->pop_back();
  change("_metadata", encode_savepoint_metadata(manifest_));
  EXPECT_THAT(read().error().message(), HasSubstr("a segment's pieces do not decode"));
}

TEST_F(Savepoint, IsNamedByItsOwnDirectoryOrMetadata) {
  ASSERT_TRUE(write().ok());
  EXPECT_TRUE(read(kPath + "/").ok());
  EXPECT_TRUE(read(kPath + "/_metadata").ok());
  EXPECT_EQ(read("/savepoints").error().message(),
            "/savepoints is no savepoint itself; name one of those in it: savepoint-0a1b2c-7");
  EXPECT_THAT(read("/nowhere").error().message(), HasSubstr("there is no savepoint /nowhere"));
  files_.add_file("/texts/a.txt", "a");
  EXPECT_THAT(read("/texts").error().message(), HasSubstr("/texts is no savepoint"));
}

TEST_F(Savepoint, LeavesNoChunkBehindWhenTheStoreRefusesOne) {
  ASSERT_TRUE(write().ok());
  auto disk = std::make_shared<MemoryChunkDisk>();
  target_ = std::move(MemorySnapshotStore::open(disk, Epoch{9}, {})->store);
  disk->set_capacity(100);
  EXPECT_FALSE(read().ok());
  EXPECT_EQ(target_->usage().live_chunks, 0U);
}

TEST(SavepointName, TellsJobAndCheckpoint) {
  EXPECT_EQ(savepoint_name("0a1b2c3d4e5f60718293a4b5c6d7e8f9", 12), "savepoint-0a1b2c-12");
}

TEST(SavepointFormat, IsAsDocumented) {
  proto::StoredCheckpoint manifest;
  manifest.set_attempt(5);
  EXPECT_EQ(encode_savepoint_metadata(manifest).substr(0, 22),
            std::string("LEATSAVE\2\0\0\0\2\0\0\0\0\0\0\0\x10\5", 22));
}

}  // namespace
}  // namespace leat::test
