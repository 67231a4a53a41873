#include "tests/actors/swallowing_listener.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace leat::test {

SwallowingListener::SwallowingListener() {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  auto* const any = reinterpret_cast<sockaddr*>(&address);
  socklen_t length = sizeof(address);
  const int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockets_.push_back(listener);
  if (bind(listener, any, length) != 0 || listen(listener, 0) != 0 ||
      getsockname(listener, any, &length) != 0)
    return;
  port_ = ntohs(address.sin_port);
  for (int tries = 0; tries < 16 && !full_; ++tries) {
    const int filler = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    sockets_.push_back(filler);
    connect(filler, any, length);
    pollfd waiting{filler, POLLOUT, 0};
    full_ = poll(&waiting, 1, 100) == 0;
  }
}

SwallowingListener::~SwallowingListener() {
  for (const int socket : sockets_)
    close(socket);
}

}  // namespace leat::test
