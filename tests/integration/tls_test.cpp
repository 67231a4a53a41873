// A cluster whose processes prove themselves with certificates, set up as a person would: leat.conf.

#include <gmock/gmock.h>

#include "tests/actors/test_certificates.hpp"
#include "tests/integration/cluster.hpp"
#include "tests/integration/oracle.hpp"

namespace leat::test {
namespace {

using ::testing::HasSubstr;

class Tls : public ::testing::Test {
 protected:
  /// Writes certificate, key and a leat.conf that names them; returns the latter.
  std::string configure(const std::string& authority, const std::string& name) {
    const TestAuthority signer(directory_.path().string(), authority);
    const actors::TlsOptions files = signer.issue(name);
    return directory_.write(name + ".conf", "security.ssl.certificate = " + files.certificate +
                                                "\nsecurity.ssl.key = " + files.key +
                                                "\nsecurity.ssl.ca = " + files.ca_file + "\n");
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

  const std::string foreign = configure("another", "stranger");
  const std::vector<std::string> list{"list", "-m", address, "-D", "client.timeout=300 ms"};
  EXPECT_EQ(run(leat(list)).code, 3);
  std::vector<std::string> with_foreign = list;
  with_foreign.insert(with_foreign.end(), {"--config", foreign});
  EXPECT_EQ(run(leat(with_foreign)).code, 3);
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
