// Strangers at the ports of a cluster that uses TLS: whatever they send, it stays up and serves its own.

#include <arpa/inet.h>
#include <functional>
#include <memory>
#include <netinet/in.h>
#include <random>
#include <string>
#include <sys/socket.h>
#include <unistd.h>
#include <vector>

#include <gmock/gmock.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include "tests/actors/test_certificates.hpp"
#include "tests/integration/cluster.hpp"
#include "tests/integration/oracle.hpp"
#include "tests/integration/tls_conf.hpp"

namespace leat::test {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

/// To each port. Few enough for a test that may have a hundred descriptors.
constexpr std::size_t kSilentOnes = 10;
constexpr int kRandomMessages = 100;

/// A connection to a port on loopback, of the plainest kind.
class Stranger {
 public:
  explicit Stranger(int port) : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    const timeval patience{kPatience.count(), 0};
    EXPECT_EQ(setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience), 0);
    EXPECT_EQ(connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  }
  ~Stranger() { close(socket_); }
  Stranger(const Stranger&) = delete;
  Stranger& operator=(const Stranger&) = delete;

  [[nodiscard]] int socket() const { return socket_; }

  /// Sends all of it and waits until the other side has closed the connection.
  void send_and_be_shut_out(const std::string& bytes) const {
    ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    shutdown(socket_, SHUT_WR);
    char answer[4096];
    ssize_t read = 1;
    while (read > 0)
      read = recv(socket_, answer, sizeof answer, 0);
    EXPECT_FALSE(read < 0 && errno == EAGAIN) << "still open";
  }

 private:
  int socket_;
};

/// Valid for CAF: a client says hello, without a payload. In the clear it ends a process.
std::string caf_header() {
  std::string header(32, '\0');
  header[0] = 1;
  return header;
}

/// Of CAF's routed message, which announces a payload of 4 GiB.
std::string huge_caf_header() {
  std::string header(32, '\0');
  header[0] = 3;
  header.replace(4, 4, "\xff\xff\xff\xff");
  header[31] = 1;
  return header;
}

/// OpenSSL's reason for which the server does not talk to a client without a certificate.
int reason_for_no_certificate(int port) {
  const Stranger stranger(port);
  const std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context(SSL_CTX_new(TLS_client_method()),
                                                                  SSL_CTX_free);
  const std::unique_ptr<SSL, decltype(&SSL_free)> session(SSL_new(context.get()), SSL_free);
  SSL_set_fd(session.get(), stranger.socket());
  ERR_clear_error();
  char byte = 0;
  const bool served = SSL_connect(session.get()) == 1 && SSL_read(session.get(), &byte, 1) > 0;
  EXPECT_FALSE(served);
  return ERR_GET_REASON(ERR_peek_last_error());
}

class Hostile : public ::testing::Test {
 protected:
  Hostile() {
    for (std::size_t i = 0; i < 2; ++i) {
      workers_.push_back(
          std::make_unique<Process>(leat({"taskmanager", "--config", conf_, "-m", address()})));
      ports_.push_back(
          std::stoi(workers_[i]->wait_for(Stream::kErr, R"(event=listening .*address=\S+:(\d+))")));
      workers_[i]->wait_for(Stream::kErr, "event=registered");
    }
  }

  [[nodiscard]] std::string address() const { return "127.0.0.1:" + std::to_string(ports_[0]); }

  void expect_served_as_ever() {
    const std::string output = directory_.file("output");
    const Outcome outcome =
        run(leat({"run", "--config", conf_, "-m", address(), "-p", "2", example_job("sequence"),
                  "--count", "1000", "--keys", "3", "--output", output}));
    EXPECT_EQ(outcome.code, 0) << outcome.err;
    EXPECT_EQ(sorted_output(output + "/sums"), sums_by_awk(1000, 3));
    EXPECT_THAT(manager_.err(), Not(HasSubstr("event=taskmanager_lost")));
    for (const auto& worker : workers_)
      EXPECT_THAT(worker->err(), Not(HasSubstr("event=jobmanager_lost")));
  }

  TempDir directory_;
  TestAuthority authority_{directory_.path().string(), "cluster"};
  std::string conf_ = tls_conf(directory_, authority_.issue("node"));
  Process manager_{leat({"jobmanager", "--config", conf_, "--host", "0.0.0.0", "--port", "0",
                         "--data-dir", directory_.file("data")})};
  std::vector<std::unique_ptr<Process>> workers_;
  /// The JobManager's, then the TaskManagers'.
  std::vector<int> ports_{
      std::stoi(manager_.wait_for(Stream::kErr, R"(event=listening address=\S+:(\d+))"))};
};

TEST_F(Hostile, BytesInTheClearLeaveTheClusterUpAndServing) {
  std::mt19937 random(5);  // NOLINT: the same bytes each time
  for (const int port : ports_) {
    for (const std::string& bytes :
         {caf_header(), huge_caf_header(), caf_header() + std::string(100000, 'x'),
          std::string("GET / HTTP/1.1\r\nHost: leat\r\n\r\n"),
          std::string("\x16\x03\x01\x40\x00", 5), std::string()})
      Stranger(port).send_and_be_shut_out(bytes);
    for (int i = 0; i < kRandomMessages; ++i) {
      std::string bytes(random() % 2000, '\0');
      for (char& byte : bytes)
        byte = static_cast<char>(random());
      Stranger(port).send_and_be_shut_out(bytes);
    }
  }
  expect_served_as_ever();
  manager_.wait_for(Stream::kErr, "event=peer_refused .*does not speak TLS");
}

TEST_F(Hostile, SilentConnectionsHoldNobodyUp) {
  std::vector<std::unique_ptr<Stranger>> silent;
  for (const int port : ports_)
    for (std::size_t i = 0; i < kSilentOnes; ++i)
      silent.push_back(std::make_unique<Stranger>(port));
  expect_served_as_ever();
}

TEST_F(Hostile, AClientWithoutACertificateGetsNowhere) {
  for (const int port : ports_)
    EXPECT_EQ(reason_for_no_certificate(port), SSL_R_TLSV13_ALERT_CERTIFICATE_REQUIRED);
  manager_.wait_for(Stream::kErr, "event=peer_refused .*it shows no certificate");
  for (const auto& worker : workers_)
    worker->wait_for(Stream::kErr, "event=peer_refused .*it shows no certificate");
  expect_served_as_ever();
}

}  // namespace
}  // namespace leat::test
