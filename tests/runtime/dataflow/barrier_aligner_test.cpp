#include "runtime/dataflow/barrier_aligner.hpp"

#include <algorithm>
#include <random>
#include <vector>

#include <gtest/gtest.h>

namespace leat::runtime {
namespace {

using Outcome = BarrierAligner::Outcome;

TEST(BarrierAligner, IsAlignedWhenTheLastChannelHasDelivered) {
  BarrierAligner aligner;
  aligner.add_channels(2);
  aligner.add_channels(1);
  EXPECT_EQ(aligner.deliver(5), Outcome::kBegun);
  EXPECT_EQ(aligner.deliver(5), Outcome::kWaiting);
  EXPECT_EQ(aligner.aligning(), 5U);
  EXPECT_EQ(aligner.deliver(5), Outcome::kAligned);
  EXPECT_EQ(aligner.aligning(), 0U);
}

TEST(BarrierAligner, ANewerBarrierGivesUpTheOlderAlignment) {
  BarrierAligner aligner;
  aligner.add_channels(2);
  EXPECT_EQ(aligner.deliver(1), Outcome::kBegun);
  EXPECT_EQ(aligner.deliver(3), Outcome::kBegun);
  EXPECT_EQ(aligner.deliver(1), Outcome::kStale) << "from the other channel, late";
  EXPECT_EQ(aligner.deliver(3), Outcome::kAligned);
  EXPECT_EQ(aligner.deliver(3), Outcome::kStale);
}

TEST(BarrierAligner, AnAbortedCheckpointIsNotAwaited) {
  BarrierAligner aligner;
  aligner.add_channels(2);
  EXPECT_EQ(aligner.deliver(1), Outcome::kBegun);
  EXPECT_TRUE(aligner.finish(1));
  EXPECT_FALSE(aligner.finish(1));
  EXPECT_EQ(aligner.deliver(1), Outcome::kStale);
  EXPECT_FALSE(aligner.finish(2)) << "aborted before its first barrier came";
  EXPECT_EQ(aligner.deliver(2), Outcome::kStale);
  EXPECT_EQ(aligner.deliver(3), Outcome::kBegun);
  EXPECT_FALSE(aligner.finish(2)) << "an older one is aborted late";
  EXPECT_EQ(aligner.aligning(), 3U);
}

TEST(BarrierAligner, WhateverTheInterleavingTheNewestIsAlignedOnceByItsLastBarrier) {
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    std::mt19937_64 random(seed);
    const std::size_t channels = 1 + random() % 6;
    BarrierAligner aligner;
    aligner.add_channels(channels);
    // Each channel delivers an ascending selection of checkpoints 1 to 4, and 5.
    std::vector<std::vector<std::uint64_t>> left(channels);
    for (auto& barriers : left) {
      for (std::uint64_t checkpoint = 4; checkpoint > 0; --checkpoint)
        if (random() % 2 == 0)
          barriers.push_back(checkpoint);
      barriers.insert(barriers.begin(), 5);
    }
    std::size_t delivered = 0;
    std::size_t aligned = 0;
    while (delivered < channels) {
      auto& barriers = left[random() % channels];
      if (barriers.empty())
        continue;
      const std::uint64_t checkpoint = barriers.back();
      barriers.pop_back();
      const Outcome outcome = aligner.deliver(checkpoint);
      if (checkpoint < 5)
        continue;
      aligned += outcome == Outcome::kAligned ? 1 : 0;
      EXPECT_EQ(outcome == Outcome::kAligned, ++delivered == channels) << "seed " << seed;
    }
    EXPECT_EQ(aligned, 1U) << "seed " << seed;
  }
}

}  // namespace
}  // namespace leat::runtime
