// A cluster whose processes prove themselves with certificates, set up as a person would: leat.conf.

#include <gmock/gmock.h>

#include "tests/actors/test_certificates.hpp"
#include "tests/integration/cluster.hpp"
#include "tests/integration/oracle.hpp"
#include "tests/integration/tls_conf.hpp"

namespace leat::test {
namespace {

using ::testing::HasSubstr;

class Tls : public ::testing::Test {
 protected:
  std::string configure(const std::string& authority, const std::string& name) {
    const TestAuthority signer(directory_.path().string(), authority);
    return tls_conf(directory_, signer.issue(name));
  }

  TempDir directory_;
};

TEST_F(Tls, RunsAJobForAClientOfItsAuthorityOnly) {
  const std::string conf = configure("cluster", "node");
  // Beyond loopback without --insecure: the connections are encrypted.
  Process manager(leat({"jobmanager", "--config", conf, "--host", "0.0.0.0", "--port", "0",
                        "--data-dir", directory_.file("data")}));
  const std::string port = manager.wait_for(Stream::kErr, R"(event=listening address=\S+:(\d+))");
  const std::string address = "127.0.0.1:" + port;
  const Process worker(leat({"taskmanager", "--config", conf, "-m", address}));
  manager.wait_for(Stream::kErr, "event=taskmanager_registered");

  const Outcome outcome =
      run(leat({"run", "--config", conf, "-m", address, example_job("sequence"), "--count", "100",
                "--keys", "3", "--output", directory_.file("output")}));
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_EQ(sorted_output(directory_.file("output/sums")), sums_by_awk(100, 3));

  const Outcome foreign =
      run(leat({"run", "--config", configure("another", "stranger"), "-m", address, "-D",
                "client.timeout=1 s", example_job("sequence"), "--count", "1", "--keys", "1",
                "--output", directory_.file("none")}));
  EXPECT_EQ(foreign.code, 3);
  EXPECT_THAT(foreign.err, HasSubstr(address));
  EXPECT_THAT(foreign.err, HasSubstr("its certificate is of another authority"));
  const Outcome plain = run(leat({"list", "-m", address, "-D", "client.timeout=300 ms"}));
  EXPECT_EQ(plain.code, 3);
  EXPECT_THAT(plain.err, HasSubstr("expect TLS"));

  manager.wait_for(Stream::kErr, "event=peer_refused address=127.0.0.1 reason=.*authority");

  Process stranger(
      leat({"taskmanager", "--config", configure("another", "stranger"), "-m", address}));
  stranger.wait_for(Stream::kErr,
                    "event=jobmanager_lost .*its certificate is of another authority");
}

TEST_F(Tls, SaysWhatIsWrongWithACertificateBeforeItStarts) {
  const TestAuthority signer(directory_.path().string(), "cluster");
  const auto old = signer.issue("old", {-std::chrono::hours(2), -std::chrono::hours(1)});
  const Outcome expired =
      run(leat({"taskmanager", "-D", "security.ssl.certificate=" + old.certificate, "-D",
                "security.ssl.key=" + old.key, "-D", "security.ssl.ca=" + old.ca_file}));
  EXPECT_EQ(expired.code, 2);
  EXPECT_THAT(expired.err, HasSubstr("old.pem expired at"));
}

TEST_F(Tls, RefusesHalfASettingAndMissingFiles) {
  const Outcome half = run(leat({"list", "-D", "security.ssl.certificate=/x.pem"}));
  EXPECT_EQ(half.code, 2);
  EXPECT_THAT(half.err, HasSubstr("security.ssl.key is not set"));
  const Outcome missing =
      run(leat({"list", "-D", "security.ssl.certificate=/absent.pem", "-D",
                "security.ssl.key=/absent.key", "-D", "security.ssl.ca=/absent-ca.pem"}));
  EXPECT_EQ(missing.code, 2);
  EXPECT_THAT(missing.err, HasSubstr("/absent"));
}

}  // namespace
}  // namespace leat::test
