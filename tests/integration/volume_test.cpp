// The JobManager's volume missing, read-only, full: a line that says what is wrong and what to do, nothing
// damaged, and on it goes once the volume is well. Mounts are made in a namespace of the test's own.

#include <csignal>
#include <filesystem>
#include <fstream>
#include <unistd.h>

#include <gmock/gmock.h>

#include "tests/integration/checkpoints.hpp"
#include "tests/integration/eventually.hpp"
#include "tests/support/http_client.hpp"

namespace leat::test {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

const std::vector<std::string> kInNamespace{"/usr/bin/unshare", "--map-root-user", "--mount"};

bool may_mount() {
  std::vector<std::string> command = kInNamespace;
  command.insert(command.end(), {"mount", "-t", "tmpfs", "none", "/mnt"});
  return run(command).code == 0;
}

class Volume : public ::testing::Test {
 protected:
  [[nodiscard]] std::string volume() const { return directory_.file("volume"); }
  [[nodiscard]] std::string data() const { return volume() + "/data"; }
  [[nodiscard]] std::vector<std::string> job_manager() const {
    return leat({"jobmanager", "--port", "0", "-D", "http.port=0", "--data-dir", data()});
  }
  /// `script` with the volume mounted as "$1", and a JobManager's command behind it.
  [[nodiscard]] std::vector<std::string> mounted(const std::string& options,
                                                 const std::string& script) const {
    std::filesystem::create_directories(volume());
    std::vector<std::string> command = kInNamespace;
    command.insert(command.end(), {"sh", "-c",
                                   "set -e; mount -t tmpfs -o " + options +
                                       " none \"$1\"; volume=\"$1\"; shift; " + script,
                                   "sh", volume()});
    const auto words = job_manager();
    command.insert(command.end(), words.begin(), words.end());
    return command;
  }

  TempDir directory_;
};

void expect_one_line(const std::string& text) {
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 1) << text;
}

TEST_F(Volume, AFileInPlaceOfTheDirectoryIsNamed) {
  const std::string file = directory_.write("volume", "precious\n");
  for (const std::string& path : {file, data()}) {
    const Outcome outcome = run(leat({"jobmanager", "--port", "0", "--data-dir", path}));
    EXPECT_EQ(outcome.code, 2);
    EXPECT_THAT(outcome.err,
                AllOf(HasSubstr(path), HasSubstr("Not a directory"), HasSubstr("--data-dir")));
    expect_one_line(outcome.err);
  }
  EXPECT_EQ(shell("cat \"$1\"", {file}), "precious\n");
}

TEST_F(Volume, AFileInPlaceOfAStoreIsNamed) {
  std::filesystem::create_directories(data());
  for (const char* store : {"meta", "artefacts", "chunks"}) {
    const std::string file = directory_.write("volume/data/" + std::string(store), "precious\n");
    const Outcome outcome = run(job_manager());
    EXPECT_EQ(outcome.code, 2);
    EXPECT_THAT(outcome.err, AllOf(HasSubstr(file), HasSubstr("is no directory")));
    expect_one_line(outcome.err);  // and it has not listened
    EXPECT_EQ(shell("cat \"$1\"", {file}), "precious\n");
    std::filesystem::remove(file);
  }
}

TEST_F(Volume, ADirectoryOfSomebodyElseIsNamed) {
  if (geteuid() == 0)
    GTEST_SKIP() << "permissions do not hold for root";
  std::filesystem::create_directories(data());
  std::filesystem::permissions(data(), std::filesystem::perms::owner_read);
  const Outcome outcome = run(job_manager());
  EXPECT_EQ(outcome.code, 2);
  EXPECT_THAT(outcome.err, AllOf(HasSubstr(data()), HasSubstr("Permission denied")));
  std::filesystem::permissions(data(), std::filesystem::perms::owner_all);
}

TEST_F(Volume, AReadOnlyOneIsNamed) {
  if (!may_mount())
    GTEST_SKIP() << "mounting is not allowed here";
  for (const char* state : {"", "mkdir -p \"$volume/data\"; "}) {
    const Outcome outcome = run(
        mounted("size=64m", std::string(state) + "mount -o remount,ro \"$volume\"; exec \"$@\""));
    EXPECT_NE(outcome.code, 0);
    EXPECT_THAT(outcome.err, AllOf(HasSubstr(data()),
                                   ::testing::AnyOf(HasSubstr("read-only"), HasSubstr("Read-only")),
                                   HasSubstr("for")));
    expect_one_line(outcome.err);
  }
}

TEST_F(Volume, AFullOneIsNamedAndUndamaged) {
  if (!may_mount())
    GTEST_SKIP() << "mounting is not allowed here";
  const std::string script = R"(
    listens() {
      "$@" 2> "$volume/log" & pid=$!
      until grep -q event=listening "$volume/log"; do kill -0 $pid; sleep 0.02; done
      grep -o 'event=listening.*' "$volume/log"
      kill $pid; wait $pid || true
    }
    listens "$@"
    head -c 1G /dev/zero > "$volume/fill" 2> "$volume/log" || true
    code=0; "$@" || code=$?
    echo "code $code"
    rm "$volume/fill"
    listens "$@"
  )";
  const Outcome outcome = run(mounted("size=64m", script));
  EXPECT_EQ(outcome.code, 0) << outcome.out << outcome.err;
  EXPECT_THAT(outcome.err, AllOf(HasSubstr(data()), HasSubstr("full"), HasSubstr("make room")));
  EXPECT_THAT(outcome.out,
              AllOf(HasSubstr("epoch=1\n"), HasSubstr("code 1\n"), HasSubstr("epoch=2\n")));
}

TEST_F(Volume, ThatFillsUpUnderARunningJobIsToldByTheProbeAndGoneOnWithOnceThereIsRoom) {
  if (!may_mount())
    GTEST_SKIP() << "mounting is not allowed here";
  // The chunk store keeps 128 MiB free.
  Process job_manager(mounted("size=200m", "exec \"$@\""));
  const auto port = static_cast<std::uint16_t>(
      std::stoi(job_manager.wait_for(Stream::kErr, R"(event=http_listening address=\S+:(\d+))")));
  const std::string address =
      job_manager.wait_for(Stream::kErr, R"(event=listening address=(\S+))");
  const Process worker(leat({"taskmanager", "--jobmanager", address, "--slots", "2"}));
  CheckpointedSequence sequence;
  sequence.count = 150'000;
  std::vector<std::string> words{"run", "-m", address};
  const auto more = sequence.words();
  words.insert(words.end(), more.begin(), more.end());
  Process client(leat(words));
  const auto metric = [&](const std::string& name) {
    return metric_value(http_get(port, "/metrics").body, name);
  };
  const std::string completed = "leat_jobmanager_checkpoints_completed_total";
  const std::string failed = "leat_jobmanager_checkpoints_failed_total";
  ASSERT_TRUE(eventually([&] { return metric(completed) >= 2; }));
  EXPECT_EQ(http_get(port, "/readyz").status, 200);

  const std::string fill =
      "/proc/" + std::to_string(job_manager.pid()) + "/root" + volume() + "/fill";
  shell("head -c 1G /dev/zero > \"$1\" 2> /dev/null || true", {fill});
  ASSERT_TRUE(eventually([&] { return metric(failed) >= 1; }));
  const HttpAnswer unready = http_get(port, "/readyz");
  EXPECT_EQ(unready.status, 503);
  EXPECT_THAT(unready.body, AllOf(HasSubstr(data()), HasSubstr("full")));
  EXPECT_EQ(http_get(port, "/healthz").status, 200);
  EXPECT_EQ(metric("leat_jobmanager_volume_writable"), 0);

  std::filesystem::remove(fill);
  const double before = metric(completed);
  EXPECT_TRUE(eventually([&] { return metric(completed) > before; }));
  EXPECT_TRUE(eventually([&] { return http_get(port, "/readyz").status == 200; }));
  EXPECT_EQ(client.wait(), 0) << client.err();
  sequence.expect_exact();
}

}  // namespace
}  // namespace leat::test
