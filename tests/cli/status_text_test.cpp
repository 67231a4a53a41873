#include "cli/status_text.hpp"

#include <ctime>

#include <gmock/gmock.h>

#include "cli/text_format.hpp"

namespace leat::cli {
namespace {

using ::testing::HasSubstr;

proto::JobStatus status(std::uint32_t running, std::uint32_t requested) {
  proto::JobStatus result;
  result.set_job_id("0123456789abcdef0123456789abcdef");
  result.set_name("word_count");
  result.set_state(proto::JOB_RUNNING);
  result.set_running_subtasks(running);
  result.set_requested_parallelism(requested);
  result.set_waiting_subtasks(requested - running);
  return result;
}

TEST(StatusText, SaysHowManySubtasksWaitForSlots) {
  EXPECT_EQ(subtasks_text(status(6, 6)), "running 6 of 6");
  EXPECT_EQ(subtasks_text(status(8, 10)), "running 8 of 10, 2 waiting for slots");
  EXPECT_EQ(subtasks_text(status(0, 2)), "running 0 of 2, 2 waiting for slots");
}

TEST(StatusText, ShowsProgressWithRecordsAndRate) {
  proto::JobStatus running = status(6, 6);
  running.set_records_in(1'234'567);
  running.set_duration_ms(3120);
  EXPECT_EQ(progress_text(running, 640'000),
            "RUNNING, running 6 of 6, 1.23 M records read (640 k/s), 3.1 s");
}

TEST(StatusText, ListsALinePerJobInColumns) {
  const proto::JobStatus first = status(8, 10);
  proto::JobStatus second = status(0, 2);
  second.set_name("a_longer_name");
  second.set_state(proto::JOB_FINISHED);
  second.set_duration_ms(65'000);
  const std::vector<const proto::JobStatus*> jobs{&first, &second};
  const std::string table = job_table(jobs);
  EXPECT_THAT(table, HasSubstr("0123456789abcdef0123456789abcdef  word_count     RUNNING   running "
                               "8 of 10, 2 waiting for slots  "));
  EXPECT_THAT(table, HasSubstr("a_longer_name  FINISHED  -"));
  EXPECT_THAT(table, HasSubstr("1 min 5 s\n"));
  EXPECT_EQ(std::count(table.begin(), table.end(), '\n'), 3);
}

TEST(StatusText, TellsEndedStatesFromOthers) {
  EXPECT_TRUE(has_ended(proto::JOB_CANCELED));
  EXPECT_FALSE(has_ended(proto::JOB_COMMITTING));
  EXPECT_EQ(state_name(proto::JOB_CANCELED), "CANCELED");
}

TEST(TextFormat, ShortensCountsToThreeDigits) {
  EXPECT_EQ(format_count(0), "0");
  EXPECT_EQ(format_count(999), "999");
  EXPECT_EQ(format_count(1000), "1.00 k");
  EXPECT_EQ(format_count(12'345), "12.3 k");
  EXPECT_EQ(format_count(999'600), "1.00 M");
  EXPECT_EQ(format_count(4.56e9), "4.56 G");
}

TEST(TextFormat, ChoosesTheUnitOfADuration) {
  EXPECT_EQ(format_duration_ms(412), "412 ms");
  EXPECT_EQ(format_duration_ms(12'345), "12.3 s");
  EXPECT_EQ(format_duration_ms(125'000), "2 min 5 s");
  EXPECT_EQ(format_duration_ms(3'780'000), "1 h 3 min");
}

}  // namespace
}  // namespace leat::cli
