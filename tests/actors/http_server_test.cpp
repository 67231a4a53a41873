// The HTTP port itself, over real sockets: what it answers, and what clients cannot do to it.

#include "actors/http_server.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <filesystem>
#include <functional>
#include <future>
#include <memory>
#include <string>
#include <sys/socket.h>
#include <tuple>
#include <vector>

#include <gtest/gtest.h>

#include "tests/actors/recording_log.hpp"
#include "tests/support/http_client.hpp"

namespace leat::actors {
namespace {

using test::http;
using test::http_get;
using test::HttpSocket;

class HttpServerTest : public ::testing::Test {
 protected:
  HttpServerTest() { bind({}); }

  void bind(const HttpLimits& limits) {
    auto bound = HttpServer::bind({"127.0.0.1", 0}, limits);
    EXPECT_TRUE(bound.ok());
    server_ = std::move(*bound);
    port_ = server_->address().port;
  }

  void serve() {
    serve([] { return HttpReply{200, "text/plain", "well\n"}; });
  }
  void serve(const std::function<HttpReply()>& page) {
    server_->serve({{"/page", page}, {"/other", page}}, log_, "tester");
  }

  [[nodiscard]] std::vector<std::unique_ptr<HttpSocket>> connections(std::size_t count) const {
    std::vector<std::unique_ptr<HttpSocket>> all(count);
    for (auto& socket : all)
      socket = std::make_unique<HttpSocket>(port_);
    return all;
  }

  test::RecordingLog log_;
  std::unique_ptr<HttpServer> server_;
  std::uint16_t port_ = 0;
};

TEST_F(HttpServerTest, AnswersItsPages) {
  serve([] { return HttpReply{503, "text/x-test", "why\n"}; });
  const auto answer = http_get(port_, "/page?query=is&ignored");
  EXPECT_EQ(answer.status, 503);
  EXPECT_EQ(answer.body, "why\n");
  EXPECT_NE(answer.head.find("Content-Type: text/x-test"), std::string::npos) << answer.head;
  const auto head = http(port_, "HEAD", "/page");
  EXPECT_EQ(head.status, 503);
  EXPECT_EQ(head.body, "");
  EXPECT_EQ(test::RecordingLog::field(log_.await("http_listening"), "address"),
            "127.0.0.1:" + std::to_string(port_));
}

TEST_F(HttpServerTest, RefusesOtherPathsAndMethodsInWords) {
  serve();
  const auto other = http_get(port_, "/pages");
  EXPECT_EQ(other.status, 404);
  EXPECT_EQ(other.body, "no such page; there are:\n/other\n/page\n");
  for (const char* method : {"POST", "PUT", "DELETE"}) {
    const auto refused = http(port_, method, "/page", "Content-Length: 0\r\n");
    EXPECT_EQ(refused.status, 405) << method;
    EXPECT_NE(refused.head.find("Allow: GET, HEAD"), std::string::npos) << refused.head;
  }
}

TEST_F(HttpServerTest, AnswersAClientThatSendsWhatNobodyReads) {
  serve();
  const HttpSocket socket(port_);
  socket.send("POST /page HTTP/1.1\r\nContent-Length: 9000\r\n\r\n" + std::string(9000, 'x'));
  EXPECT_EQ(socket.answer().status, 405);
}

TEST_F(HttpServerTest, AnswersAPageWholeWhateverRangesAreAskedFor) {
  serve();
  std::string ranges = "Range: bytes=0-";
  for (int i = 0; i < 1000; ++i)
    ranges += ",0-";
  const auto answer = http(port_, "GET", "/page", ranges + "\r\n");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, "well\n");
}

TEST_F(HttpServerTest, SurvivesRubbish) {
  serve();
  for (const std::string& rubbish :
       {std::string("hello\r\n\r\n"), std::string("\r\n\r\n"), std::string(100, '\0') + "\r\n\r\n",
        std::string("GET /page HTTP/9.9\r\n\r\n"), std::string("GET\r\n\r\n"),
        std::string("GET /page HTTP/1.1\r\nno colon\r\n\r\n")}) {
    const HttpSocket socket(port_);
    socket.send(rubbish);
    EXPECT_TRUE(socket.answer().status != 200 || rubbish.starts_with("GET /page HTTP/1.1"))
        << rubbish;
  }
  EXPECT_EQ(http_get(port_, "/page").status, 200);
}

TEST_F(HttpServerTest, ReadsNoRequestWithoutEnd) {
  serve();
  for (const std::string& piece :
       {std::string(4096, 'x'), "A: " + std::string(1000, 'x') + "\r\n"}) {
    const HttpSocket socket(port_);
    socket.send("GET /page HTTP/1.1\r\n");
    std::size_t taken = 0;
    while (taken < (std::size_t{64} << 20U) && socket.send(piece))
      taken += piece.size();
    EXPECT_LT(taken, std::size_t{64} << 20U) << "it went on reading";
  }
  EXPECT_EQ(http_get(port_, "/page").status, 200);
}

TEST_F(HttpServerTest, SilentClientsHoldUpNobodyAndAreLetGo) {
  serve();
  const auto silent = connections(3);
  silent.back()->send("GET /pa");
  EXPECT_EQ(http_get(port_, "/page").status, 200);
  for (const auto& socket : silent)
    EXPECT_TRUE(socket->closed_by_peer());
}

TEST_F(HttpServerTest, TurnsAwayWhatWouldWaitTooLong) {
  bind({.patience = std::chrono::minutes(5), .threads = 2, .waiting = 3});
  serve();
  auto silent = connections(8);
  // Two are read and three wait, or three in all if the threads take theirs late.
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  std::ptrdiff_t turned_away = 0;
  while (turned_away < 3 && std::chrono::steady_clock::now() < deadline)
    turned_away = std::count_if(silent.begin(), silent.end(), [](const auto& socket) {
      return socket->closed_by_peer(std::chrono::milliseconds(1));
    });
  EXPECT_GE(turned_away, 3);
  EXPECT_LE(turned_away, 5);
  silent.clear();
  // It notices at the next read of each that they have gone.
  int status = 0;
  while (status != 200 && std::chrono::steady_clock::now() < deadline)
    status = http_get(port_, "/page").status;
  EXPECT_EQ(status, 200);
}

TEST_F(HttpServerTest, APortIsTakenFromBindingOnAndByOneProcess) {
  const auto second = HttpServer::bind({"127.0.0.1", port_});
  ASSERT_FALSE(second.ok());
  EXPECT_NE(second.error().message().find("127.0.0.1:" + std::to_string(port_)), std::string::npos);
  serve();
  EXPECT_FALSE(HttpServer::bind({"127.0.0.1", port_}).ok());
}

TEST_F(HttpServerTest, StopsAfterThePageUnderWay) {
  std::promise<void> begun;
  std::promise<void> go_on;
  std::atomic<bool> ended = false;
  serve([&] {
    begun.set_value();
    go_on.get_future().wait();
    ended = true;
    return HttpReply{};
  });
  const HttpSocket client(port_);
  client.send("GET /page HTTP/1.1\r\n\r\n");
  const HttpSocket silent(port_);
  begun.get_future().wait();
  auto stopped = std::async(std::launch::async, [this] { server_->stop(); });
  go_on.set_value();
  stopped.wait();
  EXPECT_TRUE(ended);
  std::ignore = client.receive();  // what was written before it stopped
  EXPECT_TRUE(client.closed_by_peer());
  EXPECT_TRUE(silent.closed_by_peer());
  EXPECT_FALSE(HttpSocket(port_).connected());
}

TEST_F(HttpServerTest, StopsWithoutHavingServed) {
  server_->stop();
  server_.reset();
}

/// The library gives up listening when accept() fails.
TEST_F(HttpServerTest, ListensAgainAfterAFailure) {
  serve();
  EXPECT_EQ(http_get(port_, "/page").status, 200);
  for (const auto& file : std::filesystem::directory_iterator("/proc/self/fd")) {
    const int socket = std::stoi(file.path().filename());
    int listening = 0;
    socklen_t size = sizeof listening;
    if (::getsockopt(socket, SOL_SOCKET, SO_ACCEPTCONN, &listening, &size) == 0 && listening != 0)
      ::shutdown(socket, SHUT_RDWR);
  }
  EXPECT_EQ(log_.await("http_interrupted").event, "http_interrupted");
  int status = 0;
  for (int i = 0; i < 1'000'000 && status != 200; ++i)
    status = http_get(port_, "/page").status;
  EXPECT_EQ(status, 200);
}

}  // namespace
}  // namespace leat::actors
