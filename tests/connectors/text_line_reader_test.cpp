#include "runtime/connectors/text_line_reader.hpp"

#include <algorithm>
#include <random>
#include <stdexcept>

#include <gmock/gmock.h>

#include "runtime/connectors/text_files.hpp"
#include "runtime/connectors/text_split_enumerator.hpp"
#include "tests/support/collecting.hpp"
#include "tests/support/memory_file_system.hpp"

namespace leat::runtime {
namespace {

using test::Collecting;
using test::FileOperation;
using test::MemoryFileSystem;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::vector<std::string> naive_lines(std::string_view text) {
  std::vector<std::string> lines;
  std::string line;
  for (const char c : text) {
    if (c == '\n')
      lines.push_back(std::exchange(line, {}));
    else
      line += c;
  }
  if (!line.empty())
    lines.push_back(line);
  return lines;
}

proto::Split split_of(const std::string& path, std::uint64_t begin, std::uint64_t end,
                      std::uint64_t size) {
  proto::TextSplit text;
  auto& range = *text.add_ranges();
  range.set_path(path);
  range.set_begin(begin);
  range.set_end(end);
  range.set_file_size(size);
  proto::Split split;
  text.SerializeToString(split.mutable_payload());
  return split;
}

/// Reads files cut into splits of `split_bytes`, in one reader.
std::vector<std::string> read_in_splits(MemoryFileSystem& files, std::vector<ListedFile> listed,
                                        std::uint64_t split_bytes, std::uint32_t budget = 1000) {
  TextSplitEnumerator enumerator(std::move(listed), split_bytes, 1);
  TextLineReader reader(files);
  for (const auto& split : test::all_splits(enumerator, 1))
    EXPECT_TRUE(reader.add_split(split).ok());
  Collecting<std::string> out;
  const auto read = test::poll_to_end(reader, out, budget);
  EXPECT_TRUE(read.ok()) << read.error().message();
  return std::move(out.records);
}

std::vector<std::string> lines_of(std::string_view text, std::uint64_t split_bytes = 0) {
  MemoryFileSystem files;
  files.add_file("in", text);
  return read_in_splits(files, {{"in", text.size()}}, split_bytes);
}

TEST(TextLineReader, OnlyNewlinesEndLines) {
  EXPECT_THAT(lines_of("a\r\nb\fc\vd\0e\n"), ElementsAre("a\r", "b\fc\vd"));
  EXPECT_THAT(lines_of(std::string_view("a\0b\n\xff\n", 6)),
              ElementsAre(std::string("a\0b", 3), "\xff"));
}

TEST(TextLineReader, ALastLineNeedsNoNewline) {
  EXPECT_THAT(lines_of("one\ntwo"), ElementsAre("one", "two"));
  EXPECT_THAT(lines_of("one\ntwo\n"), ElementsAre("one", "two"));
}

TEST(TextLineReader, EmptyLinesAreLines) {
  EXPECT_THAT(lines_of("\n\na\n\n"), ElementsAre("", "", "a", ""));
}

TEST(TextLineReader, AnEmptyFileHasNoLines) {
  EXPECT_THAT(lines_of(""), IsEmpty());
}

TEST(TextLineReader, EverySplitSizeGivesEachLineOnce) {
  const std::string text = "alpha\n\nbeta gamma\nd\n\n\nlast without newline";
  for (std::uint64_t bytes = 1; bytes <= text.size() + 1; ++bytes)
    EXPECT_EQ(lines_of(text, bytes), naive_lines(text)) << "splits of " << bytes;
}

TEST(TextLineReader, RandomTextsInRandomSplitsAndBudgetsEqualTheNaiveReading) {
  for (std::uint32_t seed = 0; seed < 200; ++seed) {
    std::mt19937 random(seed);
    const auto below = [&random](std::size_t bound) {
      return std::uniform_int_distribution<std::size_t>(0, bound - 1)(random);
    };
    MemoryFileSystem files;
    std::vector<ListedFile> listed;
    std::vector<std::string> expected;
    const std::size_t count = 1 + below(4);
    for (std::size_t file = 0; file < count; ++file) {
      std::string text(below(3000), ' ');
      const std::size_t newline_odds = 1 + below(200);
      for (char& c : text)
        c = below(newline_odds) == 0 ? '\n' : static_cast<char>(below(256));
      const std::string path = "f" + std::to_string(file);
      files.add_file(path, text);
      listed.push_back({path, text.size()});
      for (auto& line : naive_lines(text))
        expected.push_back(std::move(line));
    }
    const std::uint64_t split_bytes = below(3) == 0 ? 0 : 1 + below(500);
    const auto budget = static_cast<std::uint32_t>(1 + below(50));
    EXPECT_EQ(read_in_splits(files, listed, split_bytes, budget), expected) << "seed " << seed;
  }
}

TEST(TextLineReader, LinesSpanAndFillChunksExactly) {
  constexpr std::size_t kChunk = LineWindow::kChunkBytes;
  for (const std::size_t size : {kChunk - 1, kChunk, kChunk + 1, 3 * kChunk}) {
    const std::string text = std::string(size, 'x') + "\nshort\n" + std::string(size, 'y');
    EXPECT_EQ(lines_of(text), naive_lines(text)) << size;
    EXPECT_EQ(lines_of(text, 1000), naive_lines(text)) << size;
  }
}

TEST(TextLineReader, ReadsLinesOfTenMegabytes) {
  const std::string text =
      "first\n" + std::string(10'000'000, 'a') + "\n" + std::string(10'000'000, 'b');
  EXPECT_EQ(lines_of(text), naive_lines(text));
  EXPECT_EQ(lines_of(text, 1'000'000), naive_lines(text));
}

TEST(TextLineReader, TheLongestLineIsAcceptedAndOneByteMoreIsNamed) {
  const std::string longest(kLongestLineBytes, 'x');
  for (const char* const end : {"\n", ""}) {
    EXPECT_EQ(lines_of("a\n" + longest + end).back().size(), longest.size());

    MemoryFileSystem files;
    const std::string text = "a\n" + longest + "x" + end;
    files.add_file("in", text);
    TextLineReader reader(files);
    ASSERT_TRUE(reader.add_split(split_of("in", 0, text.size(), text.size())).ok());
    Collecting<std::string> out;
    const auto read = test::poll_to_end(reader, out);
    ASSERT_FALSE(read.ok());
    EXPECT_EQ(read.error().kind(), ErrorKind::kInput);
    EXPECT_THAT(read.error().message(), HasSubstr("longer than 64 MiB"));
    EXPECT_EQ(reader.position(), "'in', line at byte 2");
  }
}

TEST(TextLineReader, StopsAfterTheCurrentRecordWhenTheOutputIsBlocked) {
  MemoryFileSystem files;
  files.add_file("in", "a\nb\nc\n");
  TextLineReader reader(files);
  ASSERT_TRUE(reader.add_split(split_of("in", 0, 6, 6)).ok());
  bool blocked = false;
  Collecting<std::string> out;
  out.on_emit = [&blocked](std::string_view) { blocked = true; };
  const auto outcome = reader.poll({100, blocked, Time{}}, out);
  ASSERT_TRUE(outcome.ok());
  EXPECT_EQ(outcome->next, PollOutcome::Next::kMore);
  EXPECT_EQ(outcome->records, 1U);
  EXPECT_THAT(out.records, ElementsAre("a"));
}

TEST(TextLineReader, PositionNamesTheLineThatUserCodeThrewAt) {
  MemoryFileSystem files;
  files.add_file("in", "good\nbad\n");
  TextLineReader reader(files);
  ASSERT_TRUE(reader.add_split(split_of("in", 0, 9, 9)).ok());
  const bool blocked = false;
  Collecting<std::string> out;
  out.on_emit = [](std::string_view line) {
    if (line == "bad")
      throw std::runtime_error("bad line");
  };
  EXPECT_THROW(static_cast<void>(reader.poll({100, blocked, Time{}}, out)), std::runtime_error);
  EXPECT_EQ(reader.position(), "'in', line at byte 5");
}

TEST(TextLineReader, BytesAddedAfterTheListingAreNotRead) {
  MemoryFileSystem files;
  files.add_file("in", "one\ntwo\nthree\n");
  TextLineReader reader(files);
  ASSERT_TRUE(reader.add_split(split_of("in", 0, 5, 5)).ok());
  Collecting<std::string> out;
  ASSERT_TRUE(test::poll_to_end(reader, out).ok());
  EXPECT_THAT(out.records, ElementsAre("one", "t"));
}

TEST(TextLineReader, AShortenedFileIsAnErrorInWords) {
  MemoryFileSystem files;
  files.add_file("in", "one\ntwo");
  TextLineReader reader(files);
  ASSERT_TRUE(reader.add_split(split_of("in", 0, 100, 100)).ok());
  Collecting<std::string> out;
  const auto read = test::poll_to_end(reader, out);
  ASSERT_FALSE(read.ok());
  EXPECT_EQ(read.error().message(),
            "'in' was shortened while it was read: 100 bytes when the job started, now it ends "
            "before byte 8");
}

TEST(TextLineReader, AReadErrorIsReported) {
  MemoryFileSystem files;
  files.add_file("in", "one\n");
  files.fail(FileOperation::kRead, "in", "Input/output error");
  TextLineReader reader(files);
  ASSERT_TRUE(reader.add_split(split_of("in", 0, 4, 4)).ok());
  Collecting<std::string> out;
  const auto read = test::poll_to_end(reader, out);
  ASSERT_FALSE(read.ok());
  EXPECT_THAT(read.error().message(), HasSubstr("Input/output error"));
}

TEST(TextLineReader, RefusesSplitsThatDoNotDecode) {
  MemoryFileSystem files;
  TextLineReader reader(files);
  EXPECT_FALSE(reader.add_split(split_of("in", 5, 4, 10)).ok());
  EXPECT_FALSE(reader.add_split(split_of("in", 0, 11, 10)).ok());
  proto::Split garbage;
  garbage.set_payload("\xff\xff\xff");
  EXPECT_FALSE(reader.add_split(garbage).ok());
}

TEST(TextLineReader, AsksForASplitBeforeTheFirst) {
  MemoryFileSystem files;
  const auto reader = text_files("in").make_reader({files, 0, 1});
  const bool blocked = false;
  Collecting<std::string> out;
  const auto outcome = reader->poll({100, blocked, Time{}}, out);
  ASSERT_TRUE(outcome.ok());
  EXPECT_EQ(outcome->next, PollOutcome::Next::kNeedSplit);
}

}  // namespace
}  // namespace leat::runtime
