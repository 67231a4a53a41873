// Of every source: reading what remaining() says again yields exactly the records not emitted, at any cut.

#include <algorithm>
#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "runtime/connectors/collection.hpp"
#include "runtime/connectors/generator.hpp"
#include "runtime/connectors/make_split_enumerator.hpp"
#include "runtime/connectors/text_files.hpp"
#include "tests/support/collecting.hpp"
#include "tests/support/memory_file_system.hpp"

namespace leat {
namespace {

using test::Collecting;
using test::MemoryFileSystem;

/// Reads a source in pieces from a seed, dropping the reader again and again for one that reads what was left.
template <class T>
std::vector<T> read_with_cuts(MemoryFileSystem& files, const Source<T>& source,
                              std::uint64_t seed) {
  std::mt19937_64 random(seed);
  proto::SourceSpec spec;
  spec.set_kind(source.kind);
  spec.set_config(source.config);
  auto enumerator = runtime::make_split_enumerator(files, spec, 2);
  EXPECT_TRUE(enumerator.ok());
  std::vector<proto::Split> waiting = test::all_splits(**enumerator, 2);
  std::reverse(waiting.begin(), waiting.end());

  Collecting<T> out;
  auto reader = source.make_reader({files, 0, 2});
  while (true) {
    bool blocked = false;
    const std::uint64_t block_after = random() % 8;
    std::uint64_t emitted = 0;
    out.on_emit = [&](In<T>) { blocked = ++emitted > block_after; };
    const auto outcome =
        reader->poll({static_cast<std::uint32_t>(1 + random() % 6), blocked, Time{}}, out);
    EXPECT_TRUE(outcome.ok()) << outcome.error().message();
    if (!outcome.ok())
      return {};
    if (random() % 2 == 0) {
      const auto left = reader->remaining();
      reader = source.make_reader({files, 1, 2});
      for (const proto::Split& split : left)
        EXPECT_TRUE(reader->add_split(split).ok());
    } else if (outcome->next == PollOutcome::Next::kNeedSplit) {
      EXPECT_TRUE(reader->remaining().empty());
      if (waiting.empty())
        return out.records;
      EXPECT_TRUE(reader->add_split(waiting.back()).ok());
      waiting.pop_back();
    }
  }
}

TEST(SourceRemaining, OfTextFilesIsEveryLineNotReadAtAnyCut) {
  for (std::uint64_t seed = 1; seed <= 150; ++seed) {
    std::mt19937_64 random(seed);
    MemoryFileSystem files;
    std::vector<std::string> expected;
    for (int file = 0; file < 3; ++file) {
      std::string text;
      const std::uint64_t lines = random() % 40;
      for (std::uint64_t line = 0; line < lines; ++line) {
        const std::uint64_t kind = random() % 10;
        const std::size_t length = kind == 0  ? 100'000 + random() % 500'000
                                   : kind < 4 ? 0
                                              : random() % 50;
        expected.emplace_back(length, static_cast<char>('a' + random() % 26));
        text += expected.back();
        // A last line without a newline is one unless it is empty.
        if (line + 1 < lines || random() % 2 == 0 || expected.back().empty())
          text += '\n';
      }
      files.add_file("in/" + std::to_string(file), text);
    }
    auto read =
        read_with_cuts(files, text_files("in", {.split_bytes = 1 + random() % 200'000}), seed);
    std::sort(read.begin(), read.end());
    std::sort(expected.begin(), expected.end());
    ASSERT_EQ(read.size(), expected.size()) << "seed " << seed;
    EXPECT_TRUE(read == expected) << "seed " << seed;
  }
}

TEST(SourceRemaining, OfAGeneratorIsEveryIndexNotReadAtAnyCut) {
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    MemoryFileSystem files;
    auto read = read_with_cuts(files, sequence(500), seed);
    std::sort(read.begin(), read.end());
    ASSERT_EQ(read.size(), 500U) << "seed " << seed;
    for (std::uint64_t i = 0; i < 500; ++i)
      EXPECT_EQ(read[i], i) << "seed " << seed;
  }
}

TEST(SourceRemaining, OfACollectionIsTheRestInItsOrderAtAnyCut) {
  std::vector<std::string> all;
  for (int i = 0; i < 100; ++i)
    all.push_back(std::to_string(i));
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    MemoryFileSystem files;
    EXPECT_EQ(read_with_cuts(files, collection(all), seed), all) << "seed " << seed;
  }
}

TEST(SourceRemaining, OfACollectionThatChangedIsRefused) {
  MemoryFileSystem files;
  const auto reader = collection(std::vector<int>{1, 2, 3}).make_reader({files, 0, 1});
  ASSERT_TRUE(reader->add_split({}).ok());
  const auto left = reader->remaining();
  ASSERT_EQ(left.size(), 1U);
  const auto other = collection(std::vector<int>{1, 2}).make_reader({files, 0, 1});
  const auto added = other->add_split(left.front());
  ASSERT_FALSE(added.ok());
  EXPECT_NE(added.error().message().find("had 3 elements"), std::string::npos);
}

}  // namespace
}  // namespace leat
