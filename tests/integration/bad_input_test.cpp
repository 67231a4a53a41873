// Each wrong input: a sentence that says what, where and what to do, the exit code, nothing left.

#include <arpa/inet.h>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <map>
#include <netinet/in.h>
#include <string>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>
#include <vector>

#include <gmock/gmock.h>

#include "tests/integration/cluster.hpp"
#include "tests/integration/eventually.hpp"
#include "tests/integration/oracle.hpp"

namespace leat::test {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

/// All files, with a hash of their bytes.
std::map<std::string, std::size_t> files_below(const std::string& directory) {
  std::map<std::string, std::size_t> files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(directory)) {
    if (!entry.is_regular_file())
      continue;
    std::ifstream file(entry.path(), std::ios::binary);
    const std::string bytes(std::istreambuf_iterator<char>(file), {});
    files[entry.path().string()] = std::hash<std::string>()(bytes);
  }
  return files;
}

class BadInput : public ::testing::Test {
 protected:
  void expect_refused(const std::vector<std::string>& words,
                      const ::testing::Matcher<std::string>& message, int code = 2) {
    const Outcome outcome = run(leat(words), {.environment = {{"TMPDIR", scratch_.path()}}});
    EXPECT_EQ(outcome.code, code) << outcome.err;
    EXPECT_THAT(outcome.err, message);
    EXPECT_EQ(outcome.out, "");
    EXPECT_TRUE(std::filesystem::is_empty(scratch_.path())) << "something was left behind";
  }

  [[nodiscard]] std::vector<std::string> count_words(const std::vector<std::string>& more) const {
    std::vector<std::string> words{"local", example_job("word_count")};
    words.insert(words.end(), more.begin(), more.end());
    return words;
  }

  TempDir directory_;
  TempDir scratch_;
  std::string input_ = directory_.write("input", "some words\n");
};

TEST_F(BadInput, MissingInputIsNamed) {
  const std::string output = directory_.file("output");
  expect_refused(count_words({"--input", directory_.file("absent"), "--output", output}),
                 HasSubstr(directory_.file("absent")));
  EXPECT_THAT(hidden_files(output), IsEmpty());
}

TEST_F(BadInput, UnwritableOutputIsNamed) {
  const std::string output = input_ + "/output";  // below a file: not even root may
  expect_refused(count_words({"--input", input_, "--output", output}), HasSubstr(output));
}

TEST_F(BadInput, NonEmptyOutputIsLeftAlone) {
  std::filesystem::create_directory(directory_.file("output"));
  const std::string kept = directory_.write("output/kept", "precious\n");
  expect_refused(count_words({"--input", input_, "--output", directory_.file("output")}),
                 AllOf(HasSubstr(directory_.file("output")), HasSubstr("empty")));
  EXPECT_EQ(shell("cat \"$1\"/*", {directory_.file("output")}), "precious\n");
  EXPECT_THAT(hidden_files(directory_.file("output")), IsEmpty());
}

TEST_F(BadInput, MissingObjectIsNamed) {
  expect_refused({"local", directory_.file("absent.so")}, HasSubstr("absent.so"));
  expect_refused({"info", directory_.file("absent.so")}, HasSubstr("absent.so"));
}

TEST_F(BadInput, ObjectThatIsNoJobIsRefused) {
  expect_refused({"local", input_}, HasSubstr("is no shared object"));
  const std::string library = std::string(LEAT_BIN_DIR) + "/../lib/libleat.so";
  expect_refused({"local", library}, HasSubstr("no Leat job"));
}

TEST_F(BadInput, ObjectOfAnotherVersionIsRefused) {
  const std::string object = shell("cat \"$1\"", {example_job("word_count")});
  std::string other = object;
  const auto note = other.find(std::string("Leat\0", 5));
  ASSERT_NE(note, std::string::npos);
  // The fingerprint follows the owner's name and its padding.
  const auto fingerprint = note + 8;
  other[fingerprint] = other[fingerprint] == 'X' ? 'Y' : 'X';
  const std::string path = directory_.write("other.so", other);
  expect_refused({"local", path, "--input", input_},
                 AllOf(HasSubstr("built against another Leat"), HasSubstr("build it again")));
}

TEST_F(BadInput, UnknownOptionsAndCommandsNameTheNearest) {
  expect_refused({"local", "--paralelism", "2", example_job("word_count")},
                 HasSubstr("unknown option '--paralelism'; did you mean '--parallelism'?"));
  expect_refused({"lokal"}, HasSubstr("unknown command 'lokal'; did you mean 'local'?"));
  expect_refused({}, HasSubstr("a command is missing"));
}

TEST_F(BadInput, JobArgumentsAreChecked) {
  expect_refused(count_words({}), HasSubstr("--input"));
  expect_refused(count_words({"--input", input_, "--outptu", "x"}), HasSubstr("--outptu"));
}

TEST_F(BadInput, ParallelismIsChecked) {
  for (const char* wrong : {"0", "-1", "two", ""}) {
    expect_refused({"local", "-p", wrong, example_job("word_count"), "--input", input_},
                   HasSubstr("-p"));
  }
  expect_refused({"local", "-p", "129", example_job("word_count"), "--input", input_},
                 AllOf(HasSubstr("129"), HasSubstr("128"), HasSubstr("--max-parallelism")));
}

TEST_F(BadInput, ConfigurationIsChecked) {
  const std::string conf = directory_.write("leat.conf", "parallelism.defualt = 2\n");
  expect_refused({"local", "--config", conf, example_job("word_count"), "--input", input_},
                 AllOf(HasSubstr(conf + ", line 1"), HasSubstr("'parallelism.default'")));
}

TEST_F(BadInput, PortInUseIsASentence) {
  Cluster cluster;
  const std::string port = cluster.address().substr(cluster.address().rfind(':') + 1);
  const Outcome outcome =
      run(leat({"jobmanager", "--port", port, "--data-dir", directory_.file("other")}));
  EXPECT_EQ(outcome.code, 2);
  EXPECT_THAT(outcome.err, AllOf(HasSubstr(port), HasSubstr("in use")));
}

TEST_F(BadInput, DataDirectoryOfAnotherJobManagerIsRefused) {
  Process first(leat({"jobmanager", "--port", "0", "--data-dir", directory_.file("data")}));
  first.wait_for(Stream::kErr, "event=listening");
  // The first one opens its chunk store behind its port; the ballast is what it writes last.
  std::map<std::string, std::size_t> before;
  ASSERT_TRUE(eventually([&] {
    const auto last = std::exchange(before, files_below(directory_.file("data")));
    return before == last && before.contains(directory_.file("data/chunks/ballast"));
  }));
  const Outcome second =
      run(leat({"jobmanager", "--port", "0", "--data-dir", directory_.file("data")}));
  EXPECT_NE(second.code, 0);
  EXPECT_THAT(second.err, HasSubstr(directory_.file("data")));
  EXPECT_THAT(second.err, HasSubstr("in use by another JobManager"));
  EXPECT_EQ(files_below(directory_.file("data")), before) << "it has written something";
}

TEST_F(BadInput, DaemonsStayOnLoopbackUnlessTold) {
  expect_refused({"jobmanager", "--host", "0.0.0.0", "--data-dir", directory_.file("data")},
                 HasSubstr("--insecure"));
  expect_refused({"taskmanager", "--host", "0.0.0.0"}, HasSubstr("--insecure"));
  expect_refused({"jobmanager", "--port", "0"}, HasSubstr("--data-dir"));
}

TEST_F(BadInput, AbsentJobManagerIsTriedAgainThenGivenUp) {
  for (const std::vector<std::string>& words :
       {std::vector<std::string>{"list", "-m", "127.0.0.1:9"},
        {"cancel", "-m", "127.0.0.1:9", "0123456789abcdef0123456789abcdef"},
        {"run", "-m", "127.0.0.1:9", "-D", "client.timeout=300 ms", example_job("word_count"),
         "--input", input_}}) {
    std::vector<std::string> all = words;
    if (words.front() != "run")
      all.insert(all.begin() + 1, {"-D", "client.timeout=300 ms"});
    expect_refused(all, AllOf(HasSubstr("127.0.0.1:9"), HasSubstr("again")), 3);
  }
}

TEST_F(BadInput, ServerThatIsNoJobManagerIsGivenUp) {
  // It accepts connections and says nothing.
  const int silent = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  ASSERT_EQ(bind(silent, reinterpret_cast<sockaddr*>(&address), size), 0);
  ASSERT_EQ(listen(silent, 1), 0);
  ASSERT_EQ(getsockname(silent, reinterpret_cast<sockaddr*>(&address), &size), 0);
  const std::string endpoint = "127.0.0.1:" + std::to_string(ntohs(address.sin_port));
  expect_refused({"list", "-m", endpoint, "-D", "client.timeout=500 ms"}, HasSubstr(endpoint), 3);
  close(silent);
}

TEST_F(BadInput, RelativePathOnAClusterIsExplained) {
  Cluster cluster;
  cluster.add_task_managers(1, 1);
  const Outcome outcome = run(cluster.client("run", {example_job("word_count"), "--input", "input",
                                                     "--output", directory_.file("output")}),
                              {.directory = directory_.path().string()});
  EXPECT_EQ(outcome.code, 2);
  EXPECT_THAT(outcome.err, HasSubstr("'input' is a relative path"));
  EXPECT_THAT(outcome.err, HasSubstr(input_));
}

TEST_F(BadInput, JobIdsAreChecked) {
  expect_refused({"cancel", "123"}, HasSubstr("'123' is no job id"));
  Cluster cluster;
  const Outcome unknown = cluster.run_client("cancel", {"0123456789abcdef0123456789abcdef"});
  EXPECT_EQ(unknown.code, 2) << unknown.err;
  EXPECT_THAT(unknown.err, HasSubstr("0123456789abcdef0123456789abcdef"));
}

TEST_F(BadInput, DetachedJobThatReturnsRowsIsRefused) {
  expect_refused({"run", "-d", example_job("word_count"), "--input", input_}, HasSubstr("-d"));
}

TEST_F(BadInput, ClosedStandardOutputFailsTheRun) {
  const Outcome outcome = run({"/bin/sh", "-c", "exec \"$@\" > /dev/full", "sh", leat_binary(),
                               "local", example_job("word_count"), "--input", input_});
  EXPECT_EQ(outcome.code, 1);
  EXPECT_THAT(outcome.err, HasSubstr("standard output"));
}

}  // namespace
}  // namespace leat::test
