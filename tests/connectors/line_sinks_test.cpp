#include <gmock/gmock.h>

#include "runtime/connectors/collect.hpp"
#include "runtime/connectors/discard.hpp"
#include "runtime/connectors/output_commit.hpp"
#include "runtime/connectors/part_names.hpp"
#include "runtime/connectors/print.hpp"
#include "runtime/connectors/text_directory.hpp"
#include "tests/support/memory_file_system.hpp"

namespace leat {
namespace {

using runtime::commit_output;
using test::FileOperation;
using test::MemoryFileSystem;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

using WordCount = std::pair<std::string, std::uint64_t>;

const JobId kJob(1, 2);

class Rows : public RowChannel {
 public:
  [[nodiscard]] bool has_room() const override { return room; }
  void send(std::vector<std::string> rows) override { batches.push_back(std::move(rows)); }

  bool room = true;
  std::vector<std::vector<std::string>> batches;
};

class LineSinks : public testing::Test {
 protected:
  [[nodiscard]] SinkContext context(std::uint32_t subtask = 0, std::uint32_t parallelism = 1,
                                    std::uint32_t attempt = 1) {
    return {files_, rows_, kJob, "sink", subtask, parallelism, Attempt{attempt}};
  }
  template <class T>
  std::unique_ptr<SinkWriter<T>> directory_writer(std::uint32_t subtask = 0,
                                                  std::uint32_t attempt = 1) {
    files_.add_directory("out");
    auto writer = text_directory("out").as<T>().make_writer(context(subtask, 2, attempt));
    EXPECT_TRUE(writer->open().ok());
    return writer;
  }
  /// As a slot does at a barrier and at the end of input.
  static Result<std::vector<proto::Committable>> finish(AnySinkWriter& writer,
                                                        std::uint64_t checkpoint = 0) {
    if (auto flushed = writer.flush(); !flushed)
      return flushed.error();
    const PreparedOutput output = writer.prepare_commit(checkpoint);
    if (output.make_durable)
      if (auto synced = output.make_durable(); !synced)
        return synced.error();
    return output.committables;
  }

  MemoryFileSystem files_;
  Rows rows_;
};

TEST_F(LineSinks, ADirectoryGetsALinePerRecordUnderTheFinalNameAfterTheCommit) {
  auto writer = directory_writer<WordCount>(3);
  writer->write({"word", 12});
  writer->write({"", 0});
  const auto handles = finish(*writer);
  ASSERT_TRUE(handles.ok());
  ASSERT_EQ(handles->size(), 1U);
  EXPECT_TRUE(files_.names("out").starts_with(".part-"));
  EXPECT_TRUE(commit_output(files_, handles->front()).ok());
  EXPECT_EQ(files_.names("out"), "part-3-0");
  EXPECT_EQ(files_.bytes("out/part-3-0"), "word\t12\n\t0\n");
}

TEST_F(LineSinks, ADirectoryGetsNoFileWithoutARecord) {
  auto writer = directory_writer<WordCount>();
  const auto handles = finish(*writer);
  ASSERT_TRUE(handles.ok());
  EXPECT_THAT(*handles, IsEmpty());
  EXPECT_EQ(files_.names("out"), "");
}

TEST_F(LineSinks, ADirectoryGetsManyRecordsInOrder) {
  auto writer = directory_writer<std::uint64_t>();
  std::string expected;
  for (std::uint64_t i = 0; i < 100'000; ++i) {
    writer->write(i);
    expected += std::to_string(i) + "\n";
  }
  const auto handles = finish(*writer);
  ASSERT_TRUE(handles.ok());
  ASSERT_TRUE(commit_output(files_, handles->front()).ok());
  EXPECT_EQ(files_.bytes("out/part-0-0"), expected);
}

TEST_F(LineSinks, OutputSurvivesACrashBetweenSyncAndRename) {
  auto writer = directory_writer<WordCount>();
  writer->write({"word", 1});
  const auto handles = finish(*writer);
  ASSERT_TRUE(handles.ok());
  writer.reset();
  files_.crash();
  EXPECT_TRUE(commit_output(files_, handles->front()).ok());
  files_.crash();
  EXPECT_EQ(files_.bytes("out/part-0-0"), "word\t1\n");
}

TEST_F(LineSinks, APowerCutAtAnyStepLosesNothingThatWasPrepared) {
  for (std::uint64_t steps = 0; steps < 12; ++steps) {
    MemoryFileSystem files;
    files.add_directory("out");
    files.power_off_after(steps);
    const SinkContext at{files, rows_, kJob, "sink", 0, 1, Attempt{1}};
    auto writer = text_directory("out").as<WordCount>().make_writer(at);
    writer->write({"word", 1});
    const auto handles = finish(*writer);
    writer.reset();
    files.crash();
    if (!handles.ok())
      continue;
    EXPECT_TRUE(commit_output(files, handles->front()).ok()) << steps;
    EXPECT_EQ(files.bytes("out/part-0-0"), "word\t1\n") << steps;
  }
}

TEST_F(LineSinks, AFullDiskIsReportedWithThePath) {
  auto writer = directory_writer<std::string>();
  files_.set_space(1000);
  const std::string line(1000, 'x');
  for (int i = 0; i < 1000; ++i)
    writer->write(line);
  const auto flushed = writer->flush();
  ASSERT_FALSE(flushed.ok());
  EXPECT_THAT(flushed.error().message(), HasSubstr("No space left on device"));
  EXPECT_THAT(flushed.error().message(), HasSubstr("out/.part-"));
  EXPECT_FALSE(finish(*writer).ok());
}

TEST_F(LineSinks, AFullDiskAtTheVeryEndIsReportedToo) {
  auto writer = directory_writer<std::string>();
  files_.set_space(10);
  writer->write("longer than ten bytes");
  EXPECT_TRUE(writer->flush().ok());
  EXPECT_FALSE(finish(*writer).ok());
}

TEST_F(LineSinks, AFailedSyncIsReported) {
  auto writer = directory_writer<std::string>();
  writer->write("line");
  files_.fail(FileOperation::kSync, ".part-", "Input/output error");
  const auto handles = finish(*writer);
  ASSERT_FALSE(handles.ok());
  EXPECT_THAT(handles.error().message(), HasSubstr("Input/output error"));
}

TEST_F(LineSinks, ADirectoryThatDisappearedIsReported) {
  auto writer = text_directory("gone").as<std::string>().make_writer(context());
  writer->write("line");
  EXPECT_FALSE(writer->flush().ok());
  const PreparedOutput output = writer->prepare_commit(1);
  ASSERT_TRUE(output.make_durable);
  EXPECT_FALSE(output.make_durable().ok());
}

TEST_F(LineSinks, AbortRemovesWhatIsInProgressAndNothingElse) {
  auto old_attempt = directory_writer<std::string>(0, 1);
  auto new_attempt = directory_writer<std::string>(0, 2);
  old_attempt->write("old");
  new_attempt->write("new");
  old_attempt->abort();
  old_attempt.reset();
  const auto handles = finish(*new_attempt);
  ASSERT_TRUE(handles.ok());
  ASSERT_TRUE(commit_output(files_, handles->front()).ok());
  EXPECT_EQ(files_.names("out"), "part-0-0");
  EXPECT_EQ(files_.bytes("out/part-0-0"), "new\n");
}

TEST_F(LineSinks, WhatWasPreparedOutlivesAnAbortedWriter) {
  auto writer = directory_writer<std::string>();
  writer->write("line");
  const PreparedOutput output = writer->prepare_commit(3);
  writer->write("in progress");
  writer->abort();
  writer.reset();
  EXPECT_TRUE(output.make_durable().ok());
  ASSERT_EQ(output.committables.size(), 1U);
  EXPECT_TRUE(commit_output(files_, output.committables.front()).ok());
  EXPECT_EQ(files_.names("out"), "part-0-3");
}

TEST_F(LineSinks, EachBarrierEndsAFileAndTheWriterGoesOnWithAnother) {
  auto writer = directory_writer<std::string>(2);
  std::vector<proto::Committable> all;
  for (const std::uint64_t checkpoint : {4U, 5U, 9U}) {
    if (checkpoint != 5U)
      writer->write("before " + std::to_string(checkpoint));
    const auto handles = finish(*writer, checkpoint);
    ASSERT_TRUE(handles.ok());
    EXPECT_EQ(handles->size(), checkpoint == 5U ? 0U : 1U);
    all.insert(all.end(), handles->begin(), handles->end());
  }
  for (const auto& committable : all)
    ASSERT_TRUE(commit_output(files_, committable).ok());
  EXPECT_EQ(files_.names("out"), "part-2-4 part-2-9");
  EXPECT_EQ(files_.bytes("out/part-2-9"), "before 9\n");
}

TEST_F(LineSinks, AFormatOfTheUsersOwnReplacesTheDefault) {
  files_.add_directory("out");
  const auto format = [](const View<WordCount>& record, std::string& line) {
    line += std::to_string(record.second) + " x " + std::string(record.first);
  };
  auto writer = text_directory("out", format).as<WordCount>().make_writer(context());
  writer->write({"word", 2});
  const auto handles = finish(*writer);
  ASSERT_TRUE(handles.ok());
  ASSERT_TRUE(commit_output(files_, handles->front()).ok());
  EXPECT_EQ(files_.bytes("out/part-0-0"), "2 x word\n");
}

TEST_F(LineSinks, CollectSendsRowsWhenFlushed) {
  auto writer = collect().as<WordCount>().make_writer(context());
  writer->write({"a", 1});
  writer->write({"b\nc", 2});
  EXPECT_THAT(rows_.batches, IsEmpty());
  EXPECT_TRUE(writer->flush().ok());
  EXPECT_THAT(rows_.batches, ElementsAre(ElementsAre("a\t1", "b\nc\t2")));
  EXPECT_TRUE(writer->flush().ok());
  EXPECT_EQ(rows_.batches.size(), 1U);
}

TEST_F(LineSinks, CollectSendsBatchesOfABoundedSize) {
  auto writer = collect().as<std::string>().make_writer(context());
  std::size_t rows = 0;
  for (; rows_.batches.size() < 3; ++rows)
    writer->write(std::string(rows % 3000, 'x'));
  EXPECT_TRUE(finish(*writer).ok());
  std::size_t sent = 0;
  for (const auto& batch : rows_.batches) {
    std::size_t bytes = 0;
    for (const auto& row : batch)
      bytes += row.size();
    EXPECT_LE(bytes, 64U << 10U);
    sent += batch.size();
  }
  EXPECT_EQ(sent, rows);
}

TEST_F(LineSinks, CollectHoldsBackWithoutRoomAndSendsAllAtTheEnd) {
  auto writer = collect().as<std::string>().make_writer(context());
  rows_.room = false;
  EXPECT_FALSE(writer->ready());
  writer->write("late");
  EXPECT_TRUE(writer->flush().ok());
  EXPECT_THAT(rows_.batches, IsEmpty());
  EXPECT_TRUE(finish(*writer).ok());
  EXPECT_THAT(rows_.batches, ElementsAre(ElementsAre("late")));
}

TEST_F(LineSinks, PrintPutsTheSubtaskInFrontWhenThereAreSeveral) {
  testing::internal::CaptureStdout();
  auto alone = print().as<WordCount>().make_writer(context(0, 1));
  alone->write({"a", 1});
  EXPECT_TRUE(finish(*alone).ok());
  auto second = print().as<WordCount>().make_writer(context(1, 2));
  second->write({"b", 2});
  second->write({"c", 3});
  EXPECT_TRUE(second->flush().ok());
  EXPECT_EQ(testing::internal::GetCapturedStdout(), "a\t1\n2> b\t2\n2> c\t3\n");
}

TEST_F(LineSinks, DiscardTakesAnything) {
  auto writer = discard().as<WordCount>().make_writer(context());
  writer->write({"a", 1});
  const auto handles = finish(*writer);
  ASSERT_TRUE(handles.ok());
  EXPECT_THAT(*handles, IsEmpty());
}

}  // namespace
}  // namespace leat
