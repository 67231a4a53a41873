// docker/make-ca: what it writes is what Leat wants.

#include <filesystem>
#include <string>

#include <gmock/gmock.h>

#include "tests/integration/cluster.hpp"
#include "tests/integration/tls_conf.hpp"

namespace leat::test {
namespace {

using ::testing::HasSubstr;

const std::string kMakeCa = LEAT_SOURCE_DIR "/docker/make-ca";

class MakeCa : public ::testing::Test {
 protected:
  Outcome make(const std::vector<std::string>& more = {}) {
    std::vector<std::string> command{kMakeCa, ca_};
    command.insert(command.end(), more.begin(), more.end());
    return run(command);
  }

  TempDir directory_;
  std::string ca_ = directory_.file("ca");
  actors::TlsOptions files_{ca_ + "/tls.crt", ca_ + "/tls.key", ca_ + "/ca.crt"};
};

TEST_F(MakeCa, AClusterRunsWithItsFilesAndTakesUpRenewedOnes) {
  const Outcome made = make({"--host", "leat-jobmanager", "--host", "10.0.0.5", "--host", "::1"});
  ASSERT_EQ(made.code, 0) << made.err;
  const std::string conf = tls_conf(directory_, files_);
  Process manager(
      leat({"jobmanager", "--config", conf, "--port", "0", "--data-dir", directory_.file("data")}));
  const std::string address = manager.wait_for(Stream::kErr, R"(event=listening address=(\S+))");
  const Process worker(leat({"taskmanager", "--config", conf, "-m", address}));
  manager.wait_for(Stream::kErr, "event=taskmanager_registered");

  const Outcome renewed = make({"--renew"});
  ASSERT_EQ(renewed.code, 0) << renewed.err;
  manager.wait_for(Stream::kErr, "event=certificate_renewed");
  const Outcome list = run(leat({"list", "--config", conf, "-m", address}));
  EXPECT_EQ(list.code, 0) << list.err;
}

TEST_F(MakeCa, KeysAreForTheirOwnerOnly) {
  using std::filesystem::perms;
  ASSERT_EQ(make().code, 0);
  for (const char* key : {"/ca.key", "/tls.key"})
    EXPECT_EQ(std::filesystem::status(ca_ + key).permissions(),
              perms::owner_read | perms::owner_write);
}

TEST_F(MakeCa, OverwritesNoAuthorityAndRenewsOnlyFromOne) {
  EXPECT_EQ(make({"--renew"}).code, 2);
  ASSERT_EQ(make().code, 0);
  const std::string before = shell("cat \"$1\"/*", {ca_});
  const Outcome again = make();
  EXPECT_EQ(again.code, 2);
  EXPECT_THAT(again.err, HasSubstr("not overwritten"));
  EXPECT_EQ(shell("cat \"$1\"/*", {ca_}), before);
  ASSERT_EQ(make({"--renew"}).code, 0);
  EXPECT_NE(shell("cat \"$1\"/*", {ca_}), before);
}

TEST_F(MakeCa, RefusesWhatItDoesNotUnderstand) {
  EXPECT_EQ(make({"--hots", "x"}).code, 2);
  EXPECT_EQ(make({"--host"}).code, 2);
  EXPECT_EQ(make({"--host", "a b"}).code, 2);
  EXPECT_EQ(make({"another"}).code, 2);
  EXPECT_FALSE(std::filesystem::exists(ca_));
}

}  // namespace
}  // namespace leat::test
