// A JobManager's address that is wrong, or that moves: what TaskManagers and clients say and do.

#include <arpa/inet.h>
#include <csignal>
#include <fstream>
#include <netinet/in.h>
#include <string>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>

#include <gmock/gmock.h>

#include "tests/actors/swallowing_listener.hpp"
#include "tests/integration/cluster.hpp"

namespace leat::test {
namespace {

using ::testing::AnyOf;
using ::testing::HasSubstr;

/// Greets whoever connects, as another service would, and counts them.
class OtherService {
 public:
  OtherService() : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    EXPECT_EQ(bind(socket_, reinterpret_cast<sockaddr*>(&address), size), 0);
    EXPECT_EQ(listen(socket_, 100), 0);
    EXPECT_EQ(getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &size), 0);
    port_ = ntohs(address.sin_port);
  }
  ~OtherService() { close(socket_); }
  OtherService(const OtherService&) = delete;
  OtherService& operator=(const OtherService&) = delete;

  [[nodiscard]] std::string address() const { return "127.0.0.1:" + std::to_string(port_); }

  void serve(int connections) const {
    const std::string banner = "SSH-2.0-OpenSSH_9.2 and what else a server says by itself\r\n";
    for (int i = 0; i < connections; ++i) {
      const int peer = accept(socket_, nullptr, nullptr);
      ASSERT_GE(peer, 0);
      send(peer, banner.data(), banner.size(), MSG_NOSIGNAL);
      char byte = 0;
      while (recv(peer, &byte, 1, 0) > 0) {
      }
      close(peer);
    }
  }

 private:
  int socket_;
  int port_ = 0;
};

std::string failure(const std::string& address) {
  const Outcome outcome = run(leat({"list", "-m", address, "-D", "client.timeout=200 ms"}));
  EXPECT_EQ(outcome.code, 3) << outcome.err;
  EXPECT_THAT(outcome.err, HasSubstr("the JobManager at " + address + " cannot be reached"));
  return outcome.err;
}

TEST(Dial, AClientSaysWhyItsJobManagerCannotBeReached) {
  // The second: where there is no name server to ask.
  EXPECT_THAT(failure("leat.invalid:6123"),
              AnyOf(HasSubstr("there is no such host"), HasSubstr("name resolution")));
  EXPECT_THAT(failure("127.0.0.1:9"), HasSubstr("the connection was refused"));
  const SwallowingListener hole;
  ASSERT_TRUE(hole.swallows());
  EXPECT_THAT(failure(hole.endpoint().text()), HasSubstr("no answer"));
}

TEST(Dial, AClientSaysThatWhatAnswersIsNoJobManager) {
  Process worker(leat({"taskmanager", "-m", "127.0.0.1:9"}));
  EXPECT_THAT(failure(worker.wait_for(Stream::kErr, R"(event=listening .*address=(\S+))")),
              HasSubstr("another kind of process"));
  const OtherService service;
  std::thread serving([&] { service.serve(2); });  // a probe and a connection
  EXPECT_THAT(failure(service.address()), HasSubstr("it is no Leat process"));
  serving.join();
}

TEST(Dial, ATaskManagerSaysOnceWhatItTriesAndWhyThatFails) {
  const OtherService service;
  Process worker(leat({"taskmanager", "-m", service.address()}));
  service.serve(10);
  worker.signal(SIGTERM);
  EXPECT_EQ(worker.wait(), 0);
  const std::string log = worker.err();
  const std::string lost = "reason=\"the JobManager at " + service.address();
  EXPECT_THAT(log, HasSubstr(lost));
  EXPECT_EQ(log.find(lost), log.rfind(lost)) << log;
}

/// Runs a command that sees `hosts` in place of /etc/hosts.
std::vector<std::string> with_hosts(const std::string& hosts,
                                    const std::vector<std::string>& command) {
  std::vector<std::string> all{"/usr/bin/env",
                               "unshare",
                               "--map-root-user",
                               "--mount",
                               "sh",
                               "-euc",
                               "hosts=$1; shift; mount --bind \"$hosts\" /etc/hosts; exec \"$@\"",
                               "sh",
                               hosts};
  all.insert(all.end(), command.begin(), command.end());
  return all;
}

// As when a pod is started anew under the name it had.
TEST(Dial, ATaskManagerFollowsANameToAnotherAddress) {
  const TempDir directory;
  const std::string hosts = directory.write("hosts", "127.0.0.2 leat-jobmanager\n");
  if (const Outcome tried = run(with_hosts(hosts, {"/bin/true"})); tried.code != 0)
    GTEST_SKIP() << "names cannot be changed here: " << tried.err;
  const auto job_manager = [&](const std::string& host, const std::string& port) {
    return leat(
        {"jobmanager", "--host", host, "--port", port, "--data-dir", directory.file("data")});
  };
  Process first(job_manager("127.0.0.2", "0"));
  const std::string port = first.wait_for(Stream::kErr, R"(event=listening address=\S+:(\d+))");
  Process worker(with_hosts(hosts, leat({"taskmanager", "-m", "leat-jobmanager:" + port})));
  worker.wait_for(Stream::kErr, "event=registered");
  first.signal(SIGKILL);
  first.wait();
  std::ofstream(hosts) << "127.0.0.3 leat-jobmanager\n";
  Process second(job_manager("127.0.0.3", port));
  second.wait_for(Stream::kErr, "event=taskmanager_registered");
}

}  // namespace
}  // namespace leat::test
