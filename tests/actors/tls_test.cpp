#include <chrono>
#include <filesystem>
#include <string>

#include <gtest/gtest.h>

#include "actors/tls_files.hpp"
#include "tests/actors/job_runner.hpp"
#include "tests/actors/network_cluster.hpp"
#include "tests/actors/test_certificates.hpp"
#include "tests/support/temp_dir.hpp"

namespace leat::actors {
namespace {

const std::string kCountWords = LEAT_TEST_JOBS_DIR "/count_words.so";

class TlsTest : public ::testing::Test {
 protected:
  std::string refusal(const TlsOptions& options) {
    const auto files = TlsFiles::prepare(options);
    return files ? "accepted" : files.error().message();
  }
  LinkOptions link(const TlsOptions& options) {
    const auto files = TlsFiles::prepare(options);
    EXPECT_TRUE(files.ok()) << (files ? "" : files.error().message());
    LinkOptions link;
    link.tls = *files;
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

TEST_F(TlsTest, ACopyOutlivesTheOriginalFilesAndIsForTheOwnerOnly) {
  const auto options = ours_.issue("node");
  const auto files = TlsFiles::prepare(options);
  ASSERT_TRUE(files.ok());
  std::filesystem::remove(options.key);
  EXPECT_EQ(std::filesystem::perms::owner_read | std::filesystem::perms::owner_write,
            std::filesystem::status((*files)->key()).permissions());
}

TEST_F(TlsTest, AClusterOfOneAuthorityRunsAJobAndLetsNobodyElseIn) {
  JobManagerProcessOptions options;
  options.listen = {"0.0.0.0", 0};  // no need for --insecure
  options.data_dir = dir_.file("data");
  options.engine.resource_wait = std::chrono::milliseconds(100);
  options.tls = link(ours_.issue("jobmanager")).tls;
  const auto job_manager = test::start_job_manager(options);
  const Endpoint address{"127.0.0.1", test::listening_at(*job_manager).port};
  std::vector<std::unique_ptr<test::ProcessThread>> task_managers;
  for (const char* name : {"tm1", "tm2"}) {
    TaskManagerProcessOptions task_manager;
    task_manager.job_manager = address;
    task_manager.link = link(ours_.issue(name));
    task_managers.push_back(test::start_task_manager(task_manager));
    EXPECT_EQ("registered", task_managers.back()->log().await("registered").event);
  }

  JobClientOptions member;
  member.link = link(ours_.issue("client"));
  const auto client = JobClient::create(address, member);
  const std::string input = dir_.write("input.txt", "one two two\n");
  const auto job =
      test::submit_job(*client, {kCountWords, {"--input", input, "--output", dir_.file("out")}, 2});
  ASSERT_TRUE(job.ok()) << job.error().message();
  const auto status = test::await_end(*client, *job);
  ASSERT_TRUE(status.ok()) << status.error().message();
  EXPECT_EQ(proto::JOB_FINISHED, status->state()) << status->ShortDebugString();
  EXPECT_EQ(test::expected_counts("one two two"), test::output_lines(dir_.file("out")));

  JobClientOptions plain;
  plain.give_up_after = std::chrono::milliseconds(500);
  JobClientOptions stranger = plain;
  stranger.link = link(theirs_.issue("stranger"));
  EXPECT_FALSE(JobClient::create(address, stranger)->list({}).ok());
  EXPECT_FALSE(JobClient::create(address, plain)->list({}).ok());
}

}  // namespace
}  // namespace leat::actors
