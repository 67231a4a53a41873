#include "tests/support/http_client.hpp"

#include <arpa/inet.h>
#include <cerrno>
#include <cstdlib>
#include <netinet/in.h>
#include <poll.h>
#include <sstream>
#include <sys/socket.h>
#include <unistd.h>

namespace leat::test {

HttpSocket::HttpSocket(std::uint16_t port)
    : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  connected_ = ::connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
}

HttpSocket::~HttpSocket() {
  ::close(socket_);
}

bool HttpSocket::wait_for(short events, std::chrono::milliseconds deadline) const {
  pollfd file{socket_, events, 0};
  return ::poll(&file, 1, static_cast<int>(deadline.count())) > 0;
}

bool HttpSocket::send(const std::string& bytes) const {
  std::size_t sent = 0;
  while (sent < bytes.size()) {
    if (!wait_for(POLLOUT))
      return false;
    const ssize_t size =
        ::send(socket_, bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (size < 0 && errno != EAGAIN)
      return false;
    sent += size > 0 ? static_cast<std::size_t>(size) : 0;
  }
  return true;
}

std::string HttpSocket::receive() const {
  std::string all;
  char piece[4096];
  while (wait_for(POLLIN)) {
    const ssize_t size = ::recv(socket_, piece, sizeof piece, 0);
    if (size <= 0)
      break;
    all.append(piece, static_cast<std::size_t>(size));
  }
  return all;
}

bool HttpSocket::closed_by_peer(std::chrono::milliseconds deadline) const {
  char byte = 0;
  return wait_for(POLLIN, deadline) && ::recv(socket_, &byte, 1, MSG_PEEK) <= 0;
}

HttpAnswer HttpSocket::answer() const {
  const std::string all = receive();
  HttpAnswer answer;
  const auto end = all.find("\r\n\r\n");
  if (!all.starts_with("HTTP/1.1 ") || end == std::string::npos)
    return answer;
  answer.status = std::atoi(all.c_str() + 9);
  answer.head = all.substr(0, end);
  answer.body = all.substr(end + 4);
  return answer;
}

HttpAnswer http(std::uint16_t port, const std::string& method, const std::string& path,
                const std::string& headers) {
  const HttpSocket socket(port);
  socket.send(method + " " + path + " HTTP/1.1\r\nHost: localhost\r\n" + headers + "\r\n");
  return socket.answer();
}

HttpAnswer http_get(std::uint16_t port, const std::string& path) {
  return http(port, "GET", path);
}

double metric_value(const std::string& page, const std::string& sample) {
  std::istringstream lines(page);
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with(sample + " "))
      return std::strtod(line.c_str() + sample.size() + 1, nullptr);
  }
  return -1;
}

}  // namespace leat::test
