#pragma once

// One client's connection to the HTTP port, as the HTTP library reads and writes it. Bounded in time and in
// bytes, whatever the client does: the library itself would read lines of any length, at any pace. Used
// on one thread; owns the socket.

#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

#include <httplib.h>

#include "actors/http_limits.hpp"

namespace leat::actors {

class HttpConnection final : public httplib::Stream {
 public:
  /// `stopped`: a descriptor that becomes readable when everything is to end; outlives the connection.
  HttpConnection(int socket, int stopped, const HttpLimits& limits);
  ~HttpConnection() override;
  HttpConnection(const HttpConnection&) = delete;
  HttpConnection& operator=(const HttpConnection&) = delete;

  [[nodiscard]] bool is_readable() const override { return at_ < buffer_.size() || !over(); }
  [[nodiscard]] bool is_writable() const override { return !over(); }
  ssize_t read(char* into, std::size_t size) override;
  ssize_t write(const char* bytes, std::size_t size) override;
  void get_remote_ip_and_port(std::string& ip, int& port) const override;
  void get_local_ip_and_port(std::string& ip, int& port) const override;
  [[nodiscard]] socket_t socket() const override { return socket_; }

  /// After the answer: takes what the client still sends, because closing before that would make its
  /// system throw the answer away.
  void finish();

 private:
  using Clock = std::chrono::steady_clock;

  [[nodiscard]] bool over() const { return Clock::now() >= deadline_; }
  /// False at the deadline, or when everything is to end.
  [[nodiscard]] bool wait_for(short events) const;
  [[nodiscard]] ssize_t receive();

  const int socket_;
  const int stopped_;
  const HttpLimits limits_;
  Clock::time_point deadline_;
  std::size_t received_ = 0;
  bool answering_ = false;
  std::string buffer_;  // of what was received, from at_ on not yet read
  std::size_t at_ = 0;
};

}  // namespace leat::actors
