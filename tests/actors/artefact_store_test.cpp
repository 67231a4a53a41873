#include "actors/artefact_store.hpp"

#include <string>

#include <gtest/gtest.h>

#include "runtime/base/posix_file_system.hpp"
#include "serialization/sha256.hpp"
#include "tests/support/temp_dir.hpp"

namespace leat::actors {
namespace {

class ArtefactStoreTest : public ::testing::Test {
 protected:
  ArtefactStoreTest() { reopen(); }

  void reopen() {
    store_.reset();
    auto opened = ArtefactStore::open(files_, dir_.file("artefacts"), Durability::kSynced);
    ASSERT_TRUE(opened.ok());
    store_ = std::move(*opened);
  }
  proto::PutArtefactReply put(const std::string& sha256, std::uint64_t total, std::uint64_t offset,
                              const std::string& data) {
    proto::PutArtefact piece;
    piece.set_sha256(sha256);
    piece.set_total_bytes(total);
    piece.set_offset(offset);
    piece.set_data(data);
    return store_->put(piece);
  }
  proto::ArtefactChunk get(const std::string& sha256, std::uint64_t offset = 0) {
    proto::GetArtefact request;
    request.set_sha256(sha256);
    request.set_offset(offset);
    return store_->get(request);
  }
  /// Everything there is, piece by piece.
  std::string read(const std::string& sha256) {
    std::string bytes;
    for (;;) {
      const auto chunk = get(sha256, bytes.size());
      if (chunk.data().empty())
        return bytes;
      bytes += chunk.data();
    }
  }

  test::TempDir dir_;
  PosixFileSystem files_;
  std::unique_ptr<ArtefactStore> store_;
};

TEST_F(ArtefactStoreTest, GivesBackWhatWasPutInPieces) {
  const std::string object(3 * kArtefactPieceBytes + 17, 'x');
  const std::string sha256 = sha256_hex(object);
  std::uint64_t next = put(sha256, object.size(), 0, "").next_offset();
  EXPECT_EQ(0U, next);
  while (next < object.size())
    next = put(sha256, object.size(), next, object.substr(next, kArtefactPieceBytes)).next_offset();
  EXPECT_EQ(object.size(), next);
  EXPECT_EQ(object, read(sha256));
  reopen();
  EXPECT_EQ(object, read(sha256));
}

TEST_F(ArtefactStoreTest, AsksForWhatIsMissingAfterALostOrRepeatedPiece) {
  const std::string sha256 = sha256_hex("abcdef");
  EXPECT_EQ(3U, put(sha256, 6, 0, "abc").next_offset());
  EXPECT_EQ(3U, put(sha256, 6, 0, "abc").next_offset());
  EXPECT_EQ(3U, put(sha256, 6, 5, "f").next_offset());
  EXPECT_EQ(6U, put(sha256, 6, 3, "def").next_offset());
  EXPECT_EQ(6U, put(sha256, 6, 0, "").next_offset());
}

TEST_F(ArtefactStoreTest, RefusesAnObjectThatIsNotWhatItIsNamedAfter) {
  const std::string sha256 = sha256_hex("abc");
  EXPECT_NE(proto::ERROR_NONE, put(sha256, 3, 0, "abd").error().kind());
  EXPECT_NE(proto::ERROR_NONE, get(sha256).error().kind());
  EXPECT_EQ(3U, put(sha256, 3, 0, "abc").next_offset());
  EXPECT_EQ("abc", read(sha256));
}

TEST_F(ArtefactStoreTest, AnObjectIsNotThereBeforeItIsComplete) {
  const std::string sha256 = sha256_hex("abcdef");
  ASSERT_EQ(3U, put(sha256, 6, 0, "abc").next_offset());
  EXPECT_NE(proto::ERROR_NONE, get(sha256).error().kind());
  reopen();
  EXPECT_EQ(0U, put(sha256, 6, 6, "").next_offset());
}

TEST_F(ArtefactStoreTest, RefusesNamesThatAreNoHash) {
  for (const std::string name : {"", "../../etc/passwd", "A", "zz"}) {
    EXPECT_NE(proto::ERROR_NONE, put(name, 3, 0, "abc").error().kind()) << name;
    EXPECT_NE(proto::ERROR_NONE, get(name).error().kind()) << name;
  }
  EXPECT_NE(proto::ERROR_NONE, get(std::string(63, 'a') + "/").error().kind());
}

TEST_F(ArtefactStoreTest, RefusesSizesOutOfBounds) {
  const std::string sha256 = sha256_hex("abc");
  EXPECT_NE(proto::ERROR_NONE, put(sha256, 0, 0, "").error().kind());
  EXPECT_NE(proto::ERROR_NONE, put(sha256, kLargestArtefactBytes + 1, 0, "").error().kind());
  const std::string piece(kArtefactPieceBytes + 1, 'x');
  EXPECT_NE(proto::ERROR_NONE, put(sha256, piece.size(), 0, piece).error().kind());
}

TEST_F(ArtefactStoreTest, KeepsAFewUploadsOnlyAndLetsTheOthersStartOver) {
  for (std::size_t upload = 0; upload <= kMostUploads; ++upload)
    ASSERT_EQ(1U, put(sha256_hex(std::to_string(upload)), 3, 0, "x").next_offset());
  EXPECT_EQ(0U, put(sha256_hex("0"), 3, 0, "").next_offset());
  EXPECT_EQ(1U, put(sha256_hex(std::to_string(kMostUploads)), 3, 0, "").next_offset());
}

}  // namespace
}  // namespace leat::actors
