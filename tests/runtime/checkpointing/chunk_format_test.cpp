#include "runtime/checkpointing/chunk_format.hpp"

#include <gtest/gtest.h>

namespace leat {
namespace {

TEST(ChunkFormat, KeysSortAsTheirIds) {
  const ChunkId ids[] = {{1, 1}, {1, 2}, {1, 255}, {1, 256}, {2, 1}, {256, 1}, {~0ULL, 7}};
  for (std::size_t i = 1; i < std::size(ids); ++i)
    EXPECT_LT(chunk_key(ids[i - 1]), chunk_key(ids[i]));
  EXPECT_LT(chunk_key(ids[6]), chunk_key(kDirectoryId));
  for (const ChunkId& id : ids)
    EXPECT_EQ(id, parse_chunk_key(chunk_key(id)));
  EXPECT_FALSE(parse_chunk_key("short"));
}

/// What is on disks stays readable: docs/formats.md.
TEST(ChunkFormat, IsTheOneDocumented) {
  EXPECT_EQ(std::string("\0\0\0\0\0\0\1\2\0\0\0\0\0\0\0\3", 16), chunk_key({258, 3}));
  const std::string value = chunk_value({258, 3}, "leat");
  EXPECT_EQ("leat" + std::string("\x12\xD1\xB5\x0C\xFD\x9A\x51\x7C", 8), value);
  EXPECT_EQ(std::string("\0\0\0\0\0\0\1\2\0\0\0\0\0\0\0\3\4\1\0\0", 20),
            encode_directory({{{258, 3}, 260}}));
}

TEST(ChunkFormat, AChecksumCoversTheBytesAndTheKey) {
  const std::string value = chunk_value({1, 2}, "some bytes");
  EXPECT_EQ("some bytes", parse_chunk_value({1, 2}, value));
  EXPECT_FALSE(parse_chunk_value({1, 3}, value));
  EXPECT_FALSE(parse_chunk_value({1, 2}, "short"));
  for (std::size_t bit = 0; bit < value.size() * 8; ++bit) {
    std::string flipped = value;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ 1 << bit % 8);
    EXPECT_FALSE(parse_chunk_value({1, 2}, flipped)) << "bit " << bit;
  }
  EXPECT_EQ("", parse_chunk_value({1, 2}, chunk_value({1, 2}, "")));
}

TEST(ChunkFormat, ADirectoryOfContentsIsReadBackOrRefused) {
  const std::vector<StoredChunk> chunks = {{{1, 2}, 3}, {{1, 4}, 1 << 20}};
  const std::string bytes = encode_directory(chunks);
  EXPECT_EQ(chunks, decode_directory(bytes));
  EXPECT_EQ(std::vector<StoredChunk>{}, decode_directory(""));
  EXPECT_FALSE(decode_directory(std::string_view(bytes).substr(1)));
}

}  // namespace
}  // namespace leat
