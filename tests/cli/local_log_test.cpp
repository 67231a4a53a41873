#include "cli/local_log.hpp"

#include <memory>
#include <sstream>
#include <vector>

#include <gmock/gmock.h>

#include "cli/retry_notice.hpp"

namespace leat::cli {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class KeepingLog final : public LogSink {
 public:
  explicit KeepingLog(std::vector<std::string>& kept) : kept_(kept) {}
  void write(const LogEvent& event) override { kept_.push_back(event.event); }

 private:
  std::vector<std::string>& kept_;
};

class LocalLogTest : public ::testing::Test {
 protected:
  LocalLog make(LocalLog::JobManagerEvents events) {
    return {std::make_unique<KeepingLog>(kept_), events, progress_};
  }

  std::vector<std::string> kept_;
  std::ostringstream err_;
  ProgressDisplay progress_{err_, false};
};

TEST_F(LocalLogTest, LeavesOutWhatTheClientTellsUnlessALevelWasAskedFor) {
  const LogEvent event{LogLevel::kWarn, "jobmanager", "job_refused", {}};
  make(LocalLog::JobManagerEvents::kTold).write(event);
  EXPECT_THAT(kept_, IsEmpty());
  make(LocalLog::JobManagerEvents::kLogged).write(event);
  EXPECT_THAT(kept_, ElementsAre("job_refused"));
}

TEST_F(LocalLogTest, KeepsSupervisionWarningsUntilTheEndIsExpected) {
  LocalLog log = make(LocalLog::JobManagerEvents::kTold);
  log.write({LogLevel::kWarn, "supervisor", "child_failed", {}});
  log.expect_end();
  log.write({LogLevel::kWarn, "supervisor", "child_ended", {}});
  log.write({LogLevel::kError, "supervisor", "gave_up", {}});
  EXPECT_THAT(kept_, ElementsAre("child_failed", "gave_up"));
}

TEST(RetryNoticeTest, SaysASentenceOnceInARow) {
  std::vector<std::string> said;
  RetryNotice notice([&said](const std::string& sentence) { said.push_back(sentence); });
  for (const char* sentence : {"refused", "refused", "silent", "refused"})
    notice(sentence);
  EXPECT_THAT(said, ElementsAre("refused", "silent", "refused"));
}

}  // namespace
}  // namespace leat::cli
