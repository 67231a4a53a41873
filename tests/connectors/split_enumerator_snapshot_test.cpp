// Enumerators that are stopped, stored and taken up again.

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "runtime/connectors/range_split_enumerator.hpp"
#include "runtime/connectors/single_split_enumerator.hpp"
#include "runtime/connectors/text_split_enumerator.hpp"
#include "tests/support/collecting.hpp"

namespace leat::runtime {
namespace {

constexpr std::uint64_t kMega = 1'000'000;

std::unique_ptr<SplitEnumerator> make_range() {
  proto::RangeConfig config;
  config.set_count(1000 * kMega);
  return std::make_unique<RangeSplitEnumerator>(config, 3);
}

std::unique_ptr<SplitEnumerator> make_text() {
  return std::make_unique<TextSplitEnumerator>(
      std::vector<ListedFile>{{"a", 1}, {"b", 0}, {"c", 70 * kMega}, {"d", 65'537}, {"e", 0}}, 0,
      3);
}

/// As PrepareJob makes it for a job that goes on from a checkpoint: without a listing.
std::unique_ptr<SplitEnumerator> make_text_unlisted() {
  return std::make_unique<TextSplitEnumerator>(std::vector<ListedFile>(), 0, 3);
}

std::unique_ptr<SplitEnumerator> make_single() {
  return std::make_unique<SingleSplitEnumerator>();
}

/// What is covered, in the order handed out, adjacent pieces joined: independent of how it is cut.
std::string coverage(const std::vector<proto::Split>& splits) {
  std::map<std::string, std::map<std::uint64_t, std::uint64_t>> ranges;
  for (const proto::Split& split : splits) {
    proto::TextSplit text;
    proto::RangeSplit range;
    if (text.ParseFromString(split.payload()) && text.ranges_size() > 0) {
      for (const auto& part : text.ranges())
        ranges[part.path()][part.begin()] = part.end();
    } else if (range.ParseFromString(split.payload())) {
      ranges[""][range.begin()] = range.end();
    }
  }
  std::string told;
  for (const auto& [path, parts] : ranges) {
    std::uint64_t end = 0;
    for (const auto& [from, to] : parts) {
      if (from != end)
        told += path + ":" + std::to_string(end) + " | ";
      end = to;
    }
    told += path + ":" + std::to_string(end) + " ";
  }
  return told;
}

struct Kind {
  const char* name;
  std::unique_ptr<SplitEnumerator> (*make)();
  std::unique_ptr<SplitEnumerator> (*make_for_restore)();
};

class EnumeratorSnapshot : public testing::TestWithParam<Kind> {};

TEST_P(EnumeratorSnapshot, GoesOnWhereItWasAtAnyPoint) {
  const auto all = test::all_splits(*GetParam().make(), 3);
  for (std::size_t taken = 0; taken <= all.size(); ++taken) {
    const auto before = GetParam().make();
    std::vector<proto::Split> splits;
    for (std::size_t i = 0; i < taken; ++i)
      splits.push_back(before->next(0).value());
    const auto after = GetParam().make_for_restore();
    ASSERT_TRUE(after->restore(before->snapshot(), 2).ok());
    const auto rest = test::all_splits(*after, 2);
    EXPECT_EQ(rest.empty(), taken == all.size());
    splits.insert(splits.end(), rest.begin(), rest.end());
    EXPECT_EQ(coverage(splits), coverage(all)) << "stopped after " << taken;
  }
}

TEST_P(EnumeratorSnapshot, WhatWasGivenBackComesFirstAndSurvivesASnapshot) {
  const auto first = GetParam().make();
  const proto::Split given = first->next(0).value();
  first->add_back({given});
  const auto second = GetParam().make_for_restore();
  ASSERT_TRUE(second->restore(first->snapshot(), 1).ok());
  for (const auto& enumerator : {first.get(), second.get()}) {
    const auto again = enumerator->next(0);
    ASSERT_TRUE(again.has_value());
    EXPECT_EQ(again->SerializeAsString(), given.SerializeAsString());
    auto all = test::all_splits(*enumerator, 1);
    all.push_back(given);
    EXPECT_EQ(coverage(all), coverage(test::all_splits(*GetParam().make(), 3)));
  }
}

TEST_P(EnumeratorSnapshot, StartingOverForgetsWhatWasGivenBack) {
  const auto enumerator = GetParam().make();
  enumerator->add_back({enumerator->next(0).value()});
  enumerator->reset(3);
  EXPECT_EQ(test::all_splits(*enumerator, 3).size(),
            test::all_splits(*GetParam().make(), 3).size());
}

TEST_P(EnumeratorSnapshot, RefusesWhatDoesNotDecode) {
  const auto restored = GetParam().make()->restore("\xff\xff", 1);
  ASSERT_FALSE(restored.ok());
  EXPECT_EQ(restored.error().kind(), ErrorKind::kInput);
}

INSTANTIATE_TEST_SUITE_P(Kinds, EnumeratorSnapshot,
                         testing::Values(Kind{"range", make_range, make_range},
                                         Kind{"text", make_text, make_text_unlisted},
                                         Kind{"single", make_single, make_single}),
                         [](const auto& kind) { return std::string(kind.param.name); });

}  // namespace
}  // namespace leat::runtime
