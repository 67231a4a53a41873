#include "runtime/checkpointing/packed_pieces.hpp"

#include <string>

#include <gtest/gtest.h>

namespace leat::runtime {
namespace {

using namespace std::string_literals;

const StoredPiece kFirst{
    {0x0102030405060708, 0x1112131415161718}, 0x21222324, 0x31323334, 0x41424344, true};
const StoredPiece kSecond{{1, 2}, 3, 4, 5, false};

TEST(PackedPieces, LieOneAfterTheOtherInLittleEndian) {
  std::string chain;
  append_packed(chain, kFirst);
  append_packed(chain, kSecond);
  EXPECT_EQ(chain,
            "\x08\x07\x06\x05\x04\x03\x02\x01\x18\x17\x16\x15\x14\x13\x12\x11"
            "\x24\x23\x22\x21\x34\x33\x32\xb1\x44\x43\x42\x41"
            "\1\0\0\0\0\0\0\0\2\0\0\0\0\0\0\0\3\0\0\0\4\0\0\0\5\0\0\0"s);
  ASSERT_EQ(packed_count(chain), 2U);
  EXPECT_EQ(packed_piece(chain, 0), kFirst);
  EXPECT_EQ(packed_piece(chain, 1), kSecond);
}

TEST(PackedPieces, OneIsChangedWithoutItsNeighbours) {
  std::string chain;
  append_packed(chain, kFirst);
  append_packed(chain, kSecond);
  append_packed(chain, kFirst);
  set_packed(chain, 1, kFirst);
  for (std::size_t index = 0; index < packed_count(chain); ++index)
    EXPECT_EQ(packed_piece(chain, index), kFirst);
}

TEST(PackedPieces, NothingAndPartsOfAPieceAreNoChain) {
  EXPECT_FALSE(is_packed(""));
  EXPECT_FALSE(is_packed(std::string(kPackedPieceBytes - 1, 'x')));
  EXPECT_FALSE(is_packed(std::string(kPackedPieceBytes + 1, 'x')));
  EXPECT_TRUE(is_packed(std::string(kPackedPieceBytes, 'x')));
}

}  // namespace
}  // namespace leat::runtime
