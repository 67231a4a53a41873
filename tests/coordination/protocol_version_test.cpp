#include "runtime/coordination/protocol_version.hpp"

#include <algorithm>
#include <string>

#include <gmock/gmock.h>

#include "tests/coordination/job_manager_probe.hpp"
#include "tests/coordination/task_manager_probe.hpp"

namespace leat::runtime {
namespace {

using testing::HasSubstr;

/// Undone at the end.
class Pretended {
 public:
  explicit Pretended(std::uint32_t version) { set(version); }
  ~Pretended() { set(kProtocolVersion); }
  Pretended(const Pretended&) = delete;
  Pretended& operator=(const Pretended&) = delete;

 private:
  static void set(std::uint32_t version) {
    EXPECT_TRUE(pretend_protocol_version(std::to_string(version)).ok());
  }
};

ProtocolRange speaking(std::uint32_t version) {
  const Pretended pretended(version);
  return own_protocol();
}

TEST(ProtocolVersion, NeighboursTalkInTheOlderOnesNewestAndOthersDoNot) {
  for (std::uint32_t one = 1; one <= 5; ++one) {
    for (std::uint32_t other = 1; other <= 5; ++other) {
      const auto common = common_version(speaking(one), speaking(other));
      const std::uint32_t apart = std::max(one, other) - std::min(one, other);
      EXPECT_EQ(common.has_value(), apart <= 1) << one << " and " << other;
      if (common) {
        EXPECT_EQ(*common, std::min(one, other));
      }
    }
  }
}

TEST(ProtocolVersion, ThePresentOneSpeaksItsNeighbourBefore) {
  EXPECT_EQ(own_protocol(), (ProtocolRange{kOldestProtocolVersion, kProtocolVersion}));
  EXPECT_LE(kProtocolVersion - kOldestProtocolVersion, 1U);
}

TEST(ProtocolVersion, APeerThatNamesOneVersionSpeaksThatOnly) {
  EXPECT_EQ(protocol_range(3, 0), (ProtocolRange{3, 3}));
  EXPECT_EQ(protocol_range(3, 2), (ProtocolRange{2, 3}));
  EXPECT_EQ(protocol_range(3, 9), (ProtocolRange{3, 3})) << "nonsense";
  EXPECT_FALSE(common_version(own_protocol(), protocol_range(0, 0)).has_value());
}

TEST(ProtocolVersion, ARefusalSaysWhichAreSpokenAndWhomToUpdate) {
  const Error error = no_common_version({"this JobManager", {1, 1}}, {"the client", {2, 3}});
  EXPECT_EQ(error.kind(), ErrorKind::kProtocol);
  EXPECT_EQ(error.message(),
            "this JobManager speaks protocol version 1, the client protocol versions 2 to 3, and "
            "they need one in common: update this JobManager, one protocol version at a time");
  EXPECT_THAT(no_common_version({"A", {4, 5}}, {"B", {1, 2}}).message(), HasSubstr("update B"));
}

TEST(ProtocolVersion, PretendingTakesANumberFromOne) {
  for (const char* wrong : {"", "0", "x", "1x", "-1", "99999999999"}) {
    const auto refused = pretend_protocol_version(wrong);
    ASSERT_FALSE(refused.ok()) << wrong;
    EXPECT_THAT(refused.error().message(), HasSubstr(kProtocolVariable));
  }
  EXPECT_EQ(own_protocol(), ProtocolRange());
}

// ---- at registration ----

using test::JobManagerProbe;
using test::TaskManagerProbe;

TEST(ProtocolVersionAtRegistration, IsAgreedUponByNeighbours) {
  for (const std::uint32_t version : {kProtocolVersion, kProtocolVersion + 1}) {
    TaskManagerProbe tm;
    {
      const Pretended pretended(version);
      tm.core().on_connected(tm.now(), tm.out());
    }
    JobManagerProbe jm;
    const RequestId request = jm.ask();
    jm.core().register_task_manager(request, tm.sent<proto::RegisterTaskManager>().back(), jm.now(),
                                    jm.out());
    const auto reply = jm.reply<proto::RegisterReply>(request);
    ASSERT_TRUE(reply.has_value());
    EXPECT_FALSE(is_error(reply->error())) << reply->error().message();
    EXPECT_EQ(reply->protocol_version(), kProtocolVersion);
  }
}

TEST(ProtocolVersionAtRegistration, IsRefusedInWordsTwoVersionsApart) {
  TaskManagerProbe tm;
  {
    const Pretended pretended(kProtocolVersion + 2);
    tm.core().on_connected(tm.now(), tm.out());
  }
  JobManagerProbe jm;
  const RequestId request = jm.ask();
  jm.core().register_task_manager(request, tm.sent<proto::RegisterTaskManager>().back(), jm.now(),
                                  jm.out());
  const auto reply = jm.reply<proto::RegisterReply>(request);
  ASSERT_TRUE(reply.has_value());
  EXPECT_EQ(reply->error().kind(), proto::ERROR_PROTOCOL);
  EXPECT_THAT(reply->error().message(), HasSubstr("update this JobManager"));
  tm.core().on_registered(*reply, tm.now(), tm.out());
  EXPECT_EQ(tm.all<EndTaskManager>().size(), 1U);
}

}  // namespace
}  // namespace leat::runtime
