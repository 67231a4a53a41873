#include "runtime/checkpointing/piece_fetcher.hpp"

#include <algorithm>
#include <memory>
#include <random>
#include <set>

#include <gtest/gtest.h>

#include "serialization/crc32c.hpp"
#include "tests/support/recording_outbox.hpp"

namespace leat::runtime {
namespace {

struct Joined final : PieceConsumer {
  Result<void> piece(const StoredPiece& /*piece*/, std::string_view bytes) override {
    text.append(bytes);
    return {};
  }
  std::string text;
};

StoredPiece place(std::string& chunk, ChunkId id, std::string_view bytes) {
  const StoredPiece piece{id, static_cast<std::uint32_t>(chunk.size()),
                          static_cast<std::uint32_t>(bytes.size()), crc32c(bytes), false};
  chunk.append(bytes);
  return piece;
}

proto::ChunkData answer(ChunkId id, std::string data) {
  proto::ChunkData chunk;
  chunk.set_epoch(id.epoch);
  chunk.set_counter(id.counter);
  chunk.set_data(std::move(data));
  return chunk;
}

TEST(PieceFetcher, HandsPiecesOutInOrderWhateverTheOrderOfChunksFetchingEachOnce) {
  for (std::uint64_t seed = 1; seed <= 100; ++seed) {
    std::mt19937_64 random(seed);
    test::RecordingOutbox outbox;
    PieceFetcher fetcher(outbox);
    std::vector<std::string> chunks(30);
    std::vector<std::unique_ptr<Joined>> consumers;
    std::vector<std::string> expected;
    for (int sequence = 0; sequence < 20; ++sequence) {
      std::vector<StoredPiece> pieces;
      std::string& text = expected.emplace_back();
      for (std::uint64_t i = 1 + random() % 5; i > 0; --i) {
        const std::string bytes = std::to_string(random()) + ",";
        const std::uint64_t chunk = random() % chunks.size();
        pieces.push_back(place(chunks[chunk], {1, chunk}, bytes));
        text += bytes;
      }
      fetcher.add(*consumers.emplace_back(std::make_unique<Joined>()), std::move(pieces));
    }
    fetcher.start();
    std::size_t answered = 0;
    std::vector<ChunkId> open;
    std::set<ChunkId> seen;
    while (!fetcher.done()) {
      for (; answered < outbox.fetched.size(); ++answered) {
        open.push_back(outbox.fetched[answered]);
        EXPECT_TRUE(seen.insert(open.back()).second) << "fetched twice";
      }
      ASSERT_LE(open.size(), PieceFetcher::kMostFetches);
      ASSERT_FALSE(open.empty());
      std::swap(open[random() % open.size()], open.back());
      const ChunkId id = open.back();
      open.pop_back();
      ASSERT_TRUE(fetcher.chunk_arrived(answer(id, chunks[id.counter])).ok());
    }
    for (std::size_t i = 0; i < expected.size(); ++i)
      EXPECT_EQ(consumers[i]->text, expected[i]) << "seed " << seed;
  }
}

TEST(PieceFetcher, ADamagedChunkIsNamed) {
  for (const bool cut : {false, true}) {
    test::RecordingOutbox outbox;
    PieceFetcher fetcher(outbox);
    Joined joined;
    std::string chunk;
    fetcher.add(joined, {place(chunk, {3, 1027}, "some bytes")});
    fetcher.start();
    chunk[4] ^= 1;
    const auto arrived = fetcher.chunk_arrived(answer({3, 1027}, cut ? chunk.substr(0, 5) : chunk));
    ASSERT_FALSE(arrived.ok());
    EXPECT_EQ(arrived.error().kind(), ErrorKind::kProtocol);
    EXPECT_NE(arrived.error().message().find("chunk 3/1027"), std::string::npos);
  }
}

TEST(PieceFetcher, AChunkThatCannotBeReadIsNamedWithTheReason) {
  test::RecordingOutbox outbox;
  PieceFetcher fetcher(outbox);
  Joined joined;
  std::string chunk;
  fetcher.add(joined, {place(chunk, {3, 4}, "bytes")});
  fetcher.start();
  auto refused = answer({3, 4}, "");
  refused.mutable_error()->set_kind(proto::ERROR_IO);
  refused.mutable_error()->set_message("it is gone");
  const auto arrived = fetcher.chunk_arrived(refused);
  ASSERT_FALSE(arrived.ok());
  EXPECT_EQ(arrived.error().message(), "chunk 3/4 of the checkpoint cannot be read: it is gone");
}

TEST(PieceFetcher, WithoutPiecesItIsDoneAtOnce) {
  test::RecordingOutbox outbox;
  PieceFetcher fetcher(outbox);
  fetcher.start();
  EXPECT_TRUE(fetcher.done());
}

}  // namespace
}  // namespace leat::runtime
