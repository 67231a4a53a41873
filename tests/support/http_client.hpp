#pragma once

// HTTP by hand over a socket on loopback, so that a test can also send what no library would. Everything has
// a deadline.

#include <chrono>
#include <cstdint>
#include <string>

namespace leat::test {

constexpr std::chrono::milliseconds kHttpDeadline{30'000};

struct HttpAnswer {
  int status = 0;    ///< 0: nothing that is HTTP came
  std::string head;  ///< with the status line
  std::string body;
};

class HttpSocket {
 public:
  explicit HttpSocket(std::uint16_t port);
  ~HttpSocket();
  HttpSocket(const HttpSocket&) = delete;
  HttpSocket& operator=(const HttpSocket&) = delete;

  [[nodiscard]] bool connected() const { return connected_; }
  /// False if the other side has closed.
  bool send(const std::string& bytes) const;
  /// All that comes until the other side closes, or breaks the connection.
  [[nodiscard]] std::string receive() const;
  /// True if the other side closes before the deadline.
  [[nodiscard]] bool closed_by_peer(std::chrono::milliseconds deadline = kHttpDeadline) const;
  HttpAnswer answer() const;

 private:
  [[nodiscard]] bool wait_for(short events,
                              std::chrono::milliseconds deadline = kHttpDeadline) const;

  int socket_;
  bool connected_ = false;
};

[[nodiscard]] HttpAnswer http(std::uint16_t port, const std::string& method,
                              const std::string& path, const std::string& headers = "");
[[nodiscard]] HttpAnswer http_get(std::uint16_t port, const std::string& path);

/// The value of a sample, `name{labels}` as it stands on the page; -1: it does not stand there.
[[nodiscard]] double metric_value(const std::string& page, const std::string& sample);

}  // namespace leat::test
