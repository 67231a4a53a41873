// What a process does about its certificate as its files and the date change; no clock, no threads.

#include "actors/tls_rotation.hpp"

#include <chrono>
#include <filesystem>
#include <string>

#include <gtest/gtest.h>

#include "tests/actors/recording_log.hpp"
#include "tests/actors/test_certificates.hpp"
#include "tests/support/temp_dir.hpp"

namespace leat::actors {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using test::RecordingLog;

/// Now is when the certificates that a test issues begin, plus a minute.
class TlsRotationTest : public ::testing::Test {
 protected:
  TlsRotation start() {
    const auto material = read_tls_material(options_);
    EXPECT_TRUE(material.ok());
    const auto facts = check_tls_material(*material, options_, now_);
    EXPECT_TRUE(facts.ok()) << (facts ? "" : facts.error().message());
    return {options_, *material, *facts};
  }

  TlsRotation::Step look(TlsRotation& rotation) {
    return rotation.look(read_tls_material(options_), now_);
  }

  /// What is said, and that nothing changes, when the files are looked at twice.
  std::string complaint(TlsRotation& rotation) {
    EXPECT_TRUE(look(rotation).log.empty()) << "may be caught between two writes";
    const auto step = look(rotation);
    EXPECT_FALSE(step.use);
    EXPECT_TRUE(look(rotation).log.empty()) << "said before";
    if (step.log.size() != 1)
      return std::to_string(step.log.size()) + " events";
    EXPECT_EQ(step.log.front().event, "certificate_not_renewed");
    EXPECT_EQ(step.log.front().level, LogLevel::kWarn);
    return RecordingLog::field(step.log.front(), "reason");
  }

  test::TempDir dir_;
  test::TestAuthority ours_{dir_.path().string(), "ours"};
  test::TestAuthority theirs_{dir_.path().string(), "theirs"};
  TlsOptions options_ = ours_.issue("node");
  WallTime now_ = test::certificates_begin() + minutes(1);
};

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

TEST_F(TlsRotationTest, TakesUpAnotherCertificateOnce) {
  auto rotation = start();
  EXPECT_FALSE(look(rotation).use);
  ours_.issue("node");
  const auto step = look(rotation);
  ASSERT_TRUE(step.use);
  EXPECT_EQ(*step.use, *read_tls_material(options_));
  ASSERT_EQ(step.log.size(), 1U);
  EXPECT_EQ(step.log.front().event, "certificate_renewed");
  EXPECT_EQ(RecordingLog::field(step.log.front(), "expires"),
            wall_time_text(test::certificates_begin() + hours(1)));
  EXPECT_FALSE(look(rotation).use);
}

// As Kubernetes replaces the files of a Secret: all at once, with times and names as they were.
TEST_F(TlsRotationTest, TakesUpWhatALinkLeadsToWhenItIsSwapped) {
  namespace fs = std::filesystem;
  const auto fill = [&](const std::string& directory) {
    ours_.issue("node");
    fs::create_directory(dir_.file(directory));
    for (const char* file : {"node.pem", "node-key.pem", "ours-ca.pem"}) {
      fs::copy_file(dir_.file(file), dir_.file(directory + "/" + file));
      fs::last_write_time(dir_.file(directory + "/" + file), {});
    }
  };
  fill("first");
  fill("second");
  fs::create_directory_symlink("first", dir_.file("..data"));
  options_ = {dir_.file("..data/node.pem"), dir_.file("..data/node-key.pem"),
              dir_.file("..data/ours-ca.pem")};
  auto rotation = start();
  EXPECT_FALSE(look(rotation).use);
  fs::create_directory_symlink("second", dir_.file("..new"));
  fs::rename(dir_.file("..new"), dir_.file("..data"));
  EXPECT_TRUE(look(rotation).use);
}

TEST_F(TlsRotationTest, KeepsTheOldOneWhenAFileIsGoneOrGarbageOrHalf) {
  auto rotation = start();
  const auto half = read_tls_material(options_)->certificate;
  std::filesystem::remove(options_.key);
  EXPECT_TRUE(contains(complaint(rotation), options_.key + " (the key) cannot be read"));
  dir_.write("node-key.pem", "garbage");
  EXPECT_TRUE(contains(complaint(rotation), options_.key + " holds no PEM key"));
  ours_.issue("node");
  dir_.write("node.pem", half.substr(0, half.size() / 2));
  EXPECT_TRUE(contains(complaint(rotation), options_.certificate + " holds no PEM certificate"));
}

TEST_F(TlsRotationTest, KeepsTheOldOneWhenKeyOrAuthorityDoNotFit) {
  auto rotation = start();
  const auto old = read_tls_material(options_)->certificate;
  ours_.issue("node");
  dir_.write("node.pem", old);
  EXPECT_TRUE(contains(complaint(rotation), "is not the key of " + options_.certificate));
  theirs_.issue("node");
  EXPECT_TRUE(contains(complaint(rotation), "is not accepted by the authority"));
}

TEST_F(TlsRotationTest, KeepsTheOldOneWhenTheOtherIsNotValidToday) {
  auto rotation = start();
  ours_.issue("node", {-hours(2), -hours(1)});
  EXPECT_TRUE(contains(complaint(rotation),
                       "expired at " + wall_time_text(test::certificates_begin() - hours(1))));
  ours_.issue("node", {hours(2), hours(3)});
  EXPECT_TRUE(contains(complaint(rotation), "is not valid before"));
}

TEST_F(TlsRotationTest, SaysTheSameAgainOnlyAfterAllWasWellBetween) {
  auto rotation = start();
  std::filesystem::rename(options_.key, dir_.file("away"));
  const std::string first = complaint(rotation);
  std::filesystem::rename(dir_.file("away"), options_.key);
  EXPECT_TRUE(look(rotation).log.empty());
  std::filesystem::remove(options_.key);
  EXPECT_EQ(complaint(rotation), first);
}

TEST_F(TlsRotationTest, SaysNothingOfFilesCaughtBetweenTwoWrites) {
  auto rotation = start();
  const auto old = read_tls_material(options_);
  ours_.issue("node");
  const auto renewed = read_tls_material(options_);
  TlsMaterial torn = *renewed;
  torn.key = old->key;
  EXPECT_TRUE(rotation.look(torn, now_).log.empty());
  EXPECT_TRUE(rotation.look(renewed, now_).use);
}

TEST_F(TlsRotationTest, WarnsOnceInTheLastFifthAndOnceWhenExpired) {
  auto rotation = start();
  now_ = test::certificates_begin() + minutes(47);
  EXPECT_TRUE(look(rotation).log.empty());
  now_ += minutes(2);
  const auto soon = look(rotation);
  ASSERT_EQ(soon.log.size(), 1U);
  EXPECT_EQ(soon.log.front().event, "certificate_expires_soon");
  EXPECT_TRUE(look(rotation).log.empty());
  now_ += minutes(20);
  const auto expired = look(rotation);
  ASSERT_EQ(expired.log.size(), 1U);
  EXPECT_EQ(expired.log.front().event, "certificate_expired");
  EXPECT_TRUE(look(rotation).log.empty());
}

TEST_F(TlsRotationTest, MovesToAnotherAuthorityThroughATimeOfBoth) {
  auto rotation = start();
  const auto ours = read_tls_material(options_)->authorities;
  const TlsOptions other = theirs_.issue("other");
  const auto theirs = read_tls_material(other);
  dir_.write("ours-ca.pem", ours + theirs->authorities);
  auto step = look(rotation);
  ASSERT_TRUE(step.use);
  EXPECT_EQ(RecordingLog::field(step.log.front(), "authorities"), "2");
  dir_.write("node.pem", theirs->certificate);
  dir_.write("node-key.pem", theirs->key);
  EXPECT_TRUE(look(rotation).use);
  dir_.write("ours-ca.pem", theirs->authorities);
  EXPECT_TRUE(look(rotation).use);
}

}  // namespace
}  // namespace leat::actors
