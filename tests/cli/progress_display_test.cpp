#include "cli/progress_display.hpp"

#include <chrono>
#include <sstream>

#include <gmock/gmock.h>

namespace leat::cli {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using ::testing::Not;

proto::JobStatus running(std::uint64_t records, std::uint32_t subtasks = 2) {
  proto::JobStatus status;
  status.set_state(proto::JOB_RUNNING);
  status.set_attempt(1);
  status.set_running_subtasks(subtasks);
  status.set_requested_parallelism(2);
  status.set_waiting_subtasks(2 - subtasks);
  status.set_records_in(records);
  return status;
}

class ProgressDisplayTest : public ::testing::Test {
 protected:
  [[nodiscard]] std::string taken() {
    std::string text = err_.str();
    err_.str("");
    return text;
  }

  std::ostringstream err_;
  const Time start_{};
};

TEST_F(ProgressDisplayTest, PrintsAPlainLineOnlyForChangesAndEveryFewSeconds) {
  ProgressDisplay display(err_, false);
  display.update(running(0, 1), start_);
  EXPECT_THAT(taken(), HasSubstr("running 1 of 2, 1 waiting for slots"));
  display.update(running(10, 1), start_ + 100ms);
  EXPECT_EQ(taken(), "");
  display.update(running(20), start_ + 200ms);
  EXPECT_THAT(taken(), HasSubstr("running 2 of 2"));
  display.update(running(30), start_ + 5s);
  EXPECT_EQ(taken(), "");
  display.update(running(40), start_ + 5200ms);
  EXPECT_THAT(taken(), HasSubstr("40 records read"));
}

TEST_F(ProgressDisplayTest, PrintsAPlainLineForAStateThatLasts) {
  ProgressDisplay display(err_, false);
  proto::JobStatus waiting = running(0, 0);
  waiting.set_state(proto::JOB_CREATED);
  display.update(waiting, start_);
  display.update(waiting, start_ + 900ms);
  EXPECT_EQ(taken(), "");
  display.update(waiting, start_ + 1s);
  EXPECT_THAT(taken(), HasSubstr("CREATED, running 0 of 2, 2 waiting for slots"));
  display.update(waiting, start_ + 2s);
  EXPECT_EQ(taken(), "");
}

TEST_F(ProgressDisplayTest, RewritesOneLineOnATerminal) {
  ProgressDisplay display(err_, true);
  display.update(running(0), start_);
  EXPECT_THAT(taken(), Not(HasSubstr("\n")));
  display.update(running(1), start_ + 200ms);
  EXPECT_THAT(taken(), HasSubstr("\r\x1b[K"));
}

TEST_F(ProgressDisplayTest, TakesTheLiveLineAwayBeforeANotice) {
  ProgressDisplay display(err_, true);
  display.update(running(0), start_);
  (void)taken();
  display.notice("a sentence");
  EXPECT_EQ(taken(), "\r\x1b[Ka sentence\n");
  display.clear();
  EXPECT_EQ(taken(), "");
}

TEST_F(ProgressDisplayTest, MeasuresTheRateAndForgetsItInANewAttempt) {
  ProgressDisplay display(err_, true);
  display.update(running(0), start_);
  display.update(running(2000), start_ + 2s);
  EXPECT_THAT(taken(), HasSubstr("(1.00 k/s)"));
  proto::JobStatus second = running(50);
  second.set_attempt(2);
  display.update(second, start_ + 3s);
  EXPECT_THAT(taken(), HasSubstr("(0/s)"));
}

}  // namespace
}  // namespace leat::cli
