#include "runtime/job/job_object.hpp"

#include <fstream>
#include <iterator>
#include <string>

#include <gtest/gtest.h>

#include "runtime/graph/job_graph.hpp"
#include "runtime/job/job_library.hpp"
#include "tests/support/temp_dir.hpp"

namespace leat::runtime {
namespace {

const std::string kSample = LEAT_TEST_JOBS_DIR "/sample_job.so";

std::string bytes_of(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

class JobObject : public ::testing::Test {
 protected:
  static std::string refusal(const std::string& path) {
    auto info = inspect_job_object(path);
    if (info.ok())
      return "not refused";
    EXPECT_EQ(info.error().kind(), ErrorKind::kInput);
    EXPECT_FALSE(JobLibrary::load(path).ok());
    return info.error().message();
  }

  leat::test::TempDir dir_;
};

TEST_F(JobObject, NameAndFingerprintAreReadWithoutLoading) {
  auto info = inspect_job_object(kSample);
  ASSERT_TRUE(info.ok()) << info.error().message();
  EXPECT_EQ(info->job_name, "sample_job");
  EXPECT_EQ(info->fingerprint, build_fingerprint());
}

TEST_F(JobObject, RefusesWhatIsNoJobInWords) {
  EXPECT_NE(refusal(dir_.file("missing.so")).find("No such file"), std::string::npos);
  EXPECT_NE(refusal(dir_.write("text.so", "hello")).find("is no shared object"), std::string::npos);
  EXPECT_NE(refusal(dir_.write("empty.so", "")).find("is no shared object"), std::string::npos);
  EXPECT_NE(refusal(dir_.path().string()).find("is no shared object"), std::string::npos);
  EXPECT_NE(refusal("/lib/x86_64-linux-gnu/libc.so.6").find("no Leat job"), std::string::npos);
}

TEST_F(JobObject, RefusesAnotherFingerprintAndSaysBoth) {
  std::string bytes = bytes_of(kSample);
  const std::size_t at = bytes.find("leat-api=");
  ASSERT_NE(at, std::string::npos);
  bytes[at + 9] = '9';
  const std::string message = refusal(dir_.write("other.so", bytes));
  EXPECT_NE(message.find("built against another Leat"), std::string::npos) << message;
  EXPECT_NE(message.find("leat-api=9"), std::string::npos) << message;
}

TEST_F(JobObject, TruncatedAndScrambledObjectsNeverCrash) {
  const std::string bytes = bytes_of(kSample);
  for (std::size_t length = 0; length < bytes.size(); length += 49'999)
    (void)inspect_job_object(dir_.write("cut.so", bytes.substr(0, length)));
  std::string scrambled = bytes;
  for (std::size_t i = 0x28; i < 0x40; ++i) {  // section offsets and counts in the ELF header
    scrambled[i] = '\xff';
    (void)inspect_job_object(dir_.write("scrambled.so", scrambled));
  }
}

TEST(JobLibrary, BuildsTheSamePlanFromTheSameArguments) {
  auto library = JobLibrary::load(kSample);
  ASSERT_TRUE(library.ok()) << library.error().message();
  EXPECT_EQ((*library)->job_name(), "sample_job");
  auto first = (*library)->build({"--input", "a"}, {});
  auto second = (*library)->build({"--input", "a"}, {});
  auto other = (*library)->build({"--input", "b"}, {});
  ASSERT_TRUE(first.ok() && second.ok() && other.ok());
  EXPECT_EQ((*first)->plan_sha256(), (*second)->plan_sha256());
  EXPECT_NE((*first)->plan_sha256(), (*other)->plan_sha256());
}

TEST(JobLibrary, ReportsWhatIsWrongWithArgumentsAndBuildFunctions) {
  auto library = JobLibrary::load(kSample);
  ASSERT_TRUE(library.ok());
  const auto error = [&](const std::vector<std::string>& arguments) {
    auto graph = (*library)->build(arguments, {});
    return graph.ok() ? Error(ErrorKind::kInternal, "no error") : graph.error();
  };
  EXPECT_EQ(error({}).kind(), ErrorKind::kUsage);
  EXPECT_EQ(error({}).message(), "sample_job: the job needs --input VALUE…");
  EXPECT_EQ(error({"--input", "a", "--thorw"}).message(),
            "sample_job: the job knows no --thorw; did you mean --throw?");
  EXPECT_EQ(error({"--throw"}).kind(), ErrorKind::kUser);
  EXPECT_EQ(error({"--throw"}).message(),
            "building job 'sample_job' failed: thrown while building");
  EXPECT_NE(error({"--input", "a", "--unfinished"}).message().find("the job has no sink"),
            std::string::npos);
}

}  // namespace
}  // namespace leat::runtime
