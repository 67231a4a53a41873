#include "actors/http_connection.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>

namespace leat::actors {

namespace {

constexpr std::size_t kReadAtOnce = 4096;
constexpr std::chrono::milliseconds kFarewell{200};

}  // namespace

HttpConnection::HttpConnection(int socket, int stopped, const HttpLimits& limits)
    : socket_(socket),
      stopped_(stopped),
      limits_(limits),
      deadline_(Clock::now() + limits.patience) {}

HttpConnection::~HttpConnection() {
  ::close(socket_);
}

bool HttpConnection::wait_for(short events) const {
  while (true) {
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(deadline_ - Clock::now()).count();
    if (left <= 0)
      return false;
    std::array<pollfd, 2> files{{{socket_, events, 0}, {stopped_, POLLIN, 0}}};
    const int ready = ::poll(files.data(), files.size(), static_cast<int>(left));
    if (ready < 0 && errno != EINTR)
      return false;
    if (ready > 0)
      return files[1].revents == 0;
  }
}

ssize_t HttpConnection::receive() {
  const std::size_t most = std::min(kReadAtOnce, limits_.request_bytes - received_);
  if (most == 0 || !wait_for(POLLIN))
    return -1;
  buffer_.resize(most);
  at_ = 0;
  const ssize_t size = ::recv(socket_, buffer_.data(), most, MSG_DONTWAIT);
  buffer_.resize(static_cast<std::size_t>(std::max<ssize_t>(size, 0)));
  received_ += buffer_.size();
  return size;
}

ssize_t HttpConnection::read(char* into, std::size_t size) {
  if (at_ == buffer_.size()) {
    const ssize_t received = receive();
    if (received <= 0)
      return received;
  }
  const std::size_t taken = buffer_.copy(into, size, at_);
  at_ += taken;
  return static_cast<ssize_t>(taken);
}

ssize_t HttpConnection::write(const char* bytes, std::size_t size) {
  if (!std::exchange(answering_, true))
    deadline_ = Clock::now() + limits_.patience;
  if (!wait_for(POLLOUT))
    return -1;
  return ::send(socket_, bytes, size, MSG_NOSIGNAL | MSG_DONTWAIT);
}

// Nobody asks for them.
void HttpConnection::get_remote_ip_and_port(std::string& ip, int& port) const {
  ip.clear();
  port = 0;
}

void HttpConnection::get_local_ip_and_port(std::string& ip, int& port) const {
  get_remote_ip_and_port(ip, port);
}

void HttpConnection::finish() {
  ::shutdown(socket_, SHUT_WR);
  deadline_ = Clock::now() + kFarewell;
  while (receive() > 0) {
  }
}

}  // namespace leat::actors
