#include <chrono>
#include <filesystem>
#include <memory>
#include <string>

#include <gtest/gtest.h>

#include "actors/tls_identity.hpp"
#include "tests/actors/job_runner.hpp"
#include "tests/actors/network_cluster.hpp"
#include "tests/actors/test_certificates.hpp"
#include "tests/support/temp_dir.hpp"

namespace leat::actors {
namespace {

using test::RecordingLog;

const std::string kCountWords = LEAT_TEST_JOBS_DIR "/count_words.so";

class TlsTest : public ::testing::Test {
 protected:
  std::string refusal(const TlsOptions& options) {
    const auto identity = TlsIdentity::load(options);
    return identity ? "accepted" : identity.error().message();
  }
  LinkOptions link(const TlsOptions& options) {
    const auto identity = TlsIdentity::load(options);
    EXPECT_TRUE(identity.ok()) << (identity ? "" : identity.error().message());
    LinkOptions link;
    link.tls = *identity;
    return link;
  }

  test::TempDir dir_;
  test::TestAuthority ours_{dir_.path().string(), "ours"};
  test::TestAuthority theirs_{dir_.path().string(), "theirs"};
};

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

TEST_F(TlsTest, AcceptsACertificateOfTheAuthority) {
  EXPECT_EQ("accepted", refusal(ours_.issue("node")));
}

TEST_F(TlsTest, SaysWhichFileIsMissingOrUnusable) {
  auto options = ours_.issue("node");
  EXPECT_TRUE(contains(refusal({options.certificate, "", options.ca_file}), "the key is missing"));
  EXPECT_TRUE(contains(refusal({options.certificate, dir_.file("none"), options.ca_file}),
                       dir_.file("none")));
  const std::string junk = dir_.write("junk.pem", "junk");
  EXPECT_TRUE(contains(refusal({junk, options.key, options.ca_file}), junk));
  EXPECT_TRUE(contains(refusal({options.certificate, junk, options.ca_file}), junk));
  EXPECT_TRUE(contains(refusal({options.certificate, options.key, junk}), junk));
}

TEST_F(TlsTest, RefusesAKeyOrCertificateThatDoesNotBelong) {
  const auto one = ours_.issue("one");
  const auto other = ours_.issue("other");
  const auto foreign = theirs_.issue("foreign");
  EXPECT_TRUE(contains(refusal({one.certificate, other.key, one.ca_file}), "is not the key of"));
  EXPECT_TRUE(contains(refusal({foreign.certificate, foreign.key, one.ca_file}),
                       "is not accepted by the authority"));
}

TEST_F(TlsTest, RefusesACertificateThatIsNotValidToday) {
  using std::chrono::hours;
  EXPECT_TRUE(contains(refusal(ours_.issue("old", {-hours(2), -hours(1)})), "old.pem expired at"));
  EXPECT_TRUE(contains(refusal(ours_.issue("new", {hours(1), hours(2)})), "is not valid before"));
}

TEST_F(TlsTest, RefusesACertificateForOneEndOnly) {
  EXPECT_TRUE(contains(refusal(ours_.issue("server", {}, "serverAuth")), "extended key usage"));
  EXPECT_EQ("accepted", refusal(ours_.issue("both", {}, "serverAuth,clientAuth")));
}

/// A JobManager with TLS.
class TlsCluster : public TlsTest {
 protected:
  std::unique_ptr<test::ProcessThread> start_job_manager() {
    JobManagerProcessOptions options;
    options.listen = {"0.0.0.0", 0};  // no need for --insecure
    options.data_dir = dir_.file("data");
    options.engine.resource_wait = std::chrono::milliseconds(100);
    options.tls = link(ours_.issue("jobmanager")).tls;
    return test::start_job_manager(options);
  }
  std::unique_ptr<test::ProcessThread> start_task_manager(const std::string& name) {
    TaskManagerProcessOptions options;
    options.job_manager = address_;
    options.link = link(ours_.issue(name));
    auto process = test::start_task_manager(options);
    EXPECT_EQ("registered", process->log().await("registered").event);
    return process;
  }
  /// What a client of that identity is told when it looks for the JobManager for half a second.
  std::string failure(const LinkOptions& link, const Endpoint& address) {
    JobClientOptions options;
    options.give_up_after = std::chrono::milliseconds(500);
    options.link = link;
    const auto jobs = JobClient::create(address, options)->list({});
    return jobs ? "none" : jobs.error().message();
  }
  std::string failure(const LinkOptions& link) { return failure(link, address_); }

  /// Why the JobManager refused a peer; the `count`-th.
  std::string refused(std::size_t count) {
    const LogEvent event = job_manager_->log().await("peer_refused", count);
    EXPECT_EQ("127.0.0.1", RecordingLog::field(event, "address"));
    return RecordingLog::field(event, "reason");
  }

  std::unique_ptr<test::ProcessThread> job_manager_ = start_job_manager();
  Endpoint address_{"127.0.0.1", test::listening_at(*job_manager_).port};
};

/// An identity that load() would refuse.
LinkOptions unchecked(const TlsOptions& options) {
  LinkOptions link;
  link.tls = std::make_shared<TlsIdentity>(options, *read_tls_material(options),
                                           CertificateFacts{{}, WallTime::max(), 1});
  return link;
}

TEST_F(TlsCluster, RunsAJobForItsOwn) {
  const auto one = start_task_manager("tm1");
  const auto other = start_task_manager("tm2");
  JobClientOptions member;
  member.link = link(ours_.issue("client"));
  const auto client = JobClient::create(address_, member);
  const std::string input = dir_.write("input.txt", "one two two\n");
  const auto job =
      test::submit_job(*client, {kCountWords, {"--input", input, "--output", dir_.file("out")}, 2});
  ASSERT_TRUE(job.ok()) << job.error().message();
  const auto status = test::await_end(*client, *job);
  ASSERT_TRUE(status.ok()) << status.error().message();
  EXPECT_EQ(proto::JOB_FINISHED, status->state()) << status->ShortDebugString();
  EXPECT_EQ(test::expected_counts("one two two"), test::output_lines(dir_.file("out")));
}

// Each client tries several times, and each reason is logged once.
TEST_F(TlsCluster, TellsBothSidesWhyAPeerIsRefused) {
  const auto foreign = theirs_.issue("foreign");
  EXPECT_TRUE(contains(failure(link(foreign)), "its certificate is of another authority"));
  EXPECT_TRUE(contains(refused(1), "does not accept this side's certificate: it is of another"));

  TlsOptions gullible = foreign;
  gullible.ca_file = ours_.issue("any").ca_file;
  EXPECT_TRUE(contains(failure(unchecked(gullible)), "accept this side's certificate"));
  EXPECT_TRUE(contains(refused(2), "its certificate is of another authority"));

  const auto old = ours_.issue("old", {-std::chrono::hours(2), -std::chrono::hours(1)});
  EXPECT_TRUE(contains(failure(unchecked(old)), "accept this side's certificate"));
  EXPECT_EQ("its certificate has expired", refused(3));

  EXPECT_TRUE(contains(failure({}), "expect TLS"));
  EXPECT_TRUE(contains(refused(4), "it does not speak TLS"));
  EXPECT_EQ(4U, job_manager_->log().count("peer_refused"));
}

TEST_F(TlsCluster, KeepsTheConnectionsOfItsOwnWhenOthersAreRefused) {
  const auto task_manager = start_task_manager("tm");
  const auto foreign = link(theirs_.issue("foreign"));
  for (int i = 0; i < 3; ++i)
    EXPECT_NE("none", failure(foreign));
  EXPECT_EQ("none", failure(link(ours_.issue("client"))));
  EXPECT_EQ(0U, task_manager->log().count("jobmanager_lost"));
  EXPECT_EQ(0U, job_manager_->log().count("taskmanager_lost"));
}

TEST_F(TlsCluster, TellsAClientThatItsJobManagerDoesNotUseTls) {
  JobManagerProcessOptions options;
  options.listen.port = 0;
  options.data_dir = dir_.file("plain");
  const auto plain = test::start_job_manager(options);
  const auto client = link(ours_.issue("client"));
  const Endpoint address = test::listening_at(*plain);
  EXPECT_TRUE(contains(failure(client, address), "it does not speak TLS"));
  const auto open_files = [] {
    return std::distance(std::filesystem::directory_iterator("/proc/self/fd"), {});
  };
  const auto before = open_files();
  EXPECT_NE("none", failure(client, address));
  EXPECT_LE(open_files(), before);
}

TEST_F(TlsCluster, UsesARenewedCertificateForNewConnectionsAndKeepsThoseThatStand) {
  const auto task_manager = start_task_manager("tm");
  const auto client_of_theirs = link(theirs_.issue("client"));
  EXPECT_NE("none", failure(client_of_theirs));

  // Another authority takes over in the JobManager's files.
  const auto renewed = theirs_.issue("jobmanager");
  std::filesystem::copy_file(renewed.ca_file, dir_.file("ours-ca.pem"),
                             std::filesystem::copy_options::overwrite_existing);
  EXPECT_EQ("certificate_renewed", job_manager_->log().await("certificate_renewed").event);
  EXPECT_EQ("none", failure(client_of_theirs));
  EXPECT_EQ(0U, task_manager->log().count("jobmanager_lost"));

  dir_.write("jobmanager-key.pem", "garbage");
  EXPECT_TRUE(
      contains(RecordingLog::field(job_manager_->log().await("certificate_not_renewed"), "reason"),
               "holds no PEM key"));
  EXPECT_EQ("none", failure(client_of_theirs));
  EXPECT_EQ(0U, task_manager->log().count("jobmanager_lost"));
}

}  // namespace
}  // namespace leat::actors
