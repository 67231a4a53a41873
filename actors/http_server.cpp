#include "actors/http_server.hpp"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <mutex>
#include <string>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>
#include <utility>
#include <vector>

#include "actors/http_connection.hpp"
#include "actors/node.hpp"
#include "runtime/base/check.hpp"

namespace leat::actors {

namespace {

constexpr std::chrono::milliseconds kPollInterval{1};
/// The library lets five connections wait to be accepted: a client beyond them would try again after a second.
constexpr int kBacklog = 128;
/// After accept() has failed, most often for want of descriptors.
constexpr std::chrono::seconds kListenAgain{1};

/// What the accepting thread does while no room is left: the connection is closed, not served.
thread_local bool turning_away = false;

/// Bounded in threads and in what waits for them.
class ConnectionQueue final : public httplib::TaskQueue {
 public:
  explicit ConnectionQueue(const HttpLimits& limits) : most_waiting_(limits.waiting) {
    for (std::size_t i = 0; i < limits.threads; ++i)
      threads_.emplace_back([this] { work(); });
  }

  // A task owns a connection: it must be run to close it.
  void enqueue(std::function<void()> task) override {
    {
      const std::lock_guard lock(mutex_);
      if (waiting_.size() < most_waiting_) {
        waiting_.push_back(std::move(task));
        changed_.notify_one();
        return;
      }
    }
    turning_away = true;
    task();
    turning_away = false;
  }

  void shutdown() override {
    {
      const std::lock_guard lock(mutex_);
      ended_ = true;
      changed_.notify_all();
    }
    for (std::thread& thread : threads_)
      thread.join();
  }

 private:
  void work() {
    while (true) {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [this] { return ended_ || !waiting_.empty(); });
      if (waiting_.empty())
        return;
      const auto task = std::move(waiting_.front());
      waiting_.pop_front();
      lock.unlock();
      task();
    }
  }

  const std::size_t most_waiting_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::function<void()>> waiting_;
  bool ended_ = false;
  std::vector<std::thread> threads_;
};

/// The library's server, on bounded connections.
class BoundedServer final : public httplib::Server {
 public:
  BoundedServer(const HttpLimits& limits, int stopped) : limits_(limits), stopped_(stopped) {
    // Without the library's SO_REUSEPORT, by which two processes would share a port without a word.
    set_socket_options([](socket_t socket) {
      const int on = 1;
      ::setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    });
    new_task_queue = [limits] { return new ConnectionQueue(limits); };
  }

  /// The port taken, `port` itself unless that is 0; 0: it could not be.
  std::uint16_t take(const std::string& host, std::uint16_t port) {
    const int taken = port != 0 ? (bind_to_port(host, port) ? port : -1) : bind_to_any_port(host);
    if (taken < 0)
      return 0;
    ::listen(svr_sock_, kBacklog);  // again, for more
    return static_cast<std::uint16_t>(taken);
  }

 private:
  bool process_and_close_socket(socket_t socket) override {
    HttpConnection connection(socket, stopped_, limits_);
    if (turning_away)
      return false;
    bool closed = false;
    // A page is answered whole: a request for many ranges of it would be answered with many times its size.
    const bool answered = process_request(
        connection, true, closed, [](httplib::Request& request) { request.ranges.clear(); });
    connection.finish();
    return answered;
  }

  const HttpLimits limits_;
  const int stopped_;
};

}  // namespace

class HttpServer::Impl {
 public:
  Impl(Endpoint listen, const HttpLimits& limits)
      : address_(std::move(listen)), server_(limits, stopped_) {
    LEAT_CHECK(stopped_ >= 0);
  }
  ~Impl() {
    stop();
    ::close(stopped_);
  }

  Result<void> bind() {
    const std::uint16_t port = server_.take(address_.host, address_.port);
    if (port == 0)
      return listen_error(address_, "the HTTP port");
    address_.port = port;
    return {};
  }

  [[nodiscard]] const Endpoint& address() const { return address_; }

  void serve(HttpPages pages, LogSink& log, const std::string& who) {
    LEAT_CHECK(!acceptor_.joinable());
    pages_ = std::move(pages);
    server_.set_pre_routing_handler(
        [this](const httplib::Request& request, httplib::Response& response) {
          answer(request, response);
          return httplib::Server::HandlerResponse::Handled;
        });
    log.write({LogLevel::kInfo, who, "http_listening", {{"address", address_.text()}}});
    acceptor_ = std::thread([this, &log, who] {
      accept(log, who);
      ended_ = true;
    });
  }

  void stop() {
    if (!acceptor_.joinable())
      return;
    stopping_ = true;
    LEAT_CHECK(::eventfd_write(stopped_, 1) == 0);
    // The library can be told to stop only once it runs, and only once.
    bool told = false;
    while (!ended_) {
      if (!told && server_.is_running()) {
        server_.stop();
        told = true;
      }
      std::this_thread::sleep_for(kPollInterval);
    }
    acceptor_.join();
    pages_.clear();
  }

 private:
  void accept(LogSink& log, const std::string& who) {
    while (!stopping_) {
      server_.listen_after_bind();
      if (stopping_)
        return;
      log.write({LogLevel::kWarn,
                 who,
                 "http_interrupted",
                 {{"address", address_.text()}, {"action", "listen_again"}}});
      do {
        std::this_thread::sleep_for(kListenAgain);
      } while (!stopping_ && server_.take(address_.host, address_.port) == 0);
    }
  }

  void answer(const httplib::Request& request, httplib::Response& response) const {
    const auto page = pages_.find(request.path);
    if (page == pages_.end()) {
      response.status = 404;
      response.set_content(paths(), "text/plain; charset=utf-8");
    } else if (request.method != "GET" && request.method != "HEAD") {
      response.status = 405;
      response.set_header("Allow", "GET, HEAD");
      response.set_content("only GET and HEAD are answered here\n", "text/plain; charset=utf-8");
    } else {
      const HttpReply reply = page->second();
      response.status = reply.status;
      response.set_content(reply.body, reply.content_type);
    }
  }

  [[nodiscard]] std::string paths() const {
    std::string text = "no such page; there are:\n";
    for (const auto& [path, page] : pages_)
      text += path + "\n";
    return text;
  }

  Endpoint address_;
  const int stopped_ = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);  // readable from stop() on
  BoundedServer server_;
  HttpPages pages_;
  std::atomic<bool> stopping_ = false;
  std::atomic<bool> ended_ = false;
  std::thread acceptor_;
};

HttpServer::HttpServer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

HttpServer::~HttpServer() = default;

Result<std::unique_ptr<HttpServer>> HttpServer::bind(const Endpoint& listen,
                                                     const HttpLimits& limits) {
  auto impl = std::make_unique<Impl>(listen, limits);
  if (auto bound = impl->bind(); !bound)
    return bound.error();
  return std::unique_ptr<HttpServer>(new HttpServer(std::move(impl)));
}

const Endpoint& HttpServer::address() const {
  return impl_->address();
}

void HttpServer::serve(HttpPages pages, LogSink& log, const std::string& who) {
  impl_->serve(std::move(pages), log, who);
}

void HttpServer::stop() {
  impl_->stop();
}

}  // namespace leat::actors
