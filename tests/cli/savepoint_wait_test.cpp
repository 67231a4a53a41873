#include "cli/savepoint_wait.hpp"

#include <filesystem>
#include <sstream>

#include <gmock/gmock.h>

#include "tests/cli/fake_job_client.hpp"

namespace leat::cli {
namespace {

class SavepointWait : public ::testing::Test {
 protected:
  static proto::SavepointReply pending() {
    proto::SavepointReply reply;
    reply.set_pending(true);
    return reply;
  }
  static proto::SavepointReply done(const std::string& path) {
    proto::SavepointReply reply;
    reply.set_path(path);
    return reply;
  }
  Result<std::string> take(const std::string& directory, AfterSavepoint then) {
    return take_savepoint({client_, JobId(1, 2), interruption_, streams_}, directory, then);
  }

  FakeJobClient client_;
  actors::StopSignal stop_;
  Interruption interruption_{stop_};
  std::ostringstream text_;
  Streams streams_{text_, text_, false};
};

TEST_F(SavepointWait, AsksAgainUnderTheSameNameUntilItIsThere) {
  client_.savepoints = {pending(), pending(), done("/sp/savepoint-000000-3")};
  EXPECT_EQ(*take("/sp", AfterSavepoint::kRunOn), "/sp/savepoint-000000-3");
  ASSERT_EQ(client_.triggers.size(), 3U);
  EXPECT_EQ(client_.triggers[0].trigger_id(), client_.triggers[2].trigger_id());
  EXPECT_EQ(client_.triggers[0].trigger_id().size(), 32U);
  EXPECT_FALSE(client_.triggers[0].stop());
}

TEST_F(SavepointWait, SaysWhetherTheJobIsToEndAndItsSourcesBefore) {
  client_.savepoints = {done("/sp/x")};
  ASSERT_TRUE(take("/sp", AfterSavepoint::kStop).ok());
  ASSERT_TRUE(take("/sp", AfterSavepoint::kDrainAndStop).ok());
  EXPECT_TRUE(client_.triggers[0].stop());
  EXPECT_FALSE(client_.triggers[0].drain());
  EXPECT_TRUE(client_.triggers[1].stop());
  EXPECT_TRUE(client_.triggers[1].drain());
}

TEST_F(SavepointWait, TakesARelativeDirectoryForOneOfThisProcess) {
  client_.savepoints = {done("/sp/x")};
  ASSERT_TRUE(take("somewhere/../sp", AfterSavepoint::kRunOn).ok());
  EXPECT_EQ(client_.triggers[0].directory(), (std::filesystem::current_path() / "sp").string());
}

TEST_F(SavepointWait, EndsWhenItIsInterrupted) {
  client_.savepoints = {pending()};
  stop_.request();
  const auto path = take("/sp", AfterSavepoint::kRunOn);
  ASSERT_FALSE(path.ok());
  EXPECT_EQ(path.error().kind(), ErrorKind::kCancelled);
}

}  // namespace
}  // namespace leat::cli
