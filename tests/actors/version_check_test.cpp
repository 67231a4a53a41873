#include "actors/version_check.hpp"

#include <algorithm>
#include <string>

#include <gmock/gmock.h>

#include "runtime/coordination/error_info.hpp"
#include "runtime/coordination/protocol_version.hpp"

namespace leat::actors {
namespace {

using runtime::kProtocolVersion;
using runtime::ProtocolRange;
using testing::HasSubstr;

void pretend(std::uint32_t version) {
  ASSERT_TRUE(runtime::pretend_protocol_version(std::to_string(version)).ok());
}

class VersionCheck : public ::testing::Test {
 protected:
  ~VersionCheck() override { pretend(kProtocolVersion); }

  /// What a peer of one version and a JobManager of another say to each other.
  void meet(std::uint32_t peer, std::uint32_t job_manager) {
    pretend(peer);
    const proto::Hello hello = make_hello("client");
    pretend(job_manager);
    reply_ = answer_hello(hello, "JobManager", Epoch{7});
    pretend(peer);
    outcome_ = check_hello_reply(reply_, "the JobManager at here:1");
  }

  proto::HelloReply reply_;
  Result<void> outcome_;
};

TEST_F(VersionCheck, NeighboursAgreeAndOthersPartInWordsOnBothSides) {
  for (std::uint32_t peer = 1; peer <= 5; ++peer) {
    for (std::uint32_t job_manager = 1; job_manager <= 5; ++job_manager) {
      meet(peer, job_manager);
      SCOPED_TRACE(std::to_string(peer) + " meets " + std::to_string(job_manager));
      const bool neighbours = std::max(peer, job_manager) - std::min(peer, job_manager) <= 1;
      EXPECT_EQ(outcome_.ok(), neighbours);
      EXPECT_EQ(runtime::is_error(reply_.error()), !neighbours);
      EXPECT_EQ(reply_.epoch(), 7U);
      if (neighbours)
        continue;
      EXPECT_EQ(outcome_.error().kind(), ErrorKind::kProtocol);
      for (const std::string& words : {outcome_.error().message(), reply_.error().message()}) {
        EXPECT_THAT(words, HasSubstr("protocol version"));
        EXPECT_THAT(words, HasSubstr("update "));
      }
    }
  }
}

TEST_F(VersionCheck, APeerFromBeforeRangesIsAnsweredInItsVersion) {
  proto::Hello hello;
  hello.set_protocol_version(1);
  hello.set_role("client");
  pretend(2);
  const auto reply = answer_hello(hello, "JobManager", Epoch{1});
  EXPECT_FALSE(runtime::is_error(reply.error()));
  EXPECT_EQ(reply.protocol_version(), 1U) << "it compares for equality";
  pretend(3);
  EXPECT_TRUE(runtime::is_error(answer_hello(hello, "JobManager", Epoch{1}).error()));
}

TEST_F(VersionCheck, AnAnswerFromBeforeRangesIsTakenForItsVersion) {
  proto::HelloReply reply;
  reply.set_protocol_version(1);
  pretend(2);
  EXPECT_TRUE(check_hello_reply(reply, "it").ok());
  pretend(3);
  EXPECT_FALSE(check_hello_reply(reply, "it").ok());
}

TEST_F(VersionCheck, AnotherErrorOfTheReplyIsPassedOn) {
  proto::HelloReply reply;
  reply.set_protocol_version(kProtocolVersion);
  *reply.mutable_error() = runtime::to_error_info(Error(ErrorKind::kIo, "no room"));
  const auto outcome = check_hello_reply(reply, "the JobManager");
  ASSERT_FALSE(outcome.ok());
  EXPECT_EQ(outcome.error().message(), "the JobManager: no room");
}

}  // namespace
}  // namespace leat::actors
