#include "runtime/connectors/generator.hpp"

#include <cmath>
#include <limits>
#include <numeric>
#include <stdexcept>

#include <gmock/gmock.h>

#include "runtime/connectors/collection.hpp"
#include "runtime/connectors/make_split_enumerator.hpp"
#include "runtime/connectors/range_split_enumerator.hpp"
#include "tests/support/collecting.hpp"
#include "tests/support/memory_file_system.hpp"

namespace leat {
namespace {

using runtime::RangeSplitEnumerator;
using test::Collecting;
using test::MemoryFileSystem;
using testing::ElementsAre;
using testing::HasSubstr;
using namespace std::chrono_literals;

template <class T>
std::unique_ptr<runtime::SplitEnumerator> enumerator_of(const Source<T>& source,
                                                        std::uint32_t parallelism) {
  MemoryFileSystem files;
  proto::SourceSpec spec;
  spec.set_uid("source");
  spec.set_kind(source.kind);
  spec.set_config(source.config);
  auto enumerator = runtime::make_split_enumerator(files, spec, parallelism);
  EXPECT_TRUE(enumerator.ok());
  return std::move(*enumerator);
}

runtime::IndexRange range_of(const proto::Split& split) {
  const auto range = runtime::decode_index_range(split);
  EXPECT_TRUE(range.ok());
  return *range;
}

/// Readers of one source and their enumerator under a clock that the test moves.
template <class T>
class Readers {
 public:
  Readers(const Source<T>& source, std::uint32_t parallelism)
      : enumerator_(enumerator_of(source, parallelism)), read_(parallelism) {
    for (std::uint32_t subtask = 0; subtask < parallelism; ++subtask)
      readers_.push_back(source.make_reader({files_, subtask, parallelism}));
  }

  /// Polls each reader until it waits or has nothing left; returns the earliest time to come back.
  Time run(Time now) {
    Time wake = Time::max();
    for (std::size_t i = 0; i < readers_.size(); ++i)
      wake = std::min(wake, run_reader(i, now));
    return wake;
  }

  Collecting<T> out;
  int polls = 0;
  [[nodiscard]] const std::vector<std::uint64_t>& read_by_subtask() const { return read_; }

 private:
  Time run_reader(std::size_t subtask, Time now) {
    const bool blocked = false;
    while (true) {
      ++polls;
      const auto outcome = readers_[subtask]->poll({1000, blocked, now}, out);
      EXPECT_TRUE(outcome.ok());
      read_[subtask] += outcome->records;
      if (outcome->next == PollOutcome::Next::kWait) {
        EXPECT_GT(outcome->until, now);
        return outcome->until;
      }
      if (outcome->next == PollOutcome::Next::kMore)
        continue;
      const auto split = enumerator_->next(static_cast<std::uint32_t>(subtask));
      if (!split)
        return Time::max();
      EXPECT_TRUE(readers_[subtask]->add_split(*split).ok());
    }
  }

  MemoryFileSystem files_;
  std::unique_ptr<runtime::SplitEnumerator> enumerator_;
  std::vector<std::unique_ptr<SourceReader<T>>> readers_;
  std::vector<std::uint64_t> read_;
};

TEST(RangeSplitEnumerator, RangesCoverEveryNumberOnce) {
  for (const std::uint64_t count : {0U, 1U, 2U, 100U, 12'345'678U})
    for (const std::uint32_t parallelism : {1U, 2U, 7U}) {
      proto::RangeConfig config;
      config.set_count(count);
      RangeSplitEnumerator enumerator(config, parallelism);
      std::uint64_t next = 0;
      for (const auto& split : test::all_splits(enumerator, parallelism)) {
        EXPECT_EQ(range_of(split).begin, next);
        EXPECT_GT(range_of(split).end, next);
        next = range_of(split).end;
      }
      EXPECT_EQ(next, count);
    }
}

TEST(RangeSplitEnumerator, RangesAreFewAndShrinkTowardsTheEnd) {
  proto::RangeConfig config;
  config.set_count(100'000'000);
  RangeSplitEnumerator enumerator(config, 2);
  const auto splits = test::all_splits(enumerator, 2);
  EXPECT_LT(splits.size(), 100U);
  const auto last = range_of(splits.back());
  EXPECT_LE(last.end - last.begin, 1'000'000U);
}

TEST(RangeSplitEnumerator, SmallCountsStillFeedAllReaders) {
  proto::RangeConfig config;
  config.set_count(8);
  RangeSplitEnumerator enumerator(config, 4);
  EXPECT_GE(test::all_splits(enumerator, 4).size(), 4U);
}

TEST(RangeSplitEnumerator, WithARateRangesAreShortInTime) {
  proto::RangeConfig config;
  config.set_count(1'000'000);
  config.set_rate(1000);
  RangeSplitEnumerator enumerator(config, 4);
  const auto range = range_of(*enumerator.next(0));
  EXPECT_LE(range.end - range.begin, 25U);
}

TEST(RangeSplitEnumerator, ResetHandsOutEverythingAgain) {
  proto::RangeConfig config;
  config.set_count(1000);
  RangeSplitEnumerator enumerator(config, 3);
  static_cast<void>(enumerator.next(0));
  static_cast<void>(enumerator.next(1));
  enumerator.reset(2);
  const auto splits = test::all_splits(enumerator, 2);
  EXPECT_EQ(range_of(splits.front()).begin, 0U);
  EXPECT_EQ(range_of(splits.back()).end, 1000U);
}

TEST(RangeSplitEnumerator, AnUnboundedOneGoesOn) {
  proto::RangeConfig config;
  config.set_unbounded(true);
  RangeSplitEnumerator enumerator(config, 2);
  std::uint64_t next = 0;
  for (int i = 0; i < 1000; ++i) {
    const auto split = enumerator.next(0);
    ASSERT_TRUE(split.has_value());
    EXPECT_EQ(range_of(*split).begin, next);
    next = range_of(*split).end;
  }
}

TEST(Generator, EachIndexIsGeneratedOnce) {
  Readers<std::uint64_t> readers(sequence(100'000), 3);
  EXPECT_EQ(readers.run(Time{}), Time::max());
  std::sort(readers.out.records.begin(), readers.out.records.end());
  std::vector<std::uint64_t> expected(100'000);
  std::iota(expected.begin(), expected.end(), 0);
  EXPECT_EQ(readers.out.records, expected);
}

TEST(Generator, MakesWhateverTheFunctionReturns) {
  const auto source =
      generator(3, [](std::uint64_t i) { return std::pair(std::to_string(i), i * i); });
  Readers<std::pair<std::string, std::uint64_t>> readers(source, 1);
  readers.run(Time{});
  EXPECT_THAT(readers.out.records,
              ElementsAre(std::pair("0", 0U), std::pair("1", 1U), std::pair("2", 4U)));
}

TEST(Generator, OwnsWhatTheFunctionOnlyShows) {
  Readers<std::string> readers(generator(2, [](std::uint64_t) { return "text"; }), 1);
  readers.run(Time{});
  EXPECT_THAT(readers.out.records, ElementsAre("text", "text"));
}

TEST(Generator, PositionNamesTheIndexThatThrew) {
  const auto source = generator(10, [](std::uint64_t i) -> std::uint64_t {
    if (i == 7)
      throw std::runtime_error("seven");
    return i;
  });
  MemoryFileSystem files;
  const auto reader = source.make_reader({files, 0, 1});
  const auto enumerator = enumerator_of(source, 1);
  for (const auto& split : test::all_splits(*enumerator, 1))
    ASSERT_TRUE(reader->add_split(split).ok());
  Collecting<std::uint64_t> out;
  EXPECT_THROW(static_cast<void>(test::poll_to_end(*reader, out)), std::runtime_error);
  EXPECT_EQ(reader->position(), "index 7");
}

TEST(Generator, StopsAfterTheCurrentBatchWhenTheOutputIsBlocked) {
  const auto source = sequence(1000);
  MemoryFileSystem files;
  const auto reader = source.make_reader({files, 0, 1});
  ASSERT_TRUE(reader->add_split(*enumerator_of(source, 1)->next(0)).ok());
  bool blocked = false;
  Collecting<std::uint64_t> out;
  out.on_emit = [&blocked](std::uint64_t i) { blocked = blocked || i == 4; };
  auto outcome = reader->poll({100, blocked, Time{}}, out);
  ASSERT_TRUE(outcome.ok());
  EXPECT_EQ(outcome->records, kRecordBatch);
  outcome = reader->poll({100, blocked, Time{}}, out);
  EXPECT_EQ(outcome->records, 0U);
  blocked = false;
  outcome = reader->poll({3, blocked, Time{}}, out);
  EXPECT_EQ(outcome->records, 3U);
  std::vector<std::uint64_t> expected(kRecordBatch + 3);
  std::iota(expected.begin(), expected.end(), 0);
  EXPECT_EQ(out.records, expected);
}

TEST(Generator, ARateIsKeptOverAllSubtasks) {
  for (const double rate : {3.0, 100.0, 12'345.0, 2'000'000.0}) {
    const auto source = unbounded_generator([](std::uint64_t i) { return i; }, {.rate = rate});
    Readers<std::uint64_t> readers(source, 4);
    Time now{};
    while (now < Time{} + 2s)
      now = readers.run(now);
    const double expected = rate * 2;
    EXPECT_NEAR(static_cast<double>(readers.out.records.size()), expected, 5 + expected * 0.002)
        << rate;
  }
}

TEST(Generator, AllReadersTakePartInARate) {
  Readers<std::uint64_t> readers(sequence(1'000'000, {.rate = 1000}), 4);
  Time now{};
  while (now < Time{} + 1s)
    now = readers.run(now);
  for (const std::uint64_t read : readers.read_by_subtask())
    EXPECT_NEAR(static_cast<double>(read), 250, 5);
}

TEST(Generator, SlowRatesAreSpreadEvenlyOverSubtasks) {
  Readers<std::uint64_t> readers(sequence(100, {.rate = 1}), 4);
  Time now{};
  for (std::uint64_t second = 0; second < 10; ++second) {
    const Time wake = readers.run(now);
    EXPECT_EQ(readers.out.records.size(), second + 1);
    EXPECT_NEAR(std::chrono::duration<double>(wake - now).count(), 1, 0.001);
    now = wake;
  }
}

TEST(Generator, AHighRateDoesNotKeepTheSlotAwake) {
  Readers<std::uint64_t> readers(
      unbounded_generator([](std::uint64_t i) { return i; }, {.rate = 1'000'000}), 1);
  int wakes = 0;
  for (Time now{}; now < Time{} + 1s; ++wakes)
    now = readers.run(now);
  EXPECT_LE(wakes, 1001);
}

TEST(Generator, AStallIsMadeUpForSmoothly) {
  constexpr double kRate = 1000;
  Readers<std::uint64_t> readers(
      unbounded_generator([](std::uint64_t i) { return i; }, {.rate = kRate}), 1);
  Time now{};
  while (now < Time{} + 1s)
    now = readers.run(now);
  now += 3s;
  const std::size_t before = readers.out.records.size();
  readers.run(now);
  EXPECT_LE(readers.out.records.size() - before, 100U);
  const std::size_t at_end_of_stall = readers.out.records.size();
  const Time resumed = now;
  while (now < resumed + 1s)
    now = readers.run(now);
  EXPECT_NEAR(static_cast<double>(readers.out.records.size() - at_end_of_stall), 2 * kRate, 50);
  while (now < Time{} + 10s)
    now = readers.run(now);
  EXPECT_NEAR(static_cast<double>(readers.out.records.size()), 10 * kRate, 10);
}

TEST(Generator, ARateThatIsNoneIsRefusedInWords) {
  MemoryFileSystem files;
  for (const double rate : {-1.0, std::nan(""), std::numeric_limits<double>::infinity()}) {
    const auto source = sequence(1, {.rate = rate});
    proto::SourceSpec spec;
    spec.set_kind(source.kind);
    spec.set_config(source.config);
    const auto enumerator = runtime::make_split_enumerator(files, spec, 1);
    ASSERT_FALSE(enumerator.ok());
    EXPECT_THAT(enumerator.error().message(), HasSubstr("records per second"));
  }
}

TEST(Collection, IsReadOnceAndInOrder) {
  Readers<std::string> readers(collection({"a", "b", "c"}), 3);
  EXPECT_EQ(readers.run(Time{}), Time::max());
  EXPECT_THAT(readers.out.records, ElementsAre("a", "b", "c"));
}

TEST(Collection, IsReadAgainAfterAReset) {
  const auto source = collection(std::vector<int>{1, 2});
  const auto enumerator = enumerator_of(source, 2);
  EXPECT_TRUE(enumerator->next(1).has_value());
  EXPECT_FALSE(enumerator->next(0).has_value());
  enumerator->reset(1);
  EXPECT_TRUE(enumerator->next(0).has_value());
}

TEST(Collection, AnEmptyOneEndsAtOnce) {
  Readers<int> readers(collection(std::vector<int>{}), 2);
  EXPECT_EQ(readers.run(Time{}), Time::max());
  EXPECT_TRUE(readers.out.records.empty());
}

}  // namespace
}  // namespace leat
