#include "runtime/connectors/text_split_enumerator.hpp"

#include <algorithm>
#include <map>

#include <gmock/gmock.h>

#include "runtime/connectors/make_split_enumerator.hpp"
#include "runtime/connectors/text_files.hpp"
#include "tests/support/collecting.hpp"
#include "tests/support/memory_file_system.hpp"

namespace leat::runtime {
namespace {

using test::FileOperation;
using test::MemoryFileSystem;
using testing::ElementsAre;
using testing::Field;
using testing::HasSubstr;
using testing::IsEmpty;

std::vector<proto::TextRange> ranges_of(const proto::Split& split) {
  proto::TextSplit text;
  EXPECT_TRUE(text.ParseFromString(split.payload()));
  return {text.ranges().begin(), text.ranges().end()};
}

std::uint64_t bytes_of(const proto::Split& split) {
  std::uint64_t bytes = 0;
  for (const auto& range : ranges_of(split))
    bytes += range.end() - range.begin();
  return bytes;
}

/// Every byte of every file once, in order.
void expect_complete(const std::vector<proto::Split>& splits,
                     const std::vector<ListedFile>& files) {
  std::map<std::string, std::uint64_t> covered;
  for (const auto& split : splits)
    for (const auto& range : ranges_of(split)) {
      EXPECT_EQ(covered[range.path()], range.begin());
      EXPECT_GT(range.end(), range.begin());
      covered[range.path()] = range.end();
    }
  for (const auto& file : files)
    EXPECT_EQ(covered[file.path], file.size) << file.path;
}

constexpr std::uint64_t kMega = 1'000'000;

TEST(TextSplitEnumerator, SplitsCoverEveryByteOnce) {
  const std::vector<ListedFile> files = {{"a", 1},     {"b", 0},     {"c", 700 * kMega},
                                         {"d", 65536}, {"e", 65537}, {"f", 0}};
  for (const std::uint32_t parallelism : {1U, 2U, 7U, 128U})
    for (const std::uint64_t split_bytes : {std::uint64_t{0}, std::uint64_t{kMega}}) {
      TextSplitEnumerator enumerator(files, split_bytes, parallelism);
      expect_complete(test::all_splits(enumerator, parallelism), files);
    }
}

TEST(TextSplitEnumerator, OneFileFeedsAllReaders) {
  TextSplitEnumerator enumerator({{"a", 1 * kMega}}, 0, 4);
  EXPECT_GE(test::all_splits(enumerator, 4).size(), 8U);
}

TEST(TextSplitEnumerator, SplitsShrinkTowardsTheEnd) {
  TextSplitEnumerator enumerator({{"a", 200 * kMega}}, 0, 2);
  const auto splits = test::all_splits(enumerator, 2);
  EXPECT_LT(splits.size(), 60U);
  EXPECT_GT(bytes_of(splits.front()), 30 * kMega);
  for (std::size_t i = splits.size() - 4; i < splits.size(); ++i)
    EXPECT_LT(bytes_of(splits[i]), kMega / 4);
}

TEST(TextSplitEnumerator, ManySmallFilesTravelTogether) {
  std::vector<ListedFile> files;
  for (int i = 0; i < 10'000; ++i)
    files.push_back({"f" + std::to_string(i), 2000});
  TextSplitEnumerator enumerator(files, 0, 2);
  const auto splits = test::all_splits(enumerator, 2);
  EXPECT_LT(splits.size(), 150U);
  expect_complete(splits, files);
}

TEST(TextSplitEnumerator, ASplitSizeAskedForIsKept) {
  TextSplitEnumerator enumerator({{"a", 25}, {"b", 5}}, 10, 2);
  const auto splits = test::all_splits(enumerator, 2);
  ASSERT_EQ(splits.size(), 4U);
  EXPECT_EQ(bytes_of(splits[0]), 10U);
  EXPECT_EQ(bytes_of(splits[2]), 5U);
  EXPECT_EQ(bytes_of(splits[3]), 5U);
}

TEST(TextSplitEnumerator, EmptyFilesMakeNoSplits) {
  TextSplitEnumerator enumerator({{"a", 0}, {"b", 0}}, 0, 2);
  EXPECT_FALSE(enumerator.next(0).has_value());
}

TEST(TextSplitEnumerator, StaysAtItsEndUntilReset) {
  TextSplitEnumerator enumerator({{"a", 3}}, 1, 2);
  EXPECT_EQ(test::all_splits(enumerator, 2).size(), 3U);
  EXPECT_FALSE(enumerator.next(0).has_value());
  enumerator.reset(1);
  const auto again = test::all_splits(enumerator, 1);
  ASSERT_EQ(again.size(), 3U);
  EXPECT_EQ(again.front().id(), 0U);
  EXPECT_EQ(again.back().id(), 2U);
}

TEST(TextSplitEnumerator, ResetInTheMiddleHandsOutEverythingAgain) {
  const std::vector<ListedFile> files = {{"a", 10 * kMega}, {"b", 3 * kMega}};
  TextSplitEnumerator enumerator(files, 0, 3);
  for (std::uint32_t i = 0; i < 5; ++i)
    EXPECT_TRUE(enumerator.next(i % 3).has_value());
  enumerator.reset(2);
  expect_complete(test::all_splits(enumerator, 2), files);
}

std::vector<std::string> paths_of(const std::vector<ListedFile>& files) {
  std::vector<std::string> paths;
  for (const auto& file : files)
    paths.push_back(file.path);
  return paths;
}

TEST(TextFileListing, DirectoriesGiveRegularVisibleFilesSortedByName) {
  MemoryFileSystem files;
  files.add_file("dir/b", "22");
  files.add_file("dir/a\nb", "1");
  files.add_file("dir/.hidden", "x");
  files.add_file("dir/sub/c", "x");
  files.add_symlink("dir/link", "dir/b");
  const auto listed = list_text_files(files, {"dir/"});
  ASSERT_TRUE(listed.ok());
  EXPECT_THAT(paths_of(*listed), ElementsAre("dir/a\nb", "dir/b"));
  EXPECT_EQ((*listed)[1].size, 2U);
}

TEST(TextFileListing, APathGivenMayBeALinkAndHidden) {
  MemoryFileSystem files;
  files.add_file("dir/.a", "123");
  files.add_symlink("file-link", "dir/.a");
  files.add_symlink("dir-link", "dir");
  files.add_file("dir/b", "");
  const auto listed = list_text_files(files, {"file-link", "dir/.a", "dir-link"});
  ASSERT_TRUE(listed.ok()) << listed.error().message();
  EXPECT_THAT(paths_of(*listed), ElementsAre("file-link", "dir/.a", "dir-link/b"));
  EXPECT_EQ(listed->front().size, 3U);
}

TEST(TextFileListing, AFileListedTwiceIsReadTwice) {
  MemoryFileSystem files;
  files.add_file("a", "1");
  EXPECT_THAT(paths_of(*list_text_files(files, {"a", "a"})), ElementsAre("a", "a"));
}

TEST(TextFileListing, AMissingPathIsAnInputErrorInWords) {
  MemoryFileSystem files;
  const auto listed = list_text_files(files, {"none"});
  ASSERT_FALSE(listed.ok());
  EXPECT_EQ(listed.error().kind(), ErrorKind::kInput);
  EXPECT_EQ(listed.error().message(), "input: cannot find 'none': No such file or directory");
}

TEST(TextFileListing, AnUnreadableFileIsRefusedBeforeTheJobRuns) {
  MemoryFileSystem files;
  files.add_file("dir/a", "1");
  files.fail(FileOperation::kOpen, "dir/a", "Permission denied");
  const auto listed = list_text_files(files, {"dir"});
  ASSERT_FALSE(listed.ok());
  EXPECT_EQ(listed.error().kind(), ErrorKind::kInput);
  EXPECT_THAT(listed.error().message(), HasSubstr("Permission denied"));
}

TEST(TextFileListing, NoPathAtAllIsAnInputError) {
  MemoryFileSystem files;
  const auto listed = list_text_files(files, {});
  ASSERT_FALSE(listed.ok());
  EXPECT_EQ(listed.error().kind(), ErrorKind::kInput);
}

TEST(MakeSplitEnumerator, TextFilesAreListedOnce) {
  MemoryFileSystem files;
  files.add_file("dir/a", "one\n");
  const auto source = text_files("dir");
  proto::SourceSpec spec;
  spec.set_kind(source.kind);
  spec.set_config(source.config);
  auto enumerator = make_split_enumerator(files, spec, 2);
  ASSERT_TRUE(enumerator.ok()) << enumerator.error().message();
  files.add_file("dir/b", "two\n");
  const auto splits = test::all_splits(**enumerator, 2);
  ASSERT_EQ(splits.size(), 1U);
  EXPECT_EQ(ranges_of(splits[0]).front().path(), "dir/a");
}

TEST(MakeSplitEnumerator, UnknownKindsAndConfigurationsAreRefusedInWords) {
  MemoryFileSystem files;
  proto::SourceSpec spec;
  spec.set_uid("in");
  spec.set_kind("kafka");
  EXPECT_THAT(make_split_enumerator(files, spec, 1).error().message(), HasSubstr("'kafka'"));
  spec.set_kind("text_files");
  spec.set_config("\xff\xff");
  EXPECT_THAT(make_split_enumerator(files, spec, 1).error().message(),
              HasSubstr("does not decode"));
}

}  // namespace
}  // namespace leat::runtime
